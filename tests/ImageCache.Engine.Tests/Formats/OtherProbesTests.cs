using ImageCache.Engine.Formats;
using Xunit;

namespace ImageCache.Engine.Tests.Formats;

public sealed class OtherProbesTests
{
    [Fact]
    public void QedIsAlwaysRefused()
        => Assert.Contains("QED", Inspection.Of(SampleImages.Qed()).Problems(), StringComparison.Ordinal);

    [Fact]
    public void DifferencingVhdIsRefused()
        => Assert.Contains("parent", Inspection.Of(SampleImages.Vhd(4)).Problems(), StringComparison.Ordinal);

    [Fact]
    public void DifferencingFooterBehindADynamicHeaderIsRefused()
    {
        byte[] image = SampleImages.Vhd();
        SampleImages.VhdFooter(4).CopyTo(image, image.Length - 512);

        Assert.Contains("parent", Inspection.Of(image).Problems(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(uint.MaxValue)]
    public void OtherVhdTypeAtTheBeginningIsRefused(uint type)
        => Assert.Contains("type", Inspection.Of(SampleImages.Vhd(type)).Problems(), StringComparison.Ordinal);

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void DifferencingVhdxIsRefused(bool hasParent, bool hasLocator)
        => Assert.Contains("parent", Inspection.Of(SampleImages.Vhdx(hasParent, hasLocator)).Problems(), StringComparison.Ordinal);

    [Theory]
    [InlineData(192 * 1024, 0)]
    [InlineData((192 * 1024) + 8, 2048)]
    [InlineData((192 * 1024) + 8, uint.MaxValue)]
    [InlineData((192 * 1024) + 48, 1)]
    [InlineData((192 * 1024) + 64, 4096)]
    [InlineData((192 * 1024) + 68, 0xFFFFFFFF)]
    [InlineData((192 * 1024) + 68, 0x7FFFFFFF)]
    [InlineData(SampleImages.VhdxMetadata, 0)]
    [InlineData(SampleImages.VhdxMetadata + 8, 0xFFFF0000)]
    [InlineData(SampleImages.VhdxMetadata + 32 + 16, 16)]
    [InlineData(SampleImages.VhdxMetadata + 64 + 16, uint.MaxValue)]
    [InlineData(SampleImages.VhdxMetadata + 0x1000C, 0xFFFFFFFF)]
    public void DamagedVhdxIsRefused(int offset, uint value)
        => Assert.NotEmpty(Inspection.Of(SampleImages.Vhdx(spoil: image => SampleImages.LittleEndian32(image, offset, value))).Problems());

    [Fact]
    public void VhdxEntryThatIsThereTwiceIsRefused()
        => Assert.Contains(
            "twice",
            Inspection.Of(SampleImages.Vhdx(hasLocator: true, spoil: static image =>
                new Guid("2FA54224-CD1B-4876-B211-5DBED83BF4B8").ToByteArray().CopyTo(image, SampleImages.VhdxMetadata + 96))).Problems(),
            StringComparison.Ordinal);

    [Theory]
    [InlineData(100)]
    [InlineData(200 * 1024)]
    [InlineData(SampleImages.VhdxMetadata + 100)]
    [InlineData(SampleImages.VhdxMetadata + 0x10004)]
    public void CutVhdxIsRefused(int length)
    {
        FormatReport report = Inspection.Of(SampleImages.Vhdx()[..length]);

        Assert.Equal(ImageFormat.Vhdx, report.Format);
        Assert.NotEmpty(report.Problems());
    }

    [Fact]
    public void DifferencingVdiIsRefused()
        => Assert.Contains("parent", Inspection.Of(SampleImages.Vdi(4)).Problems(), StringComparison.Ordinal);

    [Theory]
    [InlineData(0x1A8)]
    [InlineData(0x1C7)]
    public void VdiWithALinkIsRefused(int offset)
        => Assert.Contains("parent", Inspection.Of(SampleImages.Vdi(spoil: image => image[offset] = 1)).Problems(), StringComparison.Ordinal);

    [Fact]
    public void UnknownVdiTypeIsRefused()
        => Assert.Contains("type 7", Inspection.Of(SampleImages.Vdi(7)).Problems(), StringComparison.Ordinal);

    [Fact]
    public void VdiOfAnImpossibleSizeIsRefused()
        => Assert.Contains(
            "impossible virtual size",
            Inspection.Of(SampleImages.Vdi(spoil: static image => SampleImages.LittleEndian64(image, 0x170, -1))).Problems(),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("CD001")]
    [InlineData("NSR02")]
    [InlineData("NSR03")]
    public void VolumeDescriptorMakesAnIso(string identifier)
        => Assert.Equal(ImageFormat.Iso, Inspection.Of(SampleImages.Iso(identifier)).Format);

    [Fact]
    public void LuksOfVersion2IsRefused()
        => Assert.Contains("LUKS version 2", Inspection.Of(SampleImages.Luks(2)).Problems(), StringComparison.Ordinal);

    [Fact]
    public void LuksWhosePayloadIsMissingIsRefused()
        => Assert.Contains("payload", Inspection.Of(SampleImages.Luks()[..1_000_000]).Problems(), StringComparison.Ordinal);

    [Fact]
    public void BootSectorOfAFatFileSystemIsRaw()
    {
        byte[] image = SampleImages.Mbr(static image =>
        {
            image[0x10] = 2;
            image[0x15] = 0xF8;
        });

        Assert.Equal(ImageFormat.Raw, Inspection.Of(image).Format);
    }

    [Fact]
    public void InvalidBootFlagIsRefused()
        => Assert.Contains("boot flag", Inspection.Of(SampleImages.Mbr(static image => image[446 + 32] = 0x7F)).Problems(), StringComparison.Ordinal);

    [Fact]
    public void PartitionTableWithoutPartitionsIsRefused()
        => Assert.Contains("without partitions", Inspection.Of(SampleImages.Mbr(static image => image.AsSpan(446, 64).Clear())).Problems(), StringComparison.Ordinal);

    [Fact]
    public void ProtectivePartitionBesideOthersIsRefused()
        => Assert.Contains(
            "beside others",
            Inspection.Of(SampleImages.Gpt(static image => SampleImages.Partition(image, 1, 0x83, 2048))).Problems(),
            StringComparison.Ordinal);

    [Theory]
    [InlineData(448, 1)]
    [InlineData(454, 2)]
    public void ProtectivePartitionInTheWrongPlaceIsRefused(int offset, byte value)
        => Assert.Contains("wrong place", Inspection.Of(SampleImages.Gpt(image => image[offset] = value)).Problems(), StringComparison.Ordinal);

    [Fact]
    public void ProtectivePartitionThatIsNotTheFirstIsRefused()
        => Assert.Contains(
            "wrong place",
            Inspection.Of(SampleImages.Gpt(static image =>
            {
                image.AsSpan(446, 16).CopyTo(image.AsSpan(462));
                image.AsSpan(446, 16).Clear();
            })).Problems(),
            StringComparison.Ordinal);

    [Fact]
    public void PloopOfAnotherVersionIsRefused()
    {
        byte[] image = SampleImages.Ploop();
        image[16] = 3;

        Assert.Contains("ploop version 3", Inspection.Of(image).Problems(), StringComparison.Ordinal);
    }

    [Fact]
    public void OfTheTwoSizesOfAVhdTheLargerIsReckonedWith()
    {
        byte[] image = SampleImages.Vhd();
        image[56] = 0xFF;
        image[58] = 16;
        image[59] = 255;

        Assert.Equal(0xFF00L * 16 * 255 * 512, Inspection.Of(image).VirtualSize);
    }

    [Fact]
    public void SizesThatAreNotInWholeSectorsAreRefused()
    {
        byte[] qcow2 = SampleImages.Qcow2(3, static image => SampleImages.BigEndian64(image, 24, SampleImages.DiskSize - 1));
        byte[] vhdx = SampleImages.Vhdx(spoil: static image => SampleImages.LittleEndian64(image, SampleImages.VhdxMetadata + 0x10008, 1000));

        Assert.Contains("whole sectors", Inspection.Of(qcow2).Problems(), StringComparison.Ordinal);
        Assert.Contains("whole sectors", Inspection.Of(vhdx).Problems(), StringComparison.Ordinal);
    }
}
