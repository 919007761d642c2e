using ImageCache.Engine.Formats;
using Xunit;

namespace ImageCache.Engine.Tests.Formats;

public sealed class FormatPolicyTests
{
    private static readonly string[] Everything = ["raw", "qcow2", "vmdk", "vhd", "vhdx", "vdi", "iso", "ami", "ari", "aki", "luks", "gpt", "ploop"];

    private static readonly Dictionary<string, byte[]> Data = new()
    {
        ["raw"] = SampleImages.RawData(),
        ["gpt"] = SampleImages.Gpt(),
        ["qcow2"] = SampleImages.Qcow2(),
        ["vmdk"] = SampleImages.Vmdk(),
        ["vhd"] = SampleImages.Vhd(),
        ["vhdx"] = SampleImages.Vhdx(),
        ["vdi"] = SampleImages.Vdi(),
        ["iso"] = SampleImages.Iso(),
        ["luks"] = SampleImages.Luks(),
        ["ploop"] = SampleImages.Ploop(),
        ["qed"] = SampleImages.Qed(),
    };

    private static readonly (string Claim, string Data)[] Legitimate =
    [
        ("raw", "gpt"), ("ami", "raw"), ("ami", "gpt"), ("ami", "iso"), ("aki", "raw"), ("aki", "gpt"), ("aki", "iso"), ("ari", "raw"),
        ("ari", "gpt"), ("ari", "iso"),
    ];

