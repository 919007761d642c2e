using System.Buffers.Binary;
using System.Globalization;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.Formats;
using Xunit;

namespace ImageCache.Engine.Tests.Formats;

public sealed class QemuConversionTests : IDisposable
{
    private static readonly ImageCacheConfiguration Configuration = new() { CachePath = "/nowhere" };
    private readonly QemuTool _tool = QemuTool.RequireInstalled();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(QemuImgTests.AcceptedImages), MemberType = typeof(QemuImgTests))]
    public async Task EveryAcceptedFormatBecomesTheSameSparseRawDisk(string diskFormat, string options)
    {
        string disk = _tool.WriteDisk("disk", 40);
        _tool.Run(["convert", "-f", "raw", .. options.Split(' '), "disk", "image"]);
        QemuImg qemu = new(Configuration);
        FormatDecision decision = Decide("image", diskFormat);
        QemuImageInfo info = await qemu.InfoAsync(_tool.PathOf("image"), "x", Token);

        await qemu.ConvertToRawAsync(
            new RawConversion("x", _tool.PathOf("image"), decision.Format, _tool.PathOf("raw"), info.VirtualSize), static _ => { }, Token);

        byte[] converted = await File.ReadAllBytesAsync(_tool.PathOf("raw"), Token);
        byte[] original = await File.ReadAllBytesAsync(disk, Token);
        Assert.Equal(info.VirtualSize, converted.Length);
        Assert.True(converted.AsSpan(0, original.Length).SequenceEqual(original));
        Assert.False(converted.AsSpan(original.Length).ContainsAnyExcept((byte)0));
        QemuImageInfo result = await qemu.InfoAsync(_tool.PathOf("raw"), "x", Token);
        Assert.True(result.ActualSize < 4 << 20);
    }

    [Fact]
    public async Task ProgressOfAConversionOnlyGrowsAndEndsWithTheDisk()
    {
        await File.WriteAllBytesAsync(_tool.PathOf("disk"), SampleImages.RawData(64 << 20), Token);
        _tool.Run("convert", "-f", "raw", "-O", "qcow2", "disk", "image");
        List<long> reports = [];

        await new QemuImg(Configuration).ConvertToRawAsync(
            new RawConversion("x", _tool.PathOf("image"), ImageFormat.Qcow2, _tool.PathOf("raw"), 64 << 20), reports.Add, Token);

        Assert.True(reports.Count > 10, string.Create(CultureInfo.InvariantCulture, $"{reports.Count} reports"));
        Assert.Equal(reports.Order(), reports);
        Assert.Equal(64 << 20, reports[^1]);
    }

    [Fact]
    public async Task CancelledConversionLeavesNothing()
    {
        await File.WriteAllBytesAsync(_tool.PathOf("disk"), SampleImages.RawData(64 << 20), Token);
        _tool.Run("convert", "-f", "raw", "-O", "qcow2", "-c", "disk", "image");
        string[] before = _tool.Files();
        using CancellationTokenSource cancel = new();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new QemuImg(Configuration).ConvertToRawAsync(
            new RawConversion("x", _tool.PathOf("image"), ImageFormat.Qcow2, _tool.PathOf("raw"), 64 << 20),
            done =>
            {
                if (done > 0)
                {
                    cancel.Cancel();
                }
            },
            cancel.Token));

        Assert.Equal(before, _tool.Files());
    }

    [Fact]
    public async Task DamagedDataFailTheConversionAndLeaveNothing()
    {
        _tool.WriteDisk("disk", 8);
        _tool.Run("convert", "-f", "raw", "-O", "qcow2", "disk", "image");
        byte[] image = await File.ReadAllBytesAsync(_tool.PathOf("image"), Token);

        // Every entry of the L2 table now says "compressed", and what it points to is not.
        int l1 = (int)BinaryPrimitives.ReadInt64BigEndian(image.AsSpan(40));
        int l2 = (int)(BinaryPrimitives.ReadInt64BigEndian(image.AsSpan(l1)) & 0x00FFFFFFFFFFFE00);
        for (int entry = l2; entry < l2 + 1024; entry += 8)
        {
            SampleImages.BigEndian64(image, entry, 0x4000000000000000 | 0x10000);
        }

        await File.WriteAllBytesAsync(_tool.PathOf("image"), image, Token);

        UnavailableException failure = await Assert.ThrowsAsync<UnavailableException>(() => new QemuImg(Configuration).ConvertToRawAsync(
            new RawConversion("cirros", _tool.PathOf("image"), ImageFormat.Qcow2, _tool.PathOf("raw"), 8 << 20), static _ => { }, Token));

        Assert.Equal(ErrorIds.ToolFailed, failure.ErrorId);
        Assert.Equal("cirros", failure.ImageId);
        Assert.False(File.Exists(_tool.PathOf("raw")));
    }

    [Fact]
    public async Task DiskThatIsLargerThanWasSaidIsNotWritten()
    {
        await File.WriteAllBytesAsync(_tool.PathOf("disk"), SampleImages.RawData(8 << 20), Token);
        _tool.Run("convert", "-f", "raw", "-O", "qcow2", "disk", "image");

        VerificationException refusal = await Assert.ThrowsAsync<VerificationException>(() => new QemuImg(Configuration).ConvertToRawAsync(
            new RawConversion("x", _tool.PathOf("image"), ImageFormat.Qcow2, _tool.PathOf("raw"), 1 << 20), static _ => { }, Token));

        Assert.Contains("limits", refusal.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_tool.PathOf("raw")));
    }

    [Fact]
    public async Task DiskThatIsSmallerThanWasSaidIsRefused()
    {
        _tool.Run("create", "-f", "qcow2", "image", "1M");

        VerificationException refusal = await Assert.ThrowsAsync<VerificationException>(() => new QemuImg(Configuration).ConvertToRawAsync(
            new RawConversion("x", _tool.PathOf("image"), ImageFormat.Qcow2, _tool.PathOf("raw"), 2 << 20), static _ => { }, Token));

        Assert.Equal(ErrorIds.SizeMismatch, refusal.ErrorId);
        Assert.False(File.Exists(_tool.PathOf("raw")));
    }

    [Fact]
    public async Task ImageWithinAnImageIsRefused()
    {
        _tool.Run("create", "-f", "qcow2", "inner", "8M");
        _tool.Run("convert", "-f", "raw", "-O", "qcow2", "inner", "image");
        QemuImageInfo info = await new QemuImg(Configuration).InfoAsync(_tool.PathOf("image"), "x", Token);

        VerificationException refusal = await Assert.ThrowsAsync<VerificationException>(() => new QemuImg(Configuration).ConvertToRawAsync(
            new RawConversion("x", _tool.PathOf("image"), ImageFormat.Qcow2, _tool.PathOf("raw"), info.VirtualSize), static _ => { }, Token));

        Assert.Contains("itself qcow2", refusal.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_tool.PathOf("raw")));
    }

    [Fact]
    public async Task ConversionHasRoomEnoughInTheConfiguredAddressSpace()
    {
        await File.WriteAllBytesAsync(_tool.PathOf("disk"), SampleImages.RawData(32 << 20), Token);
        _tool.Run("convert", "-f", "raw", "-O", "qcow2", "-c", "-o", "cluster_size=2M", "disk", "image");
        QemuImg qemu = new(Configuration with { QemuImgAddressSpace = Configuration.QemuImgAddressSpace / 2 });

        await qemu.ConvertToRawAsync(
            new RawConversion("x", _tool.PathOf("image"), ImageFormat.Qcow2, _tool.PathOf("raw"), 32 << 20), static _ => { }, Token);

        Assert.Equal(32 << 20, new FileInfo(_tool.PathOf("raw")).Length);
    }

    [Fact]
    public async Task DiskOfTheLargestSizeThatAQcow2CanClaimIsRefusedInOrder()
    {
        _tool.Write("image", SampleImages.Qcow2(3, static image =>
        {
            SampleImages.BigEndian32(image, 20, 21);
            SampleImages.BigEndian64(image, 24, 1L << 61);
            SampleImages.BigEndian32(image, 36, 4 << 20);
            SampleImages.BigEndian64(image, 40, 4 << 20);
            SampleImages.BigEndian64(image, 48, 2 << 20);
        }));
        await using (FileStream image = File.OpenWrite(_tool.PathOf("image")))
        {
            image.SetLength(64 << 20);
        }

        FormatDecision decision = Decide("image", "qcow2");
        ImageCacheException failure = await Assert.ThrowsAnyAsync<ImageCacheException>(() => new QemuImg(Configuration).ConvertToRawAsync(
            new RawConversion("x", _tool.PathOf("image"), decision.Format, _tool.PathOf("raw"), decision.VirtualSize), static _ => { }, Token));

        Assert.Equal(1L << 61, decision.VirtualSize);
        Assert.Contains("too large", failure.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_tool.PathOf("raw")));
    }

    public void Dispose() => _tool.Dispose();

    private FormatDecision Decide(string name, string diskFormat)
        => FormatPolicy.From(Configuration).Decide(Inspection.OfFile(_tool.PathOf(name)), new FormatClaim("x", diskFormat, "bare"));
}
