using ImageCache.Engine.Native.Posix;

namespace ImageCache.Engine.Store;

/// <summary>One base file as it lies in the cache, with its record.</summary>
/// <param name="BaseName">The file's name.</param>
/// <param name="Path">The absolute path.</param>
/// <param name="Status">The file itself; of a link, the link.</param>
/// <param name="Reading">What reading the record gave.</param>
internal sealed record CacheEntry(string BaseName, string Path, FileStatus Status, RecordReading Reading)
{
    public ImageRecord? Record => Reading.Record;

    /// <summary>Whether the file has the length that its record says.</summary>
    public bool HasRecordedSize => Record is { } record && Status.Size == record.Size;

    /// <summary>Whether it is the very file that was recorded, and not another one under its name.</summary>
    public bool IsRecordedFile => HasRecordedSize && (Record!.Inode == 0 || Record.Inode == Status.Inode);

    /// <summary>What the last comparison with the digest says of the file as it is now; <see langword="null"/> when it says nothing any more.</summary>
    public ContentProof? Proof
        => Reading.State == RecordState.Valid && Record?.Proof is { } proof && proof.HoldsFor(FileFingerprint.Of(Status)) ? proof : null;

    public BaseImageState State => Record switch
    {
        null => BaseImageState.Unrecorded,
        { Method: BaseImageMethod.VolumeLink } => Status.IsSymbolicLink ? BaseImageState.Linked : BaseImageState.Damaged,
        _ when Proof is { IsIntact: false } => BaseImageState.Damaged,
        _ => Status.IsRegular && HasRecordedSize ? BaseImageState.Ready : BaseImageState.Damaged,
    };
}
