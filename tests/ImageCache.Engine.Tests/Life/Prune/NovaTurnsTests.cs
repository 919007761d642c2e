using System.Diagnostics;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Prune;

/// <summary>nova's own cache manager and a prune in turns over one directory: neither breaks the other.</summary>
public sealed class NovaTurnsTests : IAsyncDisposable
{
    private readonly EngineBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Manager => Repository.Find("tests/lab/nova-cache-manager")!;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task What_is_used_or_critical_outlives_both_and_what_is_unused_goes_by_either()
    {
        Assert.SkipUnless(Directory.Exists("/usr/lib/python3/dist-packages/nova"), "needs python3-nova");
        string[] used = [await FetchAsync(1), await FetchAsync(2), await FetchAsync(3)];
        string critical = await FetchAsync(4);
        string[] unused = [await FetchAsync(5), await FetchAsync(6)];

        // nova looks at the file disk of instances that it knows, and no deeper than one file: the second and third are for us to see.
        await Qemu.OverlayAsync(_bed.Directory["instances/11111111-0000-0000-0000-000000000000/disk"], _bed.BasePath(used[0]));
        await Qemu.OverlayAsync(_bed.Directory["instances/11111111-0000-0000-0000-000000000000/disk.rescue"], _bed.BasePath(used[1]));
        await Qemu.OverlayAsync(_bed.Directory["instances/unknown/middle"], _bed.BasePath(used[2]));
        await Qemu.OverlayAsync(_bed.Directory["instances/unknown/disk"], _bed.Directory["instances/unknown/middle"], "qcow2");
        await File.WriteAllTextAsync(
            Path.Join(_bed.Layout.PrivatePath, CacheLayout.CriticalName),
            $$"""{"schemaVersion":1,"images":[{"id":"{{critical}}","descriptor":{"id":"{{critical}}"},"registeredAt":"2026-01-01T00:00:00Z"}]}""", Token);
        Age([.. used, critical, unused[0]]);

        await PruneAsync();
        Assert.False(File.Exists(_bed.BasePath(unused[0])));
        Assert.Empty(await NovaAsync(used[0]));
        Age([unused[1]]);
        Assert.Equal(Path.GetFileName(_bed.BasePath(unused[1])) + "\n", await NovaAsync(used[0]));
        for (int turn = 0; turn < 3; turn++)
        {
            Age([.. used, critical]);
            await PruneAsync();
            Assert.Empty(await NovaAsync(used[0]));
        }

        Assert.All([.. used, critical], id => Assert.True(File.Exists(_bed.BasePath(id)), id));
        await Task.WhenAll(Task.Run(() => NovaAsync(used[0])), PruneAsync(), PruneAsync());
        Assert.All([.. used, critical], id => Assert.Equal(RecordState.Valid, _bed.RecordOf(id).State));
    }

    private async Task<string> FetchAsync(int seed)
    {
        FakeImage image = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(51200, seed) });
        await _bed.FetchAsync(image.Id);
        return image.Id;
    }

    private void Age(string[] images)
    {
        foreach (string image in images)
        {
            File.SetLastWriteTimeUtc(_bed.BasePath(image), DateTime.UtcNow.AddDays(-3));
        }
    }

    private async Task PruneAsync()
    {
        ImageCacheEngine engine = _bed.Open();
        PrunePlan plan = await engine.PlanPruneAsync(describe: false, _bed.Monitor, Token);
        await foreach (PruneDecision decision in engine.PruneAsync(plan, _bed.Monitor, Token))
        {
            Assert.Null(decision.Error);
        }
    }

    private async Task<string> NovaAsync(string image)
    {
        ProcessStartInfo start = new("/usr/bin/python3", ["-B", Manager, "--instances-path", _bed.Layout.InstancesPath, $"--instance=11111111-0000-0000-0000-000000000000={image}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(Token);
        string output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        Assert.True(process.ExitCode == 0, await errors);
        return output;
    }
}
