using System.Diagnostics;
using ImageCache.Engine.Native.Posix;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Disks;

/// <summary>Disks made by the user who owns cache and instances, as nova is on a compute node, and by one who does not.</summary>
public sealed class OtherUserTests : IAsyncDisposable
{
    private const uint User = 12345;

    private readonly DiskBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task The_owner_of_the_cache_needs_no_root()
    {
        await GiveAwayAsync();
        string path = _bed.NewPath();
        await RunAsync("chown", "-R", $"{User}:{User}", Path.GetDirectoryName(path)!);
        using ProbeProcess probe = ProbeProcess.StartAs(User, _bed.Node, $"--image={_bed.Image.Id}", $"--disk={path}", "--size=8388608", "--target");
        Assert.Contains("MADE", await probe.WaitForEndAsync(), StringComparison.Ordinal);
        Assert.Equal(User, FileStatus.OfPath(path)!.Value.UserId);
        Assert.Equal(1, _bed.Node.RecordOf(_bed.Image.Id).Record!.UseCount);
    }

    [Fact]
    public async Task Who_may_not_write_there_makes_nothing()
    {
        await GiveAwayAsync();
        string path = _bed.NewPath();
        using ProbeProcess probe = ProbeProcess.StartAs(User, _bed.Node, $"--image={_bed.Image.Id}", $"--disk={path}");
        Assert.Contains($"FAILED {ErrorIds.DiskPathUnavailable}", await probe.WaitForEndAsync(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Path.GetDirectoryName(path)!));
        Assert.Empty(_bed.Node.Leftovers());
    }

    private async Task GiveAwayAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/usr/bin/setpriv"), "needs root and setpriv");
        await _bed.Node.FetchAsync(_bed.Image.Id);
        Directory.CreateDirectory(_bed.Node.Directory["home"]);
        await RunAsync("chmod", "755", _bed.Node.Directory.FullPath);
        await RunAsync("chown", "-R", $"{User}:{User}", _bed.Node.CachePath, _bed.Node.Layout.LocksPath, _bed.Node.Directory["home"]);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        await process.WaitForExitAsync(Token);
        Assert.Equal(0, process.ExitCode);
    }
}
