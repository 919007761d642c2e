using ImageCache.Engine.Life.Usage;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Formats;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Usage;

/// <summary>What a scan remembers of the one before.</summary>
public sealed class ScanMemoryTests : IDisposable
{
    private static readonly TimeProvider s_later = new LaterTime();

    private readonly UsageBed _bed = new();
    private readonly string _disk;

    public ScanMemoryTests()
    {
        _disk = _bed.Disk("one/disk");
        Write(1);
    }

    private string MemoryPath => Path.Join(_bed.Layout.PrivatePath, ScanMemoryFile.NameOf(Environment.MachineName));

    [Fact]
    public void An_unchanged_disk_is_not_read_again()
    {
        AssertScan(read: 1, known: 0, uses: 1);
        AssertScan(read: 0, known: 1, uses: 1);
        Assert.Empty(Directory.EnumerateFiles(_bed.Layout.PrivatePath, "*.new"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_bed.Layout.TemporaryPath));
    }

    [Fact]
    public void A_scanner_remembers_without_a_file()
    {
        Directory.Delete(_bed.Layout.PrivatePath, recursive: true);
        UsageScanner scanner = new(_bed.Layout, time: s_later) { ProcessesPath = _bed.NoProcesses };
        Assert.Equal(1, scanner.Scan(TestContext.Current.CancellationToken).HeadersRead);
        UsageReport again = scanner.Scan(TestContext.Current.CancellationToken);
        Assert.Equal((0, 1), (again.HeadersRead, again.HeadersKnown));
        Assert.True(again.IsUsed(UsageBed.BaseName(1)));
    }

    [Fact]
    public void A_changed_disk_is_read_again()
    {
        AssertScan(read: 1, known: 0, uses: 1);
        Write(2);
        AssertScan(read: 1, known: 0, uses: 2);
        File.Delete(_disk);
        Write(3);
        AssertScan(read: 1, known: 0, uses: 3);
    }

    [Fact]
    public void A_disk_that_may_just_be_changing_is_not_remembered()
    {
        AssertScan(read: 1, known: 0, uses: 1, TimeProvider.System);
        AssertScan(read: 1, known: 0, uses: 1, TimeProvider.System);
    }

    [Fact]
    public void A_disk_in_doubt_is_not_remembered()
    {
        File.WriteAllBytes(_disk, SampleImages.Qcow2()[..50]);
        Assert.Single(Scan().Unreadable);
        Assert.Single(Scan().Unreadable);
    }

    [Fact]
    public void Any_damage_means_reading_everything()
    {
        AssertScan(read: 1, known: 0, uses: 1);
        byte[] whole = File.ReadAllBytes(MemoryPath);
        for (int i = 0; i < whole.Length; i += 7)
        {
            byte[] spoiled = (byte[])whole.Clone();
            spoiled[i] ^= 0x20;
            File.WriteAllBytes(MemoryPath, spoiled);
            AssertScan(read: 1, known: 0, uses: 1);
            File.WriteAllBytes(MemoryPath, whole[..i]);
            AssertScan(read: 1, known: 0, uses: 1);
        }
    }

    [Fact]
    public void What_others_could_have_written_is_not_believed()
    {
        AssertScan(read: 1, known: 0, uses: 1);
        File.SetUnixFileMode(MemoryPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);
        AssertScan(read: 1, known: 0, uses: 1);
    }

    [Fact]
    public void Neither_a_link_nor_a_lie_about_another_cache_is_believed()
    {
        AssertScan(read: 1, known: 0, uses: 1);
        string elsewhere = _bed.Directory["elsewhere"];
        File.Move(MemoryPath, elsewhere);
        File.CreateSymbolicLink(MemoryPath, elsewhere);
        AssertScan(read: 1, known: 0, uses: 1);
        Assert.Null(ScanMemoryFormat.TryRead(ScanMemoryFormat.Write([], "/another"), _bed.Layout.CachePath));
        Assert.NotNull(ScanMemoryFormat.TryRead(ScanMemoryFormat.Write([], _bed.Layout.CachePath), _bed.Layout.CachePath));
    }

    [Fact]
    public void While_another_writes_nothing_is_lost()
    {
        using (BaseFileLock held = BaseFileLock.TryAcquire(MemoryPath + ".lock")!)
        {
            AssertScan(read: 1, known: 0, uses: 1);
            Assert.False(File.Exists(MemoryPath));
        }

        File.WriteAllText(MemoryPath + ".new", "left by one that was killed");
        AssertScan(read: 1, known: 0, uses: 1);
        AssertScan(read: 0, known: 1, uses: 1);
    }

    public void Dispose() => _bed.Dispose();

    private void Write(int number) => File.WriteAllBytes(_disk, UsageBed.Overlay(_bed.Layout.BasePath(UsageBed.BaseName(number))));

    private UsageReport Scan(TimeProvider? time = null)
        => new UsageScanner(_bed.Layout, time: time ?? s_later) { ProcessesPath = _bed.NoProcesses }.Scan(TestContext.Current.CancellationToken);

    private void AssertScan(int read, int known, int uses, TimeProvider? time = null)
    {
        UsageReport report = Scan(time);
        Assert.Equal((read, known), (report.HeadersRead, report.HeadersKnown));
        Assert.Equal([UsageBed.BaseName(uses)], report.UsedBy.Keys);
    }

    // Nobody can set the time of a file's last change: it is the scan that comes later.
    private sealed class LaterTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddMinutes(1);
    }
}
