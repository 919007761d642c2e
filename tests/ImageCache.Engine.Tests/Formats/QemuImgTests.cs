using System.Text;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.Formats;
using Xunit;

namespace ImageCache.Engine.Tests.Formats;

public sealed class QemuImgTests : IDisposable
{
    private static readonly ImageCacheConfiguration Configuration = new() { CachePath = "/nowhere" };
    private readonly QemuTool _tool = QemuTool.RequireInstalled();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Options of qemu-img create or convert that give images to be accepted.</summary>
    public static TheoryData<string, string> AcceptedImages => new()
    {
        { "qcow2", "-O qcow2" },
        { "qcow2", "-O qcow2 -o compat=0.10" },
        { "qcow2", "-O qcow2 -c" },
        { "qcow2", "-O qcow2 -c -o compression_type=zstd" },
        { "qcow2", "-O qcow2 -o lazy_refcounts=on" },
        { "qcow2", "-O qcow2 -o cluster_size=512" },
        { "qcow2", "-O qcow2 -o cluster_size=2M" },
        { "qcow2", "-O qcow2 -o preallocation=metadata" },
        { "qcow2", "-O qcow2 -o refcount_bits=1" },
        { "vmdk", "-O vmdk" },
        { "vmdk", "-O vmdk -o subformat=monolithicSparse,adapter_type=lsilogic" },
        { "vmdk", "-O vmdk -o subformat=streamOptimized" },
        { "vhd", "-O vpc" },
        { "vhd", "-O vpc -o subformat=dynamic,force_size=on" },
        { "vhdx", "-O vhdx" },
        { "vhdx", "-O vhdx -o subformat=fixed" },
        { "vdi", "-O vdi" },
        { "vdi", "-O vdi -o static=on" },
        { "ploop", "-O parallels" },
        { "raw", "-O raw" },
    };

    [Theory]
    [MemberData(nameof(AcceptedImages))]
    public async Task InspectorAndQemuAgreeOnSoundImages(string diskFormat, string options)
    {
        _tool.WriteDisk("disk", 40);
        _tool.Run(["convert", "-f", "raw", .. options.Split(' '), "disk", "image"]);

        FormatDecision decision = Decide("image", diskFormat);
        QemuImageInfo info = await new QemuImg(Configuration).InfoAsync(_tool.PathOf("image"), "x", Token);

        QemuImg.RequireAgreement(info, decision, "x");
        Assert.Equal(decision.QemuFormat, info.Format);
        Assert.True(diskFormat == "vhd" || info.VirtualSize == decision.VirtualSize);
        Assert.True(info.ActualSize > 0);
    }

    public static TheoryData<string, string, string> RefusedImages => new()
    {
        { "qcow2", "create -f qcow2 -b base -F raw image", "backing file" },
        { "qcow2", "create -f qcow2 -o compat=0.10 -b base -F raw image", "backing file" },
        { "qcow2", "create -f qcow2 -o data_file=data image 8M", "external data file" },
        { "qcow2", "create -f qcow2 -o data_file=data,data_file_raw=on image 8M", "external data file" },
        { "qcow2", "create -f qcow2 -o extended_l2=on image 8M", "extended L2" },
        { "vmdk", "create -f vmdk -o subformat=monolithicFlat image 8M", "names other files" },
        { "vmdk", "create -f vmdk -o subformat=twoGbMaxExtentSparse image 8M", "names other files" },
        { "vmdk", "create -f vmdk -o subformat=twoGbMaxExtentFlat image 8M", "names other files" },
        { "vmdk", "create -f vmdk -b parent.vmdk -F vmdk image", "parent" },
    };

