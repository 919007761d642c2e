using ImageCache.Engine.Requests;

namespace ImageCache.Engine;

/// <summary>
/// The engine's front door: one method per verb. Opening reads configuration only; services, tools and native libraries are
/// touched when a method needs them. Methods may run at the same time. After a cancellation a method returns only when its
/// locks, temporary files and child processes are gone.
/// </summary>
public sealed class ImageCacheEngine : IAsyncDisposable
{
    private ImageCacheEngine()
    {
    }

    /// <summary>Reads the configuration and opens the engine on it.</summary>
    /// <param name="options">Parameters, environment and log.</param>
    /// <exception cref="InvalidInputException">A configuration file has an unknown key or a bad value.</exception>
    public static ImageCacheEngine Open(EngineOptions options) => throw new NotSupportedException();

    /// <summary>Every setting in force and where it came from.</summary>
    public IReadOnlyList<EffectiveSetting> GetConfiguration() => throw new NotSupportedException();

    /// <summary>How many fetches run at once when the caller does not say.</summary>
    public int DefaultThrottleLimit => throw new NotSupportedException();

    /// <summary>Searches Glance; results stream as pages arrive.</summary>
    public IAsyncEnumerable<ImageDescriptor> FindAsync(FindRequest request, OperationMonitor monitor, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    /// <summary>Tells what the cache holds; no service is asked. Results stream.</summary>
    /// <exception cref="NotFoundException">A single image was asked for and is not here.</exception>
    public IAsyncEnumerable<BaseImage> ListAsync(ListRequest request, OperationMonitor monitor, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    /// <summary>Brings images into the cache, several at once; outcomes come as they are ready. One failure stops no other.</summary>
    public IAsyncEnumerable<FetchOutcome> FetchAsync(
        IReadOnlyList<FetchRequest> requests, int throttleLimit, OperationMonitor monitor, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    /// <summary>Says what removing an image would do, and refuses what must not be done.</summary>
    /// <exception cref="NotFoundException">It is not here.</exception>
    /// <exception cref="PolicyException">It is in use, and the caller does not insist.</exception>
    public Task<RemovalPlan> PlanRemovalAsync(string image, bool force, OperationMonitor monitor, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    /// <summary>Removes what was planned, looking again under nova's lock first.</summary>
    public Task<BaseImage> RemoveAsync(RemovalPlan plan, OperationMonitor monitor, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    /// <summary>
    /// Puts the cache in order after a restart: leftovers of dead processes go, records are checked. Results stream.
    /// </summary>
    /// <param name="create">Make the cache directory when it is missing.</param>
    /// <param name="dryRun">Only say what would be done.</param>
    /// <param name="monitor">Progress and warnings.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public IAsyncEnumerable<InitializationResult> InitializeAsync(
        bool create, bool dryRun, OperationMonitor monitor, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    /// <summary>Images whose id or name begins with a text, from the records and from what a search last saw; never asks a network.</summary>
    public IReadOnlyList<ImageDescriptor> Complete(string beginning) => throw new NotSupportedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
