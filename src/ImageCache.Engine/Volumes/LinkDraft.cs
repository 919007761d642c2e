using ImageCache.Engine.Store;

namespace ImageCache.Engine.Volumes;

/// <summary>A link that is to be made. Unless it was, disposing lets the volume go.</summary>
internal sealed class LinkDraft(RecordedLink link, Func<Task> release) : IAsyncDisposable
{
    private bool _isMade;

    public RecordedLink Link { get; } = link;

    /// <summary>The base file leads to the volume now.</summary>
    public void Made() => _isMade = true;

    public async ValueTask DisposeAsync()
    {
        if (!_isMade)
        {
            _isMade = true;
            await release().ConfigureAwait(false);
        }
    }
}
