using System.Runtime.CompilerServices;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.OpenStack.Clouds;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;

namespace ImageCache.Engine;

/// <summary>
/// The engine's front door: one method per verb. Opening reads configuration only; services, tools and native libraries are
/// touched when a method needs them. Methods may run at the same time. After a cancellation a method returns only when its
/// locks, temporary files and child processes are gone.
/// </summary>
public sealed partial class ImageCacheEngine : IAsyncDisposable
{
    private readonly EngineParts _parts;

    private ImageCacheEngine(EngineParts parts) => _parts = parts;

    /// <summary>Reads the configuration and opens the engine on it.</summary>
    /// <param name="options">Parameters, environment and log.</param>
    /// <exception cref="InvalidInputException">A configuration file has an unknown key or a bad value.</exception>
    public static ImageCacheEngine Open(EngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Open(options, TimeProvider.System);
    }

    /// <summary>Opens the engine with another clock: waits before repeats, rate limit and times of records go by it.</summary>
    internal static ImageCacheEngine Open(EngineOptions options, TimeProvider time)
        => new(new EngineParts(options, ConfigurationLoader.Load(options), time));

    /// <summary>Every setting in force and where it came from, and what this node can do by them.</summary>
    public IReadOnlyList<EffectiveSetting> GetConfiguration() => [.. _parts.Configuration.Settings, _parts.RbdExportReadiness()];

    /// <summary>How many fetches run at once when the caller does not say.</summary>
    public int DefaultThrottleLimit => _parts.Configuration.ThrottleLimit;

    /// <summary>Searches Glance; results stream as pages arrive.</summary>
    public async IAsyncEnumerable<ImageDescriptor> FindAsync(
        FindRequest request, OperationMonitor monitor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using WorkProgress progress = Require(monitor).Begin(request.Name ?? "images");
        List<ImageDescriptor> seen = [];
        await foreach (ImageDescriptor image in _parts.Cloud.Glance.ListAsync(request, cancellationToken).ConfigureAwait(false))
        {
            progress.Add(1);
            seen.Add(image);
            yield return image with { IsCached = _parts.Cache.Find(CacheLayout.BaseName(image.Id)) is not null };
        }

        _parts.Cloud.Catalogue.Keep(seen, request.IsUnfiltered, TimeProvider.System);
    }

    /// <summary>Tells what the cache holds; no service is asked. Results stream.</summary>
    /// <exception cref="NotFoundException">A single image was asked for and is not here.</exception>
    public IAsyncEnumerable<BaseImage> ListAsync(ListRequest request, OperationMonitor monitor, CancellationToken cancellationToken)
        => _parts.Lister.ListAsync(request, Require(monitor), cancellationToken);

    /// <summary>Brings images into the cache, several at once; outcomes come as they are ready. One failure stops no other.</summary>
    public IAsyncEnumerable<FetchOutcome> FetchAsync(
        IReadOnlyList<FetchRequest> requests, int throttleLimit, OperationMonitor monitor, CancellationToken cancellationToken)
        => _parts.Batch.RunAsync(requests, throttleLimit, Require(monitor), cancellationToken);