    [Theory]
    [MemberData(nameof(RefusedImages))]
    public void ImagesThatReachForOtherFilesAreRefused(string diskFormat, string command, string problem)
    {
        _tool.WriteDisk("base", 8);
        _tool.Run("create", "-f", "vmdk", "parent.vmdk", "8M");
        _tool.Run(command.Split(' '));

        VerificationException refusal = Assert.Throws<VerificationException>(() => Decide("image", diskFormat));

        Assert.Equal(ErrorIds.UnsafeImage, refusal.ErrorId);
        Assert.Contains(problem, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("qed")]
    [InlineData("qcow")]
    [InlineData("parallels")]
    [InlineData("vpc")]
    [InlineData("qcow2")]
    [InlineData("vmdk")]
    [InlineData("vdi")]
    [InlineData("vhdx")]
    public void OtherFormatThatPretendsToBeRawIsRefused(string format)
    {
        _tool.Run("create", "-f", format, "image", "8M");

        VerificationException refusal = Assert.Throws<VerificationException>(() => Decide("image", "raw"));

        Assert.Equal(ErrorIds.FormatMismatch, refusal.ErrorId);
    }

    [Fact]
    public void FixedVhdIsRawToNovaAndToUs()
    {
        _tool.Run("create", "-f", "vpc", "-o", "subformat=fixed", "image", "8M");

        Assert.Equal(ImageFormat.Raw, Decide("image", "raw").Format);
        Assert.Contains("fixed VHD", Assert.Throws<VerificationException>(() => Decide("image", "vhd")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LuksIsReadButNeedsAKey()
    {
        _tool.Run("create", "-f", "luks", "--object", "secret,id=s,data=abc", "-o", "key-secret=s,iter-time=10", "image", "8M");

        FormatDecision decision = Decide("image", "luks");
        QemuImageInfo info = await new QemuImg(Configuration).InfoAsync(_tool.PathOf("image"), "x", Token);

        QemuImg.RequireAgreement(info, decision, "x");
        Assert.True(decision.IsEncrypted);
        Assert.Equal(8 << 20, decision.VirtualSize);
        Assert.True(info.IsEncrypted);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(100_001)]
    public async Task RawDataOfAnyLengthAreAgreedOn(int length)
    {
        _tool.Write("image", SampleImages.RawData(length));

        QemuImageInfo info = await new QemuImg(Configuration).InfoAsync(_tool.PathOf("image"), "x", Token);

        QemuImg.RequireAgreement(info, Decide("image", "raw"), "x");
    }

    [Theory]
    [InlineData("gpt", "raw")]
    [InlineData("iso", "iso")]
    [InlineData("mbr", "ami")]
    public async Task WhatIsRawToQemuIsAgreedOn(string sample, string diskFormat)
    {
        _tool.Write("image", sample switch
        {
            "gpt" => SampleImages.Gpt(),
            "mbr" => SampleImages.Mbr(),
            _ => SampleImages.Iso(),
        });

        QemuImageInfo info = await new QemuImg(Configuration).InfoAsync(_tool.PathOf("image"), "x", Token);

        QemuImg.RequireAgreement(info, Decide("image", diskFormat), "x");
    }

    [Fact]
    public async Task FormatThatOnlyQemuKnowsIsADisagreement()
    {
        // An old Bochs disk: the inspector does not know it, qemu does.
        byte[] image = new byte[4096];
        "Bochs Virtual HD Image"u8.CopyTo(image);
        "Redolog"u8.CopyTo(image.AsSpan(32));
        "Growing"u8.CopyTo(image.AsSpan(48));
        SampleImages.LittleEndian32(image, 64, 0x00020000);
        SampleImages.LittleEndian32(image, 68, 512);
        SampleImages.LittleEndian32(image, 72, 1);
        SampleImages.LittleEndian32(image, 76, 512);
        SampleImages.LittleEndian32(image, 80, 4096);
        SampleImages.LittleEndian64(image, 88, 4096);
        _tool.Write("image", image);
        FormatDecision decision = Decide("image", "raw");

        QemuImageInfo info = await new QemuImg(Configuration).InfoAsync(_tool.PathOf("image"), "x", Token);
        VerificationException refusal = Assert.Throws<VerificationException>(() => QemuImg.RequireAgreement(info, decision, "x"));

        Assert.Equal("bochs", info.Format);
        Assert.Equal(ErrorIds.FormatMismatch, refusal.ErrorId);
    }

    [Fact]
    public async Task InfoTellsOfOtherFilesAndAgreementRefusesThem()
    {
        _tool.WriteDisk("base", 8);
        _tool.Run("create", "-f", "qcow2", "-b", "base", "-F", "raw", "overlay");
        _tool.Run("create", "-f", "qcow2", "-o", "data_file=data", "external", "8M");
        FormatDecision decision = new(ImageFormat.Qcow2, "qcow2", 8 << 20, false);
        QemuImg qemu = new(Configuration);

        QemuImageInfo overlay = await qemu.InfoAsync(_tool.PathOf("overlay"), "x", Token);
        QemuImageInfo external = await qemu.InfoAsync(_tool.PathOf("external"), "x", Token);

        Assert.Equal("base", overlay.BackingFile);
        Assert.EndsWith("data", external.DataFile, StringComparison.Ordinal);
        Assert.Equal(ErrorIds.UnsafeImage, Assert.Throws<VerificationException>(() => QemuImg.RequireAgreement(overlay, decision, "x")).ErrorId);
        Assert.Equal(ErrorIds.UnsafeImage, Assert.Throws<VerificationException>(() => QemuImg.RequireAgreement(external, decision, "x")).ErrorId);
    }

    [Fact]
    public void AgreementRefusesAnotherSizeAndCorruption()
    {
        FormatDecision decision = new(ImageFormat.Qcow2, "qcow2", 8 << 20, false);
        QemuImageInfo sound = new() { Format = "qcow2", VirtualSize = 8 << 20 };

        QemuImg.RequireAgreement(sound, decision, "x");
        Assert.Throws<VerificationException>(() => QemuImg.RequireAgreement(sound with { VirtualSize = 9 << 20 }, decision, "x"));
        Assert.Throws<VerificationException>(() => QemuImg.RequireAgreement(sound with { IsCorrupt = true }, decision, "x"));
        Assert.Throws<VerificationException>(() => QemuImg.RequireAgreement(sound with { Format = "raw" }, decision, "x"));
        Assert.Throws<VerificationException>(() => QemuImg.RequireAgreement(sound with { CreateType = "vmfs" }, decision, "x"));
    }

    [Fact]
    public async Task ImageThatQemuCannotReadIsRefusedWithItsWords()
    {
        _tool.Write("image", SampleImages.Qcow2(3, static image => SampleImages.BigEndian32(image, 100, 8)));

        VerificationException refusal = await Assert.ThrowsAsync<VerificationException>(
            () => new QemuImg(Configuration).InfoAsync(_tool.PathOf("image"), "cirros", Token));

        Assert.Equal(ErrorIds.UnsafeImage, refusal.ErrorId);
        Assert.Contains("'cirros'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("header", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("image")]
    [InlineData("json:{\"driver\":\"file\",\"filename\":\"/etc/passwd\"}")]
    [InlineData("nbd://localhost/x")]
    public async Task OnlyAbsolutePathsArePassedOn(string path)
    {
        QemuImg qemu = new(Configuration);

        await Assert.ThrowsAsync<ArgumentException>(() => qemu.InfoAsync(path, "x", Token));
        await Assert.ThrowsAsync<ArgumentException>(
            () => qemu.ConvertToRawAsync(new RawConversion("x", path, ImageFormat.Qcow2, "/tmp/x", 1), static _ => { }, Token));
        await Assert.ThrowsAsync<ArgumentException>(
            () => qemu.ConvertToRawAsync(new RawConversion("x", "/tmp/x", ImageFormat.Qcow2, path, 1), static _ => { }, Token));
    }

    [Fact]
    public async Task MissingQemuImgNamesItsPackage()
    {
        UnavailableException failure = await Assert.ThrowsAsync<UnavailableException>(
            () => new QemuImg(Configuration, "no-qemu-img").InfoAsync("/etc/hostname", "x", Token));

        Assert.Equal(ErrorIds.ToolFailed, failure.ErrorId);
        Assert.Contains("qemu-utils", failure.NextStep, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("qcow2", "-O qcow2", 11)]
    [InlineData("qcow2", "-O qcow2 -o compat=0.10", 12)]
    [InlineData("vmdk", "-O vmdk", 13)]
    [InlineData("vdi", "-O vdi", 14)]
    public async Task WhateverIsAcceptedShowsQemuNoOtherFile(string diskFormat, string options, int seed)
    {
        _tool.WriteDisk("disk", 4);
        _tool.Run(["convert", "-f", "raw", .. options.Split(' '), "disk", "sound"]);
        byte[] sound = await File.ReadAllBytesAsync(_tool.PathOf("sound"), Token);
        Random random = new(seed);
        QemuImg qemu = new(Configuration);
        int accepted = 0;
        for (int i = 0; i < 400 && accepted < 25; i++)
        {
            string path = _tool.Write("image", Spoil(sound, diskFormat, random));
            if (Record.Exception(() => Decide("image", diskFormat)) is VerificationException or PolicyException)
            {
                continue;
            }

            accepted++;
            try
            {
                QemuImageInfo info = await qemu.InfoAsync(path, "x", Token);
                Assert.Equal((DiskFormatNames.ToQemu(Enum.Parse<ImageFormat>(diskFormat, true)), null, null), (info.Format, info.BackingFile, info.DataFile));
            }
            catch (VerificationException)
            {
                // qemu-img is stricter than the inspector: so much the better.
            }
        }

        Assert.True(accepted >= 10, "the spoiled images are all refused, so that nothing was compared");
    }

    public void Dispose() => _tool.Dispose();

    /// <summary>Spoils the header here and there, and for a VMDK puts nasty lines into the descriptor.</summary>
    private static byte[] Spoil(byte[] sound, string diskFormat, Random random)
    {
        string[] lines =
        [
            "parentFileNameHint=\"/etc/passwd\"", "parentCID=0", "RW 1 FLAT \"/etc/passwd\" 0", "createType=\"monolithicFlat\"", "# harmless",
            "ddb.x = \"1\"", "CREATETYPE=\"vmfs\"", "word=value", " parentFileNameHint = \"/etc/passwd\"", "RW 1 FLAT \"passwd\" 0",
        ];
        byte[] image = (byte[])sound.Clone();
        if (diskFormat == "vmdk")
        {
            int end = image.AsSpan(512).IndexOf((byte)0) + 512;
            Encoding.ASCII.GetBytes($"\n{lines[random.Next(lines.Length)]}\n").CopyTo(image, end);
        }

        for (int n = random.Next(0, 3); n > 0; n--)
        {
            image[random.Next(4, 512)] = (byte)random.Next(0, 256);
        }

        return image;
    }

    private FormatDecision Decide(string name, string diskFormat)
        => FormatPolicy.From(Configuration).Decide(Inspection.OfFile(_tool.PathOf(name)), new FormatClaim("x", diskFormat, "bare"));
}
