using System.Diagnostics;
using System.Net.Sockets;
using ImageCache.Engine.Life.Usage;
using ImageCache.Engine.Tests.Formats;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Usage;

/// <summary>Instances as guests, mishaps and other users leave them.</summary>
public sealed class HostileDiskTests : IDisposable
{
    private readonly UsageBed _bed = new();

    [Fact]
    public void What_is_no_file_is_never_opened()
    {
        using Process made = Process.Start("mkfifo", [_bed.Disk("one/disk")])!;
        made.WaitForExit();
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_bed.Disk("one/monitor.sock")));
        File.CreateSymbolicLink(_bed.Disk("one/zero"), "/dev/zero");
        Write("two/disk", UsageBed.Overlay(_bed.Disk("one/disk")));
        UsageReport report = _bed.Scan();
        Assert.Equal(0, made.ExitCode);
        Assert.Empty(report.Unreadable);
        Assert.Empty(report.UsedBy);
    }

    [Fact]
    public void Links_in_a_circle_are_passed()
    {
        string one = Path.GetDirectoryName(_bed.Disk("one/disk"))!;
        Directory.CreateSymbolicLink(Path.Join(one, "up"), _bed.Instances);
        Directory.CreateSymbolicLink(Path.Join(one, "self"), one);
        File.CreateSymbolicLink(Path.Join(one, "a"), "b");
        File.CreateSymbolicLink(Path.Join(one, "b"), "a");
        File.CreateSymbolicLink(Path.Join(one, "nowhere"), "/nowhere/at/all");
        Write("one/disk", UsageBed.Overlay(_bed.Base(1)));
        UsageReport report = _bed.Scan();
        Assert.Equal([Path.Join(one, "disk")], report.UsersOf(UsageBed.BaseName(1)));
        Assert.Empty(report.Unreadable);
    }

    [Fact]
    public void A_disk_that_is_a_link_to_a_base_uses_it()
    {
        string disk = _bed.Disk("one/disk");
        File.CreateSymbolicLink(disk, _bed.Base("by-name-alone"));
        Assert.Equal([disk], _bed.Scan().UsersOf("by-name-alone"));
    }

    [Fact]
    public void A_chain_in_a_circle_is_in_doubt()
    {
        Write("one/disk", UsageBed.Overlay(_bed.Disk("two/disk")));
        Write("two/disk", UsageBed.Overlay(_bed.Disk("one/disk")));
        Assert.Equal([_bed.Disk("one/disk"), _bed.Disk("two/disk")], _bed.Scan().Unreadable.Keys);
    }

    [Theory]
    [InlineData("{\"/elsewhere/one/disk\": \"raw\"}", false)]
    [InlineData("{\"/elsewhere/one/disk\": \"qcow2\"}", true)]
    [InlineData("{\"/elsewhere/one/disk\": \"raw\", \"disk\": \"qcow2\"}", true)]
    [InlineData("{\"/elsewhere/one/disk.eph0\": \"raw\"}", true)]
    [InlineData("{\"/elsewhere/one/disk\": 7}", true)]
    [InlineData("[]", true)]
    [InlineData("{", true)]
    public void A_broken_header_in_what_nova_opens_as_raw_is_a_guests_own(string info, bool isInDoubt)
    {
        byte[] broken = UsageBed.Overlay(_bed.Disk("one/disk"));
        Write("one/disk", broken);
        Write("one/disk.info", System.Text.Encoding.UTF8.GetBytes(info));
        Assert.Equal(isInDoubt, _bed.Scan().Unreadable.Count == 1);
    }

    [Fact]
    public void A_chain_that_breaks_off_keeps_what_it_named()
    {
        string name = UsageBed.BaseName(7);
        Write("one/disk", UsageBed.Overlay(_bed.Layout.BasePath(name)));
        UsageReport report = _bed.Scan();
        Assert.True(report.IsUsed(name));
        Assert.Empty(report.Unreadable);
    }

    [Fact]
    public void What_lies_deep_counts_and_what_lies_too_deep_is_in_doubt()
    {
        Write("a/b/c/d/e/f/disk", UsageBed.Overlay(_bed.Base(1)));
        Assert.True(_bed.Scan().IsUsed(UsageBed.BaseName(1)));
        string deep = string.Concat(Enumerable.Repeat("d/", 20));
        Write(deep + "disk", UsageBed.Overlay(_bed.Base(2)));
        Assert.Single(_bed.Scan().Unreadable);
    }

    [Fact]
    public void A_link_to_a_directory_above_is_in_doubt()
    {
        string link = _bed.Disk("root");
        Directory.CreateSymbolicLink(link, "/");
        Assert.Equal([link], _bed.Scan().Unreadable.Keys);
    }

    public static TheoryData<string, byte[]> Damaged => new()
    {
        { "cut", UsageBed.Overlay("/x")[..60] },
        { "no UTF-8", UsageBed.Overlay([0x2f, 0xff, 0xfe]) },
        { "huge name", HugeName() },
    };

    [Theory]
    [MemberData(nameof(Damaged))]
    public void A_damaged_disk_is_in_doubt(string what, byte[] disk)
    {
        Write("one/disk", disk);
        UsageReport report = _bed.Scan();
        Assert.True(report.Unreadable.ContainsKey(_bed.Disk("one/disk")), what);
        Assert.Single(report.UsersOf(UsageBed.BaseName(1)));
        Assert.False(report.IsUsed(UsageBed.BaseName(1)));
    }

    [Fact]
    public void A_name_that_is_no_UTF8_is_in_doubt()
    {
        string directory = Path.GetDirectoryName(_bed.Disk("one/disk"))!;
        using Process made = Process.Start("bash", ["-c", "touch \"$1\"/$'disk\\xff'", "bash", directory])!;
        made.WaitForExit();
        int found = _bed.Scan().Unreadable.Count;

        // .NET cannot name it, and so not remove it either.
        using Process removed = Process.Start("rm", ["-r", directory])!;
        removed.WaitForExit();
        Assert.Equal((0, 1), (made.ExitCode, found));
    }

    [Fact]
    public async Task What_a_user_may_not_read_is_in_doubt_for_that_user()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/usr/bin/setpriv"), "needs root and setpriv");
        Write("one/disk", UsageBed.Overlay(_bed.Base(1)));
        File.SetUnixFileMode(_bed.Disk("one/disk"), UnixFileMode.UserRead);
        Write("two/disk", UsageBed.Overlay(_bed.Base(2)));
        File.SetUnixFileMode(Path.Join(_bed.Instances, "two"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Write("one/console.log", [1]);
        File.SetUnixFileMode(_bed.Disk("one/console.log"), UnixFileMode.UserRead);
        File.SetUnixFileMode(_bed.Directory.FullPath, (UnixFileMode)0b111_101_101);
        string told = await ScanProbe.RunAsNobodyAsync(_bed.Layout.CachePath);
        Assert.Contains($"UNREADABLE {_bed.Disk("one/disk")}", told, StringComparison.Ordinal);
        Assert.Contains($"UNREADABLE {Path.Join(_bed.Instances, "two")}", told, StringComparison.Ordinal);
        Assert.DoesNotContain("console.log", told, StringComparison.Ordinal);
    }

    public void Dispose() => _bed.Dispose();

    private static byte[] HugeName()
    {
        byte[] disk = UsageBed.Overlay("/x");
        SampleImages.BigEndian32(disk, 16, uint.MaxValue);
        return disk;
    }

    private void Write(string path, byte[] content) => File.WriteAllBytes(_bed.Disk(path), content);
}
