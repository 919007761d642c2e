using System.Text;
using ImageCache.Engine.Formats;
using Xunit;

namespace ImageCache.Engine.Tests.Formats;

public sealed class VmdkProbeTests
{
    [Theory]
    [InlineData("monolithicSparse")]
    [InlineData("streamOptimized")]
    public void SelfContainedTypeIsAccepted(string createType)
    {
        FormatReport report = Inspection.Of(SampleImages.Vmdk(SampleImages.VmdkText(createType)));

        Assert.Empty(report.Problems());
        Assert.Equal(createType, Assert.Single(report.Detected).Subformat);
    }

    [Theory]
    [InlineData("monolithicFlat")]
    [InlineData("twoGbMaxExtentSparse")]
    [InlineData("twoGbMaxExtentFlat")]
    [InlineData("vmfs")]
    [InlineData("vmfsSparse")]
    [InlineData("custom")]
    [InlineData("fullDevice")]
    [InlineData("partitionedDevice")]
    [InlineData("")]
    public void TypeThatNamesOtherFilesIsRefused(string createType)
        => Assert.Contains($"type '{createType}'", Inspection.Of(SampleImages.Vmdk(SampleImages.VmdkText(createType))).Problems(), StringComparison.Ordinal);

    [Fact]
    public void TypeIsShownWithoutWhatATerminalWouldObey()
        => Assert.DoesNotContain('\u001b', Inspection.Of(SampleImages.Vmdk(SampleImages.VmdkText("\u001b[2J"))).Problems());

    [Theory]
    [InlineData("RW 131072 FLAT \"/etc/shadow\" 0\n", "names a path of the host")]
    [InlineData("RW 131072 SPARSE \"disk.vmdk\"\nRDONLY 1 FLAT \"/dev/sda\" 0\n", "names a path of the host")]
    [InlineData("\n", "without extents")]
    [InlineData("EXTENT 131072 SPARSE \"disk.vmdk\"\n", "not understood")]
    [InlineData("RW 131072 SPARSE \"disk.vmdk\"\nsome words here\n", "not understood")]
    [InlineData("RW 131072 SPARSE \"disk.vmdk\"\ntwo words=1\n", "not understood")]
    public void NastyLineIsRefused(string extents, string problem)
        => Assert.Contains(problem, Inspection.Of(SampleImages.Vmdk(SampleImages.VmdkText(extents: extents))).Problems(), StringComparison.Ordinal);

    [Theory]
    [InlineData("parentCID=12345678")]
    [InlineData("parentFileNameHint=\"/etc/shadow\"")]
    [InlineData("# parentFileNameHint=\"/etc/shadow\"")]
    [InlineData("PARENTFILENAMEHINT=\"x\"")]
    public void ParentIsRefused(string line)
        => Assert.Contains("has a parent", Inspection.Of(SampleImages.Vmdk(SampleImages.VmdkText(more: line))).Problems(), StringComparison.Ordinal);

    [Fact]
    public void SecondCreateTypeIsRefused()
        => Assert.Contains(
            "several create types",
            Inspection.Of(SampleImages.Vmdk(SampleImages.VmdkText(more: "createtype=\"monolithicFlat\""))).Problems(),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("", "without a create type")]
    [InlineData("createType=\"", "without a create type")]
    [InlineData("\u00ff", "not text")]
    public void DescriptorThatSaysNothingIsRefused(string descriptor, string problem)
        => Assert.Contains(problem, Inspection.Of(SampleImages.Vmdk(descriptor)).Problems(), StringComparison.Ordinal);

    [Fact]
    public void OverlongCreateTypeIsRefused()
        => Assert.Contains(
            "without a create type",
            Inspection.Of(SampleImages.Vmdk(SampleImages.VmdkText(new string('a', 64)))).Problems(),
            StringComparison.Ordinal);

    [Fact]
    public void TextBehindTheFirstNulIsNotTheDescriptors()
        => Assert.Empty(Inspection.Of(SampleImages.Vmdk(SampleImages.VmdkText() + "\0RW 1 FLAT \"/etc/shadow\" 0\n")).Problems());

    [Theory]
    [InlineData(4, 0)]
    [InlineData(4, 4)]
    public void UnknownVersionIsRefused(int offset, uint version)
        => Assert.Contains("VMDK version", Inspection.Of(SampleImages.Vmdk(null, image => SampleImages.LittleEndian32(image, offset, version))).Problems(), StringComparison.Ordinal);

