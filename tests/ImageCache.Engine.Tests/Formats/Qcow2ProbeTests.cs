using ImageCache.Engine.Formats;
using Xunit;

namespace ImageCache.Engine.Tests.Formats;

public sealed class Qcow2ProbeTests
{
    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL)]
    public void HarmlessFeaturesAreAccepted(ulong features)
        => Assert.Empty(Inspection.Of(WithFeatures(features)).Problems());

    [Fact]
    public void ZstdIsAcceptedWhenTheHeaderAgreesWithItself()
    {
        byte[] image = SampleImages.Qcow2(3, static image =>
        {
            SampleImages.BigEndian64(image, 72, 8);
            SampleImages.BigEndian32(image, 100, 112);
            image[104] = 1;
        });

        Assert.Empty(Inspection.Of(image).Problems());
    }

    [Theory]
    [InlineData(2UL, "corrupt")]
    [InlineData(4UL, "external data file")]
    [InlineData(8UL, "contradicts")]
    [InlineData(16UL, "extended L2")]
    [InlineData(32UL, "unknown qcow2 features (0x20)")]
    [InlineData(1UL << 63, "unknown qcow2 features (0x8000000000000000)")]
    [InlineData(0x0100UL, "unknown qcow2 features (0x100)")]
    public void FeatureBitIsRefused(ulong features, string problem)
        => Assert.Contains(problem, Inspection.Of(WithFeatures(features)).Problems(), StringComparison.Ordinal);

    [Fact]
    public void FeatureBitsOfAVersion2HeaderAreHeaderExtensions()
    {
        byte[] image = SampleImages.Qcow2(2, static image =>
        {
            SampleImages.BigEndian32(image, 72, 0x6803F857);
            SampleImages.BigEndian32(image, 76, 48);
        });

        Assert.Empty(Inspection.Of(image).Problems());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void BackingFileIsRefused(uint version)
    {
        byte[] image = SampleImages.Qcow2(version, static image =>
        {
            SampleImages.BigEndian64(image, 8, 1024);
            SampleImages.BigEndian32(image, 16, 11);
            "/etc/shadow"u8.CopyTo(image.AsSpan(1024));
        });

        Assert.Contains("has a backing file", Inspection.Of(image).Problems(), StringComparison.Ordinal);
    }

    [Fact]
    public void ExternalDataFileIsRefusedByItsExtensionAlone()
        => Assert.Contains(
            "has an external data file",
            Inspection.Of(SampleImages.Qcow2WithExtension(0x44415441, "/etc/shadow")).Problems(),
            StringComparison.Ordinal);

    [Fact]
    public void BackingFormatWithoutABackingFileIsHarmless()
        => Assert.Empty(Inspection.Of(SampleImages.Qcow2WithExtension(0xE2792ACA, "raw")).Problems());

    [Fact]
    public void ExtensionsWithoutAnEndAreRefused()
    {
        byte[] image = SampleImages.Qcow2(3, static image =>
        {
            SampleImages.BigEndian32(image, 104, 0x6803F857);
            SampleImages.BigEndian32(image, 108, uint.MaxValue);
        });

        Assert.Contains("without an end", Inspection.Of(image).Problems(), StringComparison.Ordinal);
    }

    [Fact]
    public void ExtensionBeyondTheFirstClusterIsRefused()
    {
        byte[] image = SampleImages.Qcow2(3, static image =>
        {
            SampleImages.BigEndian32(image, 20, 9);
            SampleImages.BigEndian64(image, 24, 1 << 15);
            SampleImages.BigEndian32(image, 104, 0x6803F857);
            SampleImages.BigEndian32(image, 108, 402);
        });

        Assert.Contains("without an end", Inspection.Of(image).Problems(), StringComparison.Ordinal);
        SampleImages.BigEndian32(image, 108, 400);
        Assert.Empty(Inspection.Of(image).Problems());
    }

    [Theory]
    [InlineData(65536, true)]
    [InlineData(65537, false)]
    [InlineData(4 * 65536, false)]
    [InlineData(1L << 40, false)]
    public void SnapshotTableMustLieInTheImage(long offset, bool accepted)
    {
        FormatReport report = Inspection.Of(SampleImages.Qcow2(3, image =>
        {
            SampleImages.BigEndian32(image, 60, 1);
            SampleImages.BigEndian64(image, 64, offset);
        }));

        Assert.Equal(accepted, report.Problems().Length == 0);
    }

    [Theory]
    [InlineData(1, "old AES")]
    [InlineData(3, "unknown way")]
    public void EncryptionIsRefused(uint method, string problem)
    {
        FormatReport report = Inspection.Of(SampleImages.Qcow2(3, image => SampleImages.BigEndian32(image, 32, method)));

        Assert.Contains(problem, report.Problems(), StringComparison.Ordinal);
    }

    [Fact]
    public void LuksWithinIsTold()
    {
        FormatReport report = Inspection.Of(SampleImages.Qcow2(3, static image => SampleImages.BigEndian32(image, 32, 2)));

        Assert.Empty(report.Problems());
        Assert.True(Assert.Single(report.Detected).IsEncrypted);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(uint.MaxValue)]
    public void UnknownVersionIsRefused(uint version)
        => Assert.Contains($"version {version}", Inspection.Of(SampleImages.Qcow2(3, image => SampleImages.BigEndian32(image, 4, version))).Problems(), StringComparison.Ordinal);

    [Theory]
    [InlineData(20, 8u)]
    [InlineData(20, 22u)]
    [InlineData(20, uint.MaxValue)]
    [InlineData(36, 0u)]
    [InlineData(36, uint.MaxValue)]
    [InlineData(56, 0u)]
    [InlineData(56, uint.MaxValue)]
    [InlineData(60, uint.MaxValue)]
    [InlineData(96, 7u)]
    [InlineData(100, 0u)]
    [InlineData(100, 103u)]
    [InlineData(100, 105u)]
    [InlineData(100, 0xFFFFFFF8u)]
    public void AbsurdHeaderFieldIsRefused(int offset, uint value)
        => Assert.NotEmpty(Inspection.Of(SampleImages.Qcow2(3, image => SampleImages.BigEndian32(image, offset, value))).Problems());

    [Theory]
    [InlineData(24, -1)]
    [InlineData(24, long.MaxValue)]
    [InlineData(24, 1L << 60)]
    [InlineData(24, (512L << 20) + 1)]
    [InlineData(40, 12345)]
    [InlineData(40, 1L << 40)]
    [InlineData(40, -65536)]
    [InlineData(48, 0)]
    [InlineData(48, 1L << 40)]
    [InlineData(48, -65536)]
    public void AbsurdSizeOrOffsetIsRefused(int offset, long value)
        => Assert.NotEmpty(Inspection.Of(SampleImages.Qcow2(3, image => SampleImages.BigEndian64(image, offset, value))).Problems());

    [Fact]
    public void LargestSizeOfTheL1TableIsAccepted()
        => Assert.Empty(Inspection.Of(SampleImages.Qcow2(3, static image => SampleImages.BigEndian64(image, 24, 512L << 20))).Problems());

    [Theory]
    [InlineData(4)]
    [InlineData(71)]
    [InlineData(103)]
    [InlineData(3 * 65536)]
    public void CutImageIsRefused(int length)
    {
        FormatReport report = Inspection.Of(SampleImages.Qcow2()[..length]);

        Assert.Equal(ImageFormat.Qcow2, report.Format);
        Assert.NotEmpty(report.Problems());
    }

    private static byte[] WithFeatures(ulong features)
        => SampleImages.Qcow2(3, image => SampleImages.BigEndian64(image, 72, (long)features));
}
