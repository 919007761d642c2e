using ImageCache.Engine.Handlers;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Fetch;

/// <summary>Chooses the handlers for an image, in the order in which they are to be tried.</summary>
/// <param name="handlers">The methods of this node, in the order in which Auto tries them: from the least bytes copied to the most.</param>
internal sealed class MethodSelector(IReadOnlyList<BaseImageHandler> handlers)
{
    private const string OtherMethod = "Use Auto or Download.";

    /// <summary>The methods of this node, in the order in which Auto tries them.</summary>
    public IReadOnlyList<BaseImageHandler> Handlers => handlers;

    /// <summary>Lets the handlers that may be chosen begin, while the image's record is asked for.</summary>
    public void Prepare(FetchMethod wanted)
    {
        foreach (BaseImageHandler handler in handlers.Where(handler => wanted == FetchMethod.Auto || wanted == handler.Method))
        {
            handler.Prepare();
        }
    }

    /// <summary>Chooses.</summary>
    /// <param name="wanted">A method named by the user is never replaced by another.</param>
    /// <param name="image">The image.</param>
    /// <param name="without">Methods that are ruled out.</param>
    /// <exception cref="UnavailableException">No method is left.</exception>
    public IReadOnlyList<BaseImageHandler> Choose(FetchMethod wanted, ImageDescriptor image, IReadOnlyList<FetchMethod> without)
    {
        if (wanted != FetchMethod.Auto)
        {
            return [without.Contains(wanted)
                ? throw Unavailable($"{wanted} cannot bring", image, "a service that it needs does not answer", string.Empty)
                : Require(wanted, image)];
        }

        List<BaseImageHandler> fitting = [.. handlers.Where(handler => !without.Contains(handler.Method) && handler.Lacks(image).IsNone)];
        return fitting.Count > 0
            ? fitting
            : throw Unavailable("No method can bring", image, "none of the methods of this node applies to it", string.Empty);
    }

    /// <summary>Chooses for bytes that are only to be read: a method that links is none for that.</summary>
    public IReadOnlyList<BaseImageHandler> ChooseToRead(FetchMethod wanted, ImageDescriptor image, IReadOnlyList<FetchMethod> without)
    {
        IReadOnlyList<BaseImageHandler> chosen = Choose(Find(wanted) is { Links: true } ? FetchMethod.Auto : wanted, image, without);
        return [.. chosen.Where(static handler => !handler.Links)];
    }

    /// <summary>Whether what a base file's method keeps alive for it is there.</summary>
    public Task<bool> IsAliveAsync(CacheEntry entry, CancellationToken cancellationToken)
        => HandlerOf(entry)?.IsAliveAsync(entry, cancellationToken) ?? Task.FromResult(true);

    /// <summary>Brings back what a base file's method keeps alive for it.</summary>
    public Task<ImageRecord> ReviveAsync(CacheEntry entry, CancellationToken cancellationToken)
        => HandlerOf(entry)?.ReviveAsync(entry, cancellationToken) ?? Task.FromResult(entry.Record!);

    /// <summary>After a restart: every method brings back what it keeps alive, and lets go what nothing needs.</summary>
    public IAsyncEnumerable<InitializationResult> InitializeAsync(bool dryRun, CancellationToken cancellationToken)
        => handlers.ToAsyncEnumerable().SelectMany(handler => handler.InitializeAsync(dryRun, cancellationToken));

    /// <summary>Lets go what any method keeps alive for a base file that is gone.</summary>
    public async Task RemoveAsync(string baseName, CancellationToken cancellationToken)
    {
        foreach (BaseImageHandler handler in handlers)
        {
            await handler.RemoveAsync(baseName, cancellationToken).ConfigureAwait(false);
        }
    }

    private BaseImageHandler? HandlerOf(CacheEntry entry) => handlers.FirstOrDefault(handler => handler.RecordedAs == entry.Record?.Method);

    private BaseImageHandler Require(FetchMethod wanted, ImageDescriptor image)
    {
        BaseImageHandler handler = Find(wanted)
            ?? throw Unavailable($"{wanted} cannot bring", image, "the method is not available here: this node has no handler for it", string.Empty);
        return handler.Lacks(image) is { IsNone: false } lacks
            ? throw Unavailable($"{wanted} cannot bring", image, lacks.Reason, lacks.NextStep)
            : handler;
    }

    private BaseImageHandler? Find(FetchMethod method) => handlers.FirstOrDefault(handler => handler.Method == method);

    private static UnavailableException Unavailable(string what, ImageDescriptor image, string reason, string nextStep) => new(
        ErrorIds.MethodUnavailable,
        $"{what} the image '{image.Id}': {reason}.",
        image.Id,
        nextStep.Length == 0 ? OtherMethod : $"{nextStep} Or: {OtherMethod}",
        category: FailureCategory.ResourceUnavailable);
}
