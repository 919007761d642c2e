using System.Diagnostics;
using ImageCache.Engine.Store;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Usage;

/// <summary>What running processes of QEMU have open.</summary>
public sealed class QemuProcessTests : IDisposable
{
    private readonly UsageBed _bed = new();
    private readonly string _name = CacheLayout.BaseName(Guid.NewGuid().ToString());
    private Process? _daemon;

    [Fact]
    public async Task A_base_that_a_process_has_open_is_in_use()
    {
        await OpenAsync("file", _bed.Base(_name));
        Assert.Equal([$"process {_daemon!.Id} (qemu-storage-da)"], _bed.ScanAll().UsedBy[_name]);
    }

    [Fact]
    public async Task A_disk_elsewhere_is_followed_while_a_process_has_it_open()
    {
        Qemu.Require();
        string disk = _bed.Directory["elsewhere/disk"];
        await Qemu.OverlayAsync(disk, _bed.Base(_name));
        Assert.False(_bed.ScanAll().IsUsed(_name));
        await OpenAsync("file", disk);
        Assert.Equal([disk], _bed.ScanAll().UsedBy[_name]);
        File.Delete(disk);
        Assert.Equal([disk + " (deleted)"], _bed.ScanAll().UsedBy[_name]);
    }

    [Fact]
    public async Task What_a_link_leads_to_counts_for_the_link_unless_it_is_shown_by_us()
    {
        string view = _bed.Directory["volumes/one/disk"];
        Directory.CreateDirectory(Path.GetDirectoryName(view)!);
        File.WriteAllBytes(view, new byte[1 << 20]);
        File.CreateSymbolicLink(_bed.Layout.BasePath(_name), view);
        await OpenAsync("file", view);
        Assert.Equal([$"process {_daemon!.Id} (qemu-storage-da)"], _bed.ScanAll().UsedBy[_name]);
        End();
        await OpenAsync("file", view, "--pidfile", _bed.Directory["volumes/one/pid"]);
        Assert.False(_bed.ScanAll().IsUsed(_name));
    }

    [Fact]
    public async Task A_file_that_is_gone_is_used_by_nobody()
    {
        string path = _bed.Base(_name);
        await OpenAsync("file", path);
        File.Delete(path);
        Assert.False(_bed.ScanAll().IsUsed(_name));
    }

    [Fact]
    public async Task A_process_of_another_user_is_told_and_is_no_error()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/usr/bin/setpriv"), "needs root and setpriv");
        File.SetUnixFileMode(_bed.Directory.FullPath, (UnixFileMode)0b111_101_101);
        await OpenAsync("file", _bed.Base(_name));
        Assert.Contains($"LIMIT process {_daemon!.Id} ", await ScanProbe.RunAsNobodyAsync(_bed.Layout.CachePath), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        End();
        _bed.Dispose();
    }

    // The monitor's greeting comes when everything is open.
    private async Task OpenAsync(string driver, string path, params string[] more)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/qemu-storage-daemon"), "needs qemu-storage-daemon (Debian: qemu-system-common)");
        _daemon = Process.Start(new ProcessStartInfo(
            "/usr/bin/qemu-storage-daemon",
            [.. more, "--blockdev", $"driver={driver},filename={path},node-name=a,locking=off,read-only=on", "--chardev", "stdio,id=m", "--monitor", "chardev=m"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        string? greeting = await _daemon.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.Contains("QMP", greeting, StringComparison.Ordinal);
    }

    private void End()
    {
        if (_daemon is not null)
        {
            _daemon.Kill();
            _daemon.WaitForExit();
            _daemon.Dispose();
            _daemon = null;
        }
    }
}
