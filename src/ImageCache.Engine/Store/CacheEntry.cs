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

    /// <summary>Whether it is a link of ours: the record tells of one, and it leads where the record says.</summary>
    public bool IsLink { get; } = Status.IsSymbolicLink && Reading.Record is { Link: { } link } && LinkTarget(Path) == link.Target;

    /// <summary>The file to read the image's bytes from.</summary>
    public string DataPath => IsLink ? Record!.Link!.Target : Path;

    /// <summary>How many bytes there are.</summary>
    public long DataSize => IsLink ? Record!.Size : Status.Size;

    /// <summary>Whether there are bytes to read: a regular file, or a link of ours.</summary>
    public bool HoldsData => Status.IsRegular || IsLink;

    /// <summary>Whether the file has the length that its record says; of a link, the record is all there is to know without looking at the volume.</summary>
    public bool HasRecordedSize => Record is { } record && DataSize == record.Size;

    /// <summary>Whether it is the very file that was recorded, and not another one under its name.</summary>
    public bool IsRecordedFile => HasRecordedSize && (IsLink || Record!.Inode == 0 || Record.Inode == Status.Inode);

    /// <summary>What the last comparison with the digest says of the file as it is now; <see langword="null"/> when it says nothing any more.</summary>
    public ContentProof? Proof
        => Reading.State == RecordState.Valid && Record?.Proof is { } proof && proof.HoldsFor(FileFingerprint.Of(Status)) ? proof : null;

    public BaseImageState State => Record switch
    {
        null => BaseImageState.Unrecorded,
        { Method: BaseImageMethod.VolumeLink } or { Link: not null } => IsLink ? BaseImageState.Linked : BaseImageState.Damaged,
        _ when Proof is { IsIntact: false } => BaseImageState.Damaged,
        _ => Status.IsRegular && HasRecordedSize ? BaseImageState.Ready : BaseImageState.Damaged,
    };

    /// <summary>Where a link leads, as it is written in it; <see langword="null"/> when it is none any more.</summary>
    public static string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