    /// <summary>Says what removing an image would do, and refuses what must not be done.</summary>
    /// <exception cref="NotFoundException">It is not here.</exception>
    /// <exception cref="BusyException">It is in use, and the caller does not insist.</exception>
    public async Task<RemovalPlan> PlanRemovalAsync(string image, bool force, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        using WorkProgress progress = Require(monitor).Begin(image);
        return await Task.Run(() => _parts.Remover.Plan(image, force, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes what was planned, looking again under nova's lock first.</summary>
    public async Task<BaseImage> RemoveAsync(RemovalPlan plan, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        using WorkProgress progress = Require(monitor).Begin(plan.Image.Name ?? plan.Image.Path);
        BaseImage removed = await _parts.Remover.RemoveAsync(plan, progress, cancellationToken).ConfigureAwait(false);
        if (removed.IsCritical)
        {
            monitor.Warn($"'{removed.Path}' was removed, and stays registered as critical: the next synchronization brings it back, unless 'imagecache critical unregister' (Unregister-CriticalImage) takes it out of the list.");
        }

        return removed;
    }

    /// <summary>
    /// Reads cached files again, the oldest proof first, and compares them with their records; no service is asked unless the request says
    /// so. Results stream, and what was proved is noted at once: a later call with an age goes on where this one stopped.
    /// </summary>
    /// <exception cref="NotFoundException">A single image was asked for and is not here.</exception>
    public IAsyncEnumerable<IntegrityResult> VerifyAsync(VerifyRequest request, OperationMonitor monitor, CancellationToken cancellationToken)
        => _parts.IntegrityScan.RunAsync(request, Require(monitor), cancellationToken);

    /// <summary>Whether a result tells of something that should not stay so: damaged or missing, and not repaired.</summary>
    public static bool IsBroken(IntegrityResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result.Status is IntegrityStatus.Damaged or IntegrityStatus.Missing && !result.Repaired;
    }

    /// <summary>
    /// Repairs what <see cref="VerifyAsync"/> found damaged or missing: sets it aside and fetches the image again. A file that disks use is
    /// left alone. What cannot be repaired is no error; the result says why.
    /// </summary>
    public Task<IntegrityResult> RepairAsync(IntegrityResult found, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(found);
        return _parts.IntegrityRepair.RunAsync(found, Require(monitor), cancellationToken);
    }

    /// <summary>
    /// Puts the cache in order after a restart: leftovers of dead processes go, records are checked. Results stream.
    /// </summary>
    /// <param name="create">Make the cache directory when it is missing.</param>
    /// <param name="dryRun">Only say what would be done.</param>
    /// <param name="monitor">Progress and warnings.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public IAsyncEnumerable<InitializationResult> InitializeAsync(
        bool create, bool dryRun, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        _parts.TellReadiness();
        return _parts.Initializer.RunAsync(create, dryRun, Require(monitor), cancellationToken);
    }

    /// <summary>
    /// Judges a signature. A cached image is judged by its file and its record, without a service where they suffice; another one is
    /// streamed, and nothing of it kept.
    /// </summary>
    /// <exception cref="NotFoundException">There is no such image or file.</exception>
    /// <exception cref="UnavailableException">The data of an image that is not cached cannot be had.</exception>
    public Task<SignatureResult> TestSignatureAsync(SignatureRequest request, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _parts.SignatureTester.TestAsync(request, Require(monitor), cancellationToken);
    }

    /// <summary>Images whose id or name begins with a text, from the records and from what a search last saw; never asks a network.</summary>
    public IReadOnlyList<ImageDescriptor> Complete(string beginning)
    {
        ArgumentNullException.ThrowIfNull(beginning);
        IEnumerable<ImageDescriptor> recorded = _parts.Records.Names()
            .Select(name => _parts.Records.Read(name).Record)
            .OfType<ImageRecord>()
            .Select(static record => record.Descriptor with { IsCached = true, Size = record.Descriptor.Size ?? record.Size });
        return [.. recorded
            .Concat(_parts.Cloud.RememberedImages()
                .Select(static entry => new ImageDescriptor { Id = entry.Id, Name = entry.Name, Status = entry.Status, Size = entry.Size }))
            .Where(image => Begins(image.Id, beginning) || Begins(image.Name, beginning))
            .DistinctBy(static image => image.Id)
            .OrderBy(static image => image.Name ?? image.Id, StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>The clouds that a user can name; never asks a network.</summary>
    /// <param name="options">Environment and working directory: where clouds.yaml is looked for.</param>
    /// <exception cref="InvalidInputException">clouds.yaml cannot be read.</exception>
    public static IReadOnlyList<string> CloudNames(EngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new CloudsYaml(options).Names();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    private static bool Begins(string? text, string beginning) => text?.StartsWith(beginning, StringComparison.OrdinalIgnoreCase) ?? false;

    private static OperationMonitor Require(OperationMonitor monitor)
    {
        ArgumentNullException.ThrowIfNull(monitor);
        return monitor;
    }
}
