using System.Text;
using ImageCache.Engine.Formats;
using Xunit;

namespace ImageCache.Engine.Tests.Formats;

public sealed class QemuOutputTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void ProgressIsReadHoweverItIsCut(int size)
    {
        List<double> seen = [];
        QemuProgressReader reader = new(seen.Add);
        byte[] output = Encoding.ASCII.GetBytes("    (0.00/100%)\r    (12.34/100%)\r    (100.00/100%)\r\n");

        foreach (byte[] piece in output.Chunk(size))
        {
            reader.Read(piece);
        }

        Assert.Equal([0, 12.34, 100], seen);
    }

    [Theory]
    [InlineData("(/100%)")]
    [InlineData("(x/100%)")]
    [InlineData("(-1/100%)")]
    [InlineData("(1111111111111111111111/100%)")]
    [InlineData("12/100%")]
    [InlineData("(((((((((")]
    public void OutputThatIsNoProgressIsPassedOver(string output)
    {
        List<double> seen = [];

        new QemuProgressReader(seen.Add).Read(Encoding.ASCII.GetBytes(output));

        Assert.Empty(seen);
    }

    [Fact]
    public void ProgressBeyondTheEndIsTheEnd()
    {
        List<double> seen = [];

        new QemuProgressReader(seen.Add).Read("(250.0/100%)"u8);

        Assert.Equal([100], seen);
    }

    [Fact]
    public void InfoIsReadFromJson()
    {
        QemuImageInfo? info = QemuImageInfoReader.TryRead("""
            { "virtual-size": 1048576, "filename": "x", "cluster-size": 65536, "format": "vmdk", "actual-size": 4096, "encrypted": true,
              "backing-filename": "base", "format-specific": { "type": "vmdk",
              "data": { "create-type": "streamOptimized", "data-file": "data", "corrupt": true, "extents": [ {} ] } }, "dirty-flag": false }
            """);

        Assert.Equal(
            new QemuImageInfo
            {
                Format = "vmdk",
                VirtualSize = 1048576,
                ActualSize = 4096,
                ClusterSize = 65536,
                BackingFile = "base",
                DataFile = "data",
                CreateType = "streamOptimized",
                IsEncrypted = true,
                IsCorrupt = true,
            },
            info);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{ "format": "raw" }""")]
    [InlineData("""{ "format": 7, "virtual-size": 1 }""")]
    [InlineData("""{ "format": "raw", "virtual-size": -1 }""")]
    [InlineData("""{ "format": "raw", "virtual-size": 99999999999999999999999 }""")]
    [InlineData("""{ "format": "raw", "virtual-size": "1" }""")]
    [InlineData("""{ "format": "raw", "virtual-size": 1 """)]
    public void UnusableInfoIsNone(string json) => Assert.Null(QemuImageInfoReader.TryRead(json));

    [Theory]
    [InlineData("""{ "format": "raw", "virtual-size": 1, "format-specific": [] }""")]
    [InlineData("""{ "format": "raw", "virtual-size": 1, "format-specific": { "data": 5 } }""")]
    [InlineData("""{ "format": "raw", "virtual-size": 1, "backing-filename": null, "encrypted": "yes" }""")]
    public void OddMembersAreAbsentOnes(string json)
        => Assert.Equal(new QemuImageInfo { Format = "raw", VirtualSize = 1 }, QemuImageInfoReader.TryRead(json));

    [Fact]
    public void OverlongNameIsCutButNotLost()
        => Assert.Equal(4096, QemuImageInfoReader.TryRead(
            $$"""{ "format": "raw", "virtual-size": 1, "backing-filename": "{{new string('x', 5000)}}" }""")?.BackingFile?.Length);

    [Fact]
    public void DeeplyNestedJsonIsNone()
        => Assert.Null(QemuImageInfoReader.TryRead(new string('[', 100_000)));
}
