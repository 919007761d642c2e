using ImageCache.Engine.Formats;
using ImageCache.Engine.Store;
using ImageCache.Engine.Transfer;

namespace ImageCache.Engine.Volumes;

/// <summary>
/// A volume that is attached and can be read, and to which no base file leads yet. Its bytes are read once, to be verified. Unless the link
/// was made, disposing lets the volume go.
/// </summary>
internal sealed class PreparedLink : IByteSource
{
    private readonly FileByteSource _file;
    private readonly Func<Task> _release;
    private bool _isHandedOn;

    private PreparedLink(RecordedLink link, long size, FileByteSource file, Func<Task> release)
    {
        Link = link;
        Size = size;
        _file = file;
        _release = release;
    }

    public RecordedLink Link { get; }

    /// <summary>The image's bytes.</summary>
    public long Size { get; }

    public long? Length => Size;

    /// <summary>Opens the view.</summary>
    /// <param name="hold">What is held.</param>
    /// <param name="link">What the record will say.</param>
    /// <param name="release">Lets everything go.</param>
    public static PreparedLink Open(VolumeHold hold, RecordedLink link, Func<Task> release)
        => new(link, hold.Size, FileByteSource.Open(link.Target), release);

    public Task<IByteReader> OpenAsync(long offset, CancellationToken cancellationToken) => _file.OpenAsync(offset, cancellationToken);

    /// <summary>Shows a stage the beginning, as the rest were a hole: the formats show themselves there.</summary>
    /// <returns>Bytes read.</returns>
    public long Show(ITransferStage stage)
    {
        byte[] head = new byte[Math.Min(FormatInspector.HeadLength, Size)];
        int read = _file.ReadBeginning(head);
        stage.Data(head.AsSpan(0, read), 0);
        if (Size > read)
        {
            stage.Hole(Size - read, read);
        }

        stage.Complete(Size);
        return read;
    }

    /// <summary>Hands the volume on to the one who will make the link.</summary>
    public LinkDraft HandOn()
    {
        _isHandedOn = true;
        return new LinkDraft(Link, _release);
    }

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync().ConfigureAwait(false);
        if (!_isHandedOn)
        {
            await _release().ConfigureAwait(false);
        }
    }
}
