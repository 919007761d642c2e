using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Formats;
using Xunit;

namespace ImageCache.Engine.Tests.Formats;

public sealed class FormatInspectorTests
{
    private static readonly Dictionary<string, Func<byte[]>> Samples = new()
    {
        ["qcow2 v2"] = () => SampleImages.Qcow2(2),
        ["qcow2 v3"] = () => SampleImages.Qcow2(),
        ["qed"] = SampleImages.Qed,
        ["vmdk"] = () => SampleImages.Vmdk(),
        ["vmdk with footer"] = () => SampleImages.VmdkWithFooter(),
        ["vmdk descriptor"] = () => System.Text.Encoding.ASCII.GetBytes(SampleImages.VmdkText("monolithicFlat")),
        ["vhd"] = () => SampleImages.Vhd(),
        ["vhdx"] = () => SampleImages.Vhdx(),
        ["vdi"] = () => SampleImages.Vdi(),
        ["iso"] = () => SampleImages.Iso(),
        ["mbr"] = () => SampleImages.Mbr(),
        ["gpt"] = () => SampleImages.Gpt(),
        ["luks"] = () => SampleImages.Luks(),
        ["ploop"] = SampleImages.Ploop,
        ["raw"] = () => SampleImages.RawData(),
        ["raw with a fixed VHD's footer"] = () => [.. SampleImages.RawData(), .. SampleImages.VhdFooter(2)],
    };

    public static TheoryData<string> SampleNames => [.. Samples.Keys];

    [Theory]
    [InlineData("qcow2 v2", "Qcow2", SampleImages.DiskSize)]
    [InlineData("qcow2 v3", "Qcow2", SampleImages.DiskSize)]
    [InlineData("vmdk", "Vmdk", SampleImages.DiskSize)]
    [InlineData("vmdk with footer", "Vmdk", SampleImages.DiskSize)]
    [InlineData("vhd", "Vhd", SampleImages.DiskSize)]
    [InlineData("vhdx", "Vhdx", SampleImages.DiskSize)]
    [InlineData("vdi", "Vdi", SampleImages.DiskSize)]
    [InlineData("iso", "Iso", 96 * 1024)]
    [InlineData("mbr", "Gpt", 1 << 20)]
    [InlineData("gpt", "Gpt", 1 << 20)]
    [InlineData("luks", "Luks", 2 << 20)]
    [InlineData("ploop", "Ploop", SampleImages.DiskSize)]
    [InlineData("raw", "Raw", 200_000)]
    public void WellMadeImageIsRecognisedWithItsSizeAndNothingAgainstIt(string sample, string format, long virtualSize)
    {
        FormatReport report = Inspection.Of(Samples[sample]());

        Assert.Equal(Enum.Parse<ImageFormat>(format), report.Format);
        Assert.Equal(virtualSize, report.VirtualSize);
        Assert.Empty(report.Detected.SelectMany(static found => found.Problems));
    }

    [Theory]
    [MemberData(nameof(SampleNames))]
    public void PiecesOfOneByteTellTheSameAsTheWhole(string sample)
    {
        byte[] image = Samples[sample]();

        Assert.Equal(Inspection.Of(image).Describe(), Inspection.ByteByByte(image).Describe());
    }

