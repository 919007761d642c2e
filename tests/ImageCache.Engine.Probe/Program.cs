using System.Runtime.InteropServices;
using ImageCache;
using ImageCache.Engine;
using ImageCache.Engine.Probe;
using ImageCache.Engine.Requests;

ProbeOptions options = ProbeOptions.Parse(args);
if (options.Scans > 0)
{
    UsageScans.Run(options, Console.Out);
    return 0;
}

using CancellationTokenSource stop = new();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
{
    context.Cancel = true;
    stop.Cancel();
});
OperationMonitor monitor = new();
await using ImageCacheEngine engine = ImageCacheEngine.Open(
    EngineOptions.FromProcess() with { CachePath = options.CachePath, Settings = options.Settings });
Console.WriteLine("READY");
if (options.Wait)
{
    await Console.In.ReadLineAsync().ConfigureAwait(false);
}

try
{
    if (options.Rounds)
    {
        await new FetchRounds(engine).RunAsync(Console.In, Console.Out, stop.Token).ConfigureAwait(false);
        return 0;
    }

    if (options.Prune)
    {
        return await PruneAsync().ConfigureAwait(false);
    }

    using StageWatch watch = new(monitor, options);
    if (options.Disk is not null)
    {
        return await MakeDiskAsync(options.Image!, options.Disk).ConfigureAwait(false);
    }

    return options.Image is null ? await InitializeAsync().ConfigureAwait(false) : await FetchAsync(options.Image).ConfigureAwait(false);
}
catch (OperationCanceledException)
{
    Console.WriteLine("CANCELLED");
    return 130;
}

async Task<int> FetchAsync(string image)
{
    int failures = 0;
    FetchRequest request = new() { Image = image, Force = options.Force };
    await foreach (FetchOutcome outcome in engine.FetchAsync([request], 1, monitor, stop.Token).ConfigureAwait(false))
    {
        Console.WriteLine(outcome.Error is { } error ? $"FAILED {error.ErrorId} {error.Message}" : outcome.Image!.Hit == true ? "HIT" : "FETCHED");
        failures += outcome.Error is null ? 0 : 1;
    }

    return failures;
}

async Task<int> MakeDiskAsync(string image, string path)
{
    DiskRequest request = new()
    {
        Image = image,
        Path = path,
        Size = options.Size,
        UseTarget = options.UseTarget,
        Format = options.Raw ? InstanceDiskFormat.Raw : InstanceDiskFormat.Qcow2,
        Force = options.Force,
    };
    try
    {
        DiskPlan plan = await engine.PlanDiskAsync(request, monitor, stop.Token).ConfigureAwait(false);
        await engine.CreateDiskAsync(plan, monitor, stop.Token).ConfigureAwait(false);
        Console.WriteLine("MADE");
        return 0;
    }
    catch (ImageCacheException e)
    {
        Console.WriteLine($"FAILED {e.ErrorId} {e.Message}");
        return 1;
    }
}

async Task<int> PruneAsync()
{
    PrunePlan plan = await engine.PlanPruneAsync(describe: false, monitor, stop.Token).ConfigureAwait(false);
    Console.WriteLine("PLANNED");
    await foreach (PruneDecision decision in engine.PruneAsync(plan, monitor, stop.Token).ConfigureAwait(false))
    {
        Console.WriteLine($"{decision.Action} {decision.Path}");
    }

    return 0;
}

async Task<int> InitializeAsync()
{
    await foreach (InitializationResult result in engine.InitializeAsync(create: false, dryRun: false, monitor, stop.Token).ConfigureAwait(false))
    {
        Console.WriteLine($"INIT {result.Action}");
    }

    return 0;
}
