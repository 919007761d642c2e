using System.Globalization;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Prune;

/// <summary>kill -9 in the middle of a prune: every image is whole, or gone, or set aside whole; and the next prune goes on.</summary>
public sealed class PruneKillTests : IAsyncDisposable
{
    private const int Images = 40;

    private readonly EngineBed _bed = new();
    private readonly List<FakeImage> _images = [];

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData(0, false)]
    [InlineData(3, false)]
    [InlineData(17, false)]
    [InlineData(0, true)]
    [InlineData(5, true)]
    [InlineData(21, true)]
    public async Task Nothing_is_left_half_done(int after, bool quarantine)
    {
        _bed.Settings["prune_quarantine"] = quarantine ? "true" : "false";
        ImageCacheEngine engine = _bed.Open();
        foreach (int seed in Enumerable.Range(0, Images))
        {
            FakeImage image = _bed.Cloud.Add(new FakeImage { Name = seed.ToString(CultureInfo.InvariantCulture), Data = TestData.Noise(5120, seed) });
            _images.Add(image);
            await _bed.FetchAsync(new() { Image = image.Id }, engine);
            File.SetLastWriteTimeUtc(_bed.BasePath(image.Id), DateTime.UtcNow.AddDays(-3));
        }

        string used = _bed.BasePath(_images[0].Id);
        await Qemu.OverlayAsync(_bed.Directory["instances/one/disk"], used);
        File.SetLastWriteTimeUtc(used, DateTime.UtcNow.AddDays(-3));

        using ProbeProcess killed = ProbeProcess.Start(_bed, "--prune");
        await killed.WaitForAsync("PLANNED");
        for (int seen = 0; seen < after; seen++)
        {
            await killed.WaitForAsync(quarantine ? "Quarantine" : "Remove");
        }

        killed.Kill();
        await killed.WaitForEndAsync();
        AssertWholeOrGone(quarantine);

        using ProbeProcess next = ProbeProcess.Start(_bed, "--prune");
        await next.WaitForEndAsync();
        Assert.Equal(0, next.ExitCode);
        AssertWholeOrGone(quarantine);
        Assert.Equal([used], Directory.GetFiles(_bed.CachePath));
        Assert.Empty(_bed.Leftovers());
    }

    private void AssertWholeOrGone(bool quarantine)
    {
        foreach (FakeImage image in _images)
        {
            string name = CacheLayout.BaseName(image.Id);
            string[] aside = Directory.GetFiles(_bed.Layout.QuarantinePath, name + ".*.unused");
            if (File.Exists(_bed.BasePath(image.Id)))
            {
                Assert.Equal(image.Data, File.ReadAllBytes(_bed.BasePath(image.Id)));
                Assert.Equal(RecordState.Valid, _bed.RecordOf(image.Id).State);
                Assert.Empty(aside);
            }
            else if (quarantine)
            {
                string file = Assert.Single(aside);
                Assert.Equal(image.Data, File.ReadAllBytes(file));
                Assert.Equal(RecordState.Valid, UnusedQuarantine.Record(_bed.Layout, name, Path.GetFileName(file)).State);
            }
        }

        Assert.True(File.Exists(_bed.BasePath(_images[0].Id)), "what is in use went");
    }
}