    [Theory]
    [InlineData(12, 0)]
    [InlineData(12, -1)]
    [InlineData(12, long.MaxValue)]
    [InlineData(28, 0)]
    [InlineData(28, 2)]
    [InlineData(28, -1)]
    [InlineData(36, 0)]
    [InlineData(36, 2049)]
    [InlineData(36, -1)]
    [InlineData(56, -1)]
    public void AbsurdHeaderFieldIsRefused(int offset, long value)
        => Assert.NotEmpty(Inspection.Of(SampleImages.Vmdk(null, image => SampleImages.LittleEndian64(image, offset, value))).Problems());

    [Fact]
    public void DescriptorOfTheLargestSizeIsReadWhole()
    {
        byte[] image = SampleImages.Vmdk(SampleImages.VmdkText() + new string('\n', 70_000), null, 2 << 20);
        SampleImages.LittleEndian64(image, 36, 2048);
        Encoding.ASCII.GetBytes("RW 1 FLAT \"/etc/shadow\" 0\n").CopyTo(image, 512 + SampleImages.VmdkText().Length + 70_000);

        Assert.Contains("names a path of the host", Inspection.Of(image).Problems(), StringComparison.Ordinal);
        Assert.Equal(Inspection.Of(image).Describe(), Inspection.InRandomPieces(image, 5).Describe());
    }

    [Fact]
    public void ImageThatEndsWithinItsDescriptorIsRefused()
        => Assert.Contains("ends before its VMDK descriptor", Inspection.Of(SampleImages.Vmdk()[..2048]).Problems(), StringComparison.Ordinal);

    [Theory]
    [InlineData(0 + 8, 1u)]
    [InlineData(0 + 12, 0u)]
    [InlineData(0 + 300, 1u)]
    [InlineData(512 + 0, 0u)]
    [InlineData(512 + 4, 2u)]
    [InlineData(512 + 12, 0u)]
    [InlineData(512 + 28, 2u)]
    [InlineData(512 + 36, 21u)]
    [InlineData(1024 + 0, 1u)]
    [InlineData(1024 + 12, 3u)]
    [InlineData(1024 + 400, 1u)]
    public void FooterThatContradictsTheHeaderIsRefused(int offset, uint value)
        => Assert.Contains(
            "footer",
            Inspection.Of(SampleImages.VmdkWithFooter(image => SampleImages.LittleEndian32(image, image.Length - 1536 + offset, value))).Problems(),
            StringComparison.Ordinal);

    [Fact]
    public void FooterThatSendsToAnotherFooterIsRefused()
        => Assert.Contains(
            "footer",
            Inspection.Of(SampleImages.VmdkWithFooter(static image => SampleImages.LittleEndian64(image, image.Length - 1024 + 56, -1))).Problems(),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("# Disk DescriptorFile\nversion=1\ncreateType=\"monolithicFlat\"\nRW 1 FLAT \"/etc/shadow\" 0\n")]
    [InlineData("# Disk DescriptorFile\nversion=1\ncreateType=\"monolithicSparse\"\nRW 1 SPARSE \"disk.vmdk\"\n")]
    [InlineData("  # comment\n\nversion=3\n")]
    [InlineData("CREATETYPE=\"vmfs\"\n")]
    [InlineData("# Disk DescriptorFile\n")]
    public void DescriptorOnItsOwnIsRefused(string text)
    {
        FormatReport report = Inspection.Of(Encoding.ASCII.GetBytes(text));

        Assert.Equal(ImageFormat.Vmdk, report.Format);
        Assert.Contains("names other files", report.Problems(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("#!/bin/sh\necho version=1\n")]
    [InlineData("just text\n")]
    public void OtherTextIsRaw(string text)
        => Assert.Equal(ImageFormat.Raw, Inspection.Of(Encoding.ASCII.GetBytes(text)).Format);

    [Fact]
    public void ExtentOfEsxIsRefused()
        => Assert.Contains("COWD", Inspection.Of([.. "COWD"u8, .. new byte[4096]]).Problems(), StringComparison.Ordinal);

    [Theory]
    [InlineData("version=1\n")]
    [InlineData("# a comment\n\n  \r\nversion=3\r\n")]
    public void DescriptorIsRecognisedByItsVersionWhateverFollows(string beginning)
    {
        byte[] image = [.. System.Text.Encoding.ASCII.GetBytes(beginning + "createType=\"monolithicFlat\"\nRW 1 FLAT \"/etc/hostname\" 0\n# "), 0xFF, 0x00];

        Assert.Contains("names other files", Inspection.Of(image).Problems(), StringComparison.Ordinal);
    }

    [Fact]
    public void FooterThatDoesNotEndInWholeSectorsIsRefused()
    {
        byte[] image = SampleImages.VmdkWithFooter();
        byte[] longer = [.. image[..^1536], 0, .. image[^1536..]];

        Assert.Contains("footer", Inspection.Of(longer).Problems(), StringComparison.Ordinal);
    }
}
