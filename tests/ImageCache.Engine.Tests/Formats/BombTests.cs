using System.Text;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.Formats;
using Xunit;

namespace ImageCache.Engine.Tests.Formats;

/// <summary>Small images that become large: nothing is inflated beyond what was announced, allowed, and has room.</summary>
public sealed class BombTests : IDisposable
{
    private const long Inflated = 64 << 20;

    private static readonly ImageCacheConfiguration Configuration = new() { CachePath = "/nowhere" };
    private readonly QemuTool _tool = QemuTool.RequireInstalled();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Bombs => new()
    {
        { "qcow2", "-O qcow2 -c" },
        { "qcow2", "-O qcow2 -c -o compression_type=zstd" },
        { "vmdk", "-O vmdk -o subformat=streamOptimized" },
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public void ABombIsRefusedByItsVirtualSizeBeforeAnythingIsInflated(string diskFormat, string options)
    {
        MakeBomb(options);
        FormatPolicy policy = FormatPolicy.From(Configuration with { MaximumVirtualSize = Inflated - 1 });
        FormatReport report = Inspection.OfFile(_tool.PathOf("bomb"));

        PolicyException refusal = Assert.Throws<PolicyException>(() => policy.Decide(report, new FormatClaim("x", diskFormat, "bare")));

        Assert.Equal(ErrorIds.ImageTooLarge, refusal.ErrorId);
    }

    [Theory]
    [MemberData(nameof(Bombs))]
    public async Task ABombWritesNoMoreThanWasAnnounced(string diskFormat, string options)
    {
        MakeBomb(options);
        FormatDecision decision = FormatPolicy.From(Configuration).Decide(Inspection.OfFile(_tool.PathOf("bomb")), new FormatClaim("x", diskFormat, "bare"));
        RawConversion conversion = new("x", _tool.PathOf("bomb"), decision.Format, _tool.PathOf("raw"), 8 << 20);

        VerificationException refusal = await Assert.ThrowsAsync<VerificationException>(
            () => new QemuImg(Configuration).ConvertToRawAsync(conversion, static _ => { }, Token));

        Assert.Equal(ErrorIds.UnsafeImage, refusal.ErrorId);
        Assert.False(File.Exists(_tool.PathOf("raw")));
    }

    [Theory]
    [MemberData(nameof(Bombs))]
    public async Task ABombLeavesTheRoomThatMustStayFree(string diskFormat, string options)
    {
        MakeBomb(options);
        FormatDecision decision = FormatPolicy.From(Configuration).Decide(Inspection.OfFile(_tool.PathOf("bomb")), new FormatClaim("x", diskFormat, "bare"));
        long free = new DriveInfo(_tool.Root).AvailableFreeSpace;
        QemuImg qemu = new(Configuration with { MinimumFree = free + (1L << 30) });

        UnavailableException refusal = await Assert.ThrowsAsync<UnavailableException>(() => qemu.ConvertToRawAsync(
            new RawConversion("x", _tool.PathOf("bomb"), decision.Format, _tool.PathOf("raw"), decision.VirtualSize), static _ => { }, Token));

        Assert.Equal(ErrorIds.DiskFull, refusal.ErrorId);
        Assert.Contains("minimum_free", refusal.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_tool.PathOf("raw")));
    }

    public void Dispose() => _tool.Dispose();

    // One letter all over: no hole, and a thousandth of it when packed.
    private void MakeBomb(string options)
    {
        using (FileStream disk = File.Create(_tool.PathOf("disk")))
        {
            byte[] piece = Encoding.ASCII.GetBytes(new string('A', 1 << 20));
            for (long written = 0; written < Inflated; written += piece.Length)
            {
                disk.Write(piece);
            }
        }

        _tool.Run(["convert", "-f", "raw", .. options.Split(' '), "disk", "bomb"]);
        File.Delete(_tool.PathOf("disk"));
        Assert.True(new FileInfo(_tool.PathOf("bomb")).Length < Inflated / 50);
    }
}