    [Fact]
    public void AnyPiecesAndHolesTellTheSameAsTheWhole()
    {
        Prop.ForAll(
            Gen.Elements(Samples.Keys.ToArray()).Zip(Gen.Choose(0, int.MaxValue)).ToArbitrary(),
            sample =>
            {
                byte[] image = Samples[sample.Item1]();
                return Inspection.Of(image).Describe() == Inspection.InRandomPieces(image, sample.Item2).Describe();
            }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(65537)]
    public void AnyLengthOfNothingInParticularIsRaw(int length)
    {
        FormatReport report = Inspection.Of(new byte[length]);

        Assert.Equal(ImageFormat.Raw, report.Format);
        Assert.Equal(length, report.VirtualSize);
    }

    [Fact]
    public void HoleOfManyTerabytesIsTakenAtOnce()
    {
        FormatInspector inspector = new();
        inspector.ConsumeZeros(8L << 40);
        inspector.Consume([1]);

        FormatReport report = inspector.Complete();

        Assert.Equal(ImageFormat.Raw, report.Format);
        Assert.Equal((8L << 40) + 1, report.Length);
    }

    [Theory]
    [MemberData(nameof(SampleNames))]
    public void ImageCutAnywhereIsNeverTakenForASoundOneOfAnotherFormat(string sample)
    {
        byte[] image = Samples[sample]();
        FormatReport whole = Inspection.Of(image);
        foreach (int length in new[] { 4, 8, 16, 60, 71, 103, 300, 511, 512, 513, 4096, 32 * 1024, image.Length - 1 }.Where(cut => cut < image.Length))
        {
            FormatReport report = Inspection.Of(image[..length]);

            Assert.Equal(length, report.Length);
            Assert.True(report.Format == whole.Format || report.Format == ImageFormat.Raw, $"{report.Format} at {length}");
        }
    }

    [Fact]
    public void FormatsAreKnownBeforeTheEnd()
    {
        FormatInspector inspector = new();
        byte[] image = SampleImages.Qcow2(3, static image => SampleImages.BigEndian64(image, 8, 4096));
        inspector.Consume(image.AsSpan(0, FormatInspector.HeadLength - 1));
        Assert.Null(inspector.EarlyReport);

        inspector.Consume(image.AsSpan(FormatInspector.HeadLength - 1, 1));

        FormatReport early = Assert.IsType<FormatReport>(inspector.EarlyReport);
        Assert.Equal(ImageFormat.Qcow2, early.Format);
        Assert.False(early.IsComplete);
        Assert.Contains("backing file", early.Problems(), StringComparison.Ordinal);
    }

    [Fact]
    public void EarlyReportGrowsAsRegionsFurtherOnAreRead()
    {
        FormatInspector inspector = new();
        byte[] image = SampleImages.Vhdx(hasParent: true);
        inspector.Consume(image.AsSpan(0, FormatInspector.HeadLength));
        Assert.Empty(inspector.EarlyReport!.Problems());

        inspector.Consume(image.AsSpan(FormatInspector.HeadLength));

        Assert.Contains("differencing", inspector.EarlyReport!.Problems(), StringComparison.Ordinal);
        Assert.Equal(SampleImages.DiskSize, inspector.EarlyReport!.VirtualSize);
    }

    [Fact]
    public void BootableIsoMayHaveAPartitionTable()
    {
        byte[] image = SampleImages.Iso();
        SampleImages.Gpt().AsSpan(0, 512).CopyTo(image);

        FormatReport report = Inspection.Of(image);

        Assert.Equal([ImageFormat.Iso, ImageFormat.Gpt], report.Detected.Select(static found => found.Format));
        Assert.Equal(ImageFormat.Iso, report.Format);
    }

    [Theory]
    [InlineData("qcow2 v3")]
    [InlineData("vmdk")]
    [InlineData("luks")]
    [InlineData("vdi")]
    [InlineData("vhd")]
    public void OtherFormatsBesideAnIsoLeaveNoFormat(string sample)
    {
        byte[] image = Samples[sample]();
        Array.Resize(ref image, Math.Max(image.Length, 96 * 1024));
        "\u0001CD001"u8.CopyTo(image.AsSpan(0x8000));

        FormatReport report = Inspection.Of(image);

        Assert.Equal(2, report.Detected.Count);
        Assert.Null(report.Format);
        Assert.Null(report.VirtualSize);
    }

    [Fact]
    public void FooterOfAFixedVhdIsToldButChangesNothing()
    {
        FormatReport report = Inspection.Of(Samples["raw with a fixed VHD's footer"]());

        Assert.Equal(ImageFormat.Raw, report.Format);
        Assert.True(report.EndsInVhdFooter);
    }

    [Fact]
    public void NothingIsTakenAfterTheEnd()
    {
        FormatInspector inspector = new();
        inspector.Complete();

        Assert.Throws<InvalidOperationException>(() => inspector.Consume([1]));
        Assert.Throws<InvalidOperationException>(() => inspector.ConsumeZeros(1));
        Assert.Throws<InvalidOperationException>(() => inspector.Complete());
    }

    [Fact]
    public void SpoiledHeadersNeverBreakTheInspector()
    {
        (string Name, byte[] Image)[] images = [.. Samples.Select(static sample => (sample.Key, sample.Value()))];
        Prop.ForAll(
            Gen.Choose(0, images.Length - 1).Zip(Gen.Choose(0, int.MaxValue)).ToArbitrary(),
            choice => Survives(images[choice.Item1].Image, choice.Item2)).Check(Config.QuickThrowOnFailure.WithMaxTest(1500));
    }

    /// <summary>Spoils fields where headers lie: extreme values, random bytes, cuts. Whatever comes out, it is a report of this length.</summary>
    private static bool Survives(byte[] sound, int seed)
    {
        Random random = new(seed);
        byte[] image = (byte[])sound.Clone();
        int[] regions = [0, 64, 512, 1024, 0x8000, 192 * 1024, SampleImages.VhdxMetadata, SampleImages.VhdxMetadata + 0x10000, image.Length - 1536];
        for (int i = random.Next(1, 12); i > 0; i--)
        {
            int width = 1 << random.Next(0, 4);
            int offset = regions[random.Next(regions.Length)] + random.Next(0, 128);
            if (offset >= 0 && offset + width <= image.Length)
            {
                Spoil(image.AsSpan(offset, width), random);
            }
        }

        image = random.Next(4) == 0 ? image[..random.Next(0, image.Length)] : image;
        FormatReport report = Inspection.InRandomPieces(image, seed);
        return report.Length == image.Length
            && report.VirtualSize is null or >= 0
            && report.Detected.All(static found => found.Problems.Count < 20)
            && report.Describe() == Inspection.Of(image).Describe();
    }

    private static void Spoil(Span<byte> field, Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                field.Fill(0xFF);
                break;
            case 1:
                field.Clear();
                break;
            case 2:
                field[random.Next(field.Length)] ^= (byte)(1 << random.Next(8));
                break;
            default:
                random.NextBytes(field);
                break;
        }
    }
}
