using ImageCache.Engine.Formats;
using Xunit;

namespace ImageCache.Engine.Tests.Formats;

public sealed class DiskFormatNamesTests
{
    [Theory]
    [InlineData("raw", "raw")]
    [InlineData("ami", "raw")]
    [InlineData("aki", "raw")]
    [InlineData("ari", "raw")]
    [InlineData("iso", "raw")]
    [InlineData("gpt", "raw")]
    [InlineData("qcow2", "qcow2")]
    [InlineData("vmdk", "vmdk")]
    [InlineData("vhd", "vpc")]
    [InlineData("vhdx", "vhdx")]
    [InlineData("vdi", "vdi")]
    [InlineData("ploop", "parallels")]
    [InlineData("luks", "luks")]
    public void GlancesWordsHaveQemusWords(string glance, string qemu)
    {
        Assert.True(DiskFormatNames.TryParse(glance, out ImageFormat? format));
        Assert.Equal(qemu, DiskFormatNames.ToQemu(format.Value));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("QCOW2")]
    [InlineData("qed")]
    [InlineData("vpc")]
    public void OtherWordsAreNotGlances(string? word) => Assert.False(DiskFormatNames.TryParse(word, out _));

    [Fact]
    public void EveryFormatHasAWordAndComesBackFromIt()
    {
        foreach (ImageFormat format in Enum.GetValues<ImageFormat>().Where(static format => format != ImageFormat.Qed))
        {
            Assert.True(DiskFormatNames.TryParse(DiskFormatNames.ToGlance(format), out ImageFormat? parsed));
            Assert.Equal(format, parsed);
            Assert.NotEmpty(DiskFormatNames.ToQemu(format));
        }
    }
}