    public static TheoryData<string, string> EveryPair
    {
        get
        {
            TheoryData<string, string> pairs = [];
            foreach (string claim in Everything)
            {
                foreach (string data in Data.Keys)
                {
                    pairs.Add(claim, data);
                }
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(EveryPair))]
    public void DataMustBeWhatTheyAreSaidToBe(string claimed, string data)
    {
        FormatReport report = Inspection.Of(Data[data]);
        FormatClaim claim = new("cirros", claimed, "bare");

        if (claimed == data || Legitimate.Contains((claimed, data)))
        {
            Assert.Equal(claimed, Policy().Decide(report, claim).DiskFormat);
        }
        else
        {
            VerificationException refusal = Assert.Throws<VerificationException>(() => Policy().Decide(report, claim));
            Assert.Equal(ErrorIds.FormatMismatch, refusal.ErrorId);
            Assert.Equal("cirros", refusal.ImageId);
            Assert.Contains("'cirros'", refusal.Message, StringComparison.Ordinal);
            Assert.Contains($"disk_format {claimed},", refusal.Message, StringComparison.Ordinal);
            Assert.Contains($"data are {data}.", refusal.Message, StringComparison.Ordinal);
            Assert.NotNull(refusal.NextStep);
        }
    }

    [Theory]
    [InlineData("raw", "raw", "Raw", "raw")]
    [InlineData("raw", "gpt", "Raw", "raw")]
    [InlineData("gpt", "gpt", "Raw", "raw")]
    [InlineData("ami", "raw", "Raw", "raw")]
    [InlineData("iso", "iso", "Iso", "raw")]
    [InlineData("qcow2", "qcow2", "Qcow2", "qcow2")]
    [InlineData("vhd", "vhd", "Vhd", "vpc")]
    [InlineData("ploop", "ploop", "Ploop", "parallels")]
    [InlineData(null, "raw", "Raw", "raw")]
    [InlineData(null, "gpt", "Raw", "raw")]
    [InlineData(null, "qcow2", "Qcow2", "qcow2")]
    [InlineData(null, "iso", "Iso", "raw")]
    public void DecisionSpeaksForQemuToo(string? claimed, string data, string format, string qemu)
    {
        FormatDecision decision = Policy().Decide(Inspection.Of(Data[data]), new FormatClaim("x", claimed, null));

        Assert.Equal(Enum.Parse<ImageFormat>(format), decision.Format);
        Assert.Equal(qemu, decision.QemuFormat);
        Assert.Equal(claimed ?? (data == "gpt" ? "raw" : data), decision.DiskFormat);
    }

    [Fact]
    public void IsoWithAPartitionTableIsAnIsoWhateverTheTableSays()
    {
        byte[] image = SampleImages.Iso();
        SampleImages.Gpt(static gpt => gpt[446] = 0x7F).AsSpan(0, 512).CopyTo(image);

        FormatDecision decision = Policy().Decide(Inspection.Of(image), new FormatClaim("x", "iso", "bare"));

        Assert.Equal(ImageFormat.Iso, decision.Format);
        Assert.Equal(image.Length, decision.VirtualSize);
        Refuses(ErrorIds.FormatMismatch, image, "raw");
    }

    [Fact]
    public void SeveralFormatsAtOnceAreRefusedWhateverIsClaimed()
    {
        byte[] image = SampleImages.Qcow2();
        "\u0001CD001"u8.CopyTo(image.AsSpan(0x8000));

        foreach (string? claim in new[] { "qcow2", "iso", "raw", null })
        {
            Refuses(ErrorIds.UnsafeImage, image, claim, "qcow2 and iso at once");
        }
    }

    [Fact]
    public void EveryProblemIsNamed()
    {
        byte[] image = SampleImages.Qcow2(3, static image =>
        {
            SampleImages.BigEndian64(image, 8, 4096);
            SampleImages.BigEndian64(image, 72, 6);
        });

        Refuses(ErrorIds.UnsafeImage, image, "qcow2", "has a backing file; it has an external data file; it is marked as corrupt");
    }

    [Fact]
    public void PartitionTableThatIsNoneIsRefusedForADiskButNotForAKernel()
    {
        byte[] image = SampleImages.Mbr(static image => image[446] = 0x12);

        Refuses(ErrorIds.UnsafeImage, image, "raw", "boot flag");
        Refuses(ErrorIds.UnsafeImage, image, "ami", "boot flag");
        Assert.Equal("aki", Policy().Decide(Inspection.Of(image), new FormatClaim("x", "aki", "aki")).DiskFormat);
    }

    [Fact]
    public void UnsafeDataAreRefusedThoughNobodySaidWhatTheyAre()
        => Refuses(ErrorIds.UnsafeImage, SampleImages.Qcow2(3, static image => SampleImages.BigEndian64(image, 8, 4096)), null, "backing file");

    [Fact]
    public void NoDataAreNoImage() => Refuses(ErrorIds.FormatMismatch, [], "raw", "holds no data");

    [Fact]
    public void OneByteIsARawImage()
        => Assert.Equal(1, Policy().Decide(Inspection.Of([7]), new FormatClaim("x", "raw", "bare")).VirtualSize);

    [Fact]
    public void FixedVhdIsExplained()
        => Refuses(ErrorIds.FormatMismatch, [.. SampleImages.RawData(), .. SampleImages.VhdFooter(2)], "vhd", "footer of a fixed VHD");

    [Fact]
    public void FixedVhdsFooterDoesNotHurtARawImage()
        => Assert.Equal(
            ImageFormat.Raw,
            Policy().Decide(Inspection.Of([.. SampleImages.RawData(), .. SampleImages.VhdFooter(2)]), new FormatClaim("x", "raw", "bare")).Format);

    [Theory]
    [InlineData("qcow2")]
    [InlineData(null)]
    public void FormatThatIsNotAllowedIsRefused(string? claimed)
    {
        FormatPolicy policy = Policy() with { AllowedFormats = ["raw", "iso"] };

        PolicyException refusal = Assert.Throws<PolicyException>(
            () => policy.Decide(Inspection.Of(SampleImages.Qcow2()), new FormatClaim("cirros", claimed, "bare")));

        Assert.Equal(ErrorIds.FormatNotAllowed, refusal.ErrorId);
        Assert.Contains("raw, iso", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("qcow2", "compressed")]
    [InlineData("raw", "docker")]
    [InlineData("vmdk", "ova")]
    [InlineData("qed", "bare")]
    [InlineData("../../x", "bare")]
    public void ClaimThatCannotBeAcceptedIsRefusedWithoutAByte(string diskFormat, string container)
    {
        FormatPolicy policy = Policy() with { AllowedFormats = [.. Everything, "qed"] };

        PolicyException refusal = Assert.Throws<PolicyException>(() => policy.CheckClaim(new FormatClaim("x", diskFormat, container)));

        Assert.Equal(ErrorIds.FormatNotAllowed, refusal.ErrorId);
    }

    [Theory]
    [InlineData("streamOptimized", true)]
    [InlineData("monolithicSparse", false)]
    public void VmdkTypeMustBeAllowed(string createType, bool allowed)
    {
        FormatPolicy policy = Policy() with { VmdkAllowedTypes = ["streamOptimized"] };
        FormatReport report = Inspection.Of(SampleImages.Vmdk(SampleImages.VmdkText(createType)));
        Exception? refusal = Record.Exception(() => policy.Decide(report, new FormatClaim("x", "vmdk", "bare")));

        Assert.Equal(allowed, refusal is null);
        Assert.True(allowed || refusal is PolicyException { ErrorId: ErrorIds.FormatNotAllowed });
    }

    [Fact]
    public void VmdkTypeThatNamesHostFilesStaysRefusedThoughItIsAllowed()
    {
        FormatPolicy policy = Policy() with { VmdkAllowedTypes = ["monolithicFlat"] };
        FormatReport report = Inspection.Of(SampleImages.Vmdk(SampleImages.VmdkText("monolithicFlat")));

        VerificationException refusal = Assert.Throws<VerificationException>(() => policy.Decide(report, new FormatClaim("x", "vmdk", "bare")));

        Assert.Equal(ErrorIds.UnsafeImage, refusal.ErrorId);
    }

    [Fact]
    public void VirtualSizeBeyondTheLimitIsRefused()
    {
        FormatPolicy policy = Policy() with { MaximumVirtualSize = SampleImages.DiskSize - 1 };

        PolicyException refusal = Assert.Throws<PolicyException>(
            () => policy.Decide(Inspection.Of(SampleImages.Qcow2()), new FormatClaim("x", "qcow2", "bare")));

        Assert.Equal(ErrorIds.ImageTooLarge, refusal.ErrorId);
        Assert.Equal(SampleImages.DiskSize, (policy with { MaximumVirtualSize = SampleImages.DiskSize })
            .Decide(Inspection.Of(SampleImages.Qcow2()), new FormatClaim("x", "qcow2", "bare")).VirtualSize);
    }

    [Fact]
    public void TransferCanBeStoppedAsSoonAsTheHeadIsSeen()
    {
        FormatInspector inspector = new();
        inspector.Consume(SampleImages.RawData(FormatInspector.HeadLength));
        FormatReport early = inspector.EarlyReport!;

        Policy().CheckEarly(early, new FormatClaim("x", "raw", "bare"));
        Policy().CheckEarly(early, new FormatClaim("x", null, null));
        Assert.Throws<VerificationException>(() => Policy().CheckEarly(early, new FormatClaim("x", "qcow2", "bare")));
    }

    [Fact]
    public void WhatIsNotKnownYetIsNotHeldAgainstAnImage()
    {
        FormatInspector inspector = new();
        inspector.Consume(SampleImages.Vhdx().AsSpan(0, 100_000));

        Policy().CheckEarly(inspector.EarlyReport!, new FormatClaim("x", "vhdx", "bare"));
    }

    [Fact]
    public void NothingIsDecidedBeforeTheEnd()
    {
        FormatInspector inspector = new();
        inspector.Consume(SampleImages.Qcow2());

        Assert.Throws<ArgumentException>(() => Policy().Decide(inspector.EarlyReport!, new FormatClaim("x", "qcow2", "bare")));
    }

    private static void Refuses(string errorId, byte[] image, string? claim, string words = "")
    {
        VerificationException refusal = Assert.Throws<VerificationException>(
            () => Policy().Decide(Inspection.Of(image), new FormatClaim("x", claim, "bare")));
        Assert.Equal(errorId, refusal.ErrorId);
        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
    }

    private static FormatPolicy Policy() => new() { AllowedFormats = Everything, VmdkAllowedTypes = ["monolithicSparse", "streamOptimized"] };
}
