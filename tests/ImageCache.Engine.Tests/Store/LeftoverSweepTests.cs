using ImageCache.Engine.Store;
using Xunit;

namespace ImageCache.Engine.Tests.Store;

public sealed class LeftoverSweepTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly CacheLayout _layout;

    public LeftoverSweepTests()
    {
        _layout = new CacheLayout(_directory.NewCache());
        new CacheDirectory(_layout, mayCreate: false).RequireWritable();
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_a_living_process_has_is_kept_and_what_a_dead_one_left_is_removed()
    {
        using TemporaryDirectory living = await TemporaryDirectory.CreateAsync(_layout, TestContext.Current.CancellationToken);
        File.WriteAllText(living.PathOf("data"), "busy");
        string dead = Path.Join(_layout.TemporaryPath, "host-1-dead");
        Directory.CreateDirectory(dead);
        File.WriteAllText(Path.Join(dead, TemporaryDirectory.LockName), "");
        File.WriteAllText(Path.Join(dead, "data"), "left");

        IReadOnlyList<string> found = await new LeftoverSweep(_layout).RunAsync(dryRun: false, TestContext.Current.CancellationToken);

        Assert.Equal([dead], found);
        Assert.False(Directory.Exists(dead));
        Assert.True(File.Exists(living.PathOf("data")));
    }

    [Fact]
    public async Task A_dry_run_names_leftovers_and_removes_nothing()
    {
        string dead = Path.Join(_layout.TemporaryPath, "stray");
        File.WriteAllText(dead, "left");
        Assert.Equal([dead], await new LeftoverSweep(_layout).RunAsync(dryRun: true, TestContext.Current.CancellationToken));
        Assert.True(File.Exists(dead));
    }

    [Fact]
    public async Task A_link_is_unlinked_and_never_followed()
    {
        string precious = _directory["precious"];
        Directory.CreateDirectory(precious);
        File.WriteAllText(Path.Join(precious, "file"), "keep me");
        Directory.CreateSymbolicLink(Path.Join(_layout.TemporaryPath, "link"), precious);

        await new LeftoverSweep(_layout).RunAsync(dryRun: false, TestContext.Current.CancellationToken);

        Assert.Empty(Directory.EnumerateFileSystemEntries(_layout.TemporaryPath));
        Assert.Equal("keep me", File.ReadAllText(Path.Join(precious, "file")));
    }

    [Fact]
    public async Task A_disposed_directory_leaves_nothing()
    {
        TemporaryDirectory mine = await TemporaryDirectory.CreateAsync(_layout, TestContext.Current.CancellationToken);
        File.WriteAllText(mine.PathOf("data"), "x");
        mine.Dispose();
        Assert.Empty(Directory.EnumerateFileSystemEntries(_layout.TemporaryPath));
    }

    [Fact]
    public async Task Many_who_clean_up_and_sweep_at_once_do_not_disturb_each_other()
    {
        await Parallel.ForAsync(0, 300, TestContext.Current.CancellationToken, async (i, token) =>
        {
            using TemporaryDirectory mine = await TemporaryDirectory.CreateAsync(_layout, token);
            for (int file = 0; file < 5; file++)
            {
                File.WriteAllText(mine.PathOf($"data-{file}"), "x");
            }

            await new LeftoverSweep(_layout).RunAsync(dryRun: false, token);
            Assert.True(File.Exists(mine.PathOf("data-4")), "a living one was swept");
        });
        await new LeftoverSweep(_layout).RunAsync(dryRun: false, TestContext.Current.CancellationToken);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_layout.TemporaryPath));
    }
}
