namespace ImageCache.Engine.Formats;

/// <summary>
/// Knows one format. It sees the head of the stream once, may ask for regions further on, and is told the end. Everything it reads is
/// hostile: what it does not understand is a problem, never an exception.
/// </summary>
internal abstract class FormatProbe(ImageFormat format)
{
    private const int SectorLength = 512;
    private readonly List<string> _problems = [];

    /// <summary>Whether the data have this format's mark. Known once the head was read, and final then.</summary>
    public bool IsMatch { get; protected set; }

    /// <summary>Bytes of the disk, as the header tells.</summary>
    protected long? VirtualSize { get; set; }

    /// <summary>A variant of the format, where it has some.</summary>
    protected string? Subformat { get; set; }

    /// <summary>Whether the data need a key.</summary>
    protected bool IsEncrypted { get; set; }

    /// <summary>Reads the head of the stream: <see cref="FormatInspector.HeadLength"/> bytes, or the whole of a shorter one.</summary>
    public abstract void ReadHead(ReadOnlySpan<byte> head, RegionCaptures captures);

    /// <summary>Ends the inspection of a match.</summary>
    /// <param name="length">Bytes of the stream.</param>
    /// <param name="tail">Its last <see cref="StreamTail.Length"/> bytes, or all of a shorter one.</param>
    public virtual void Finish(long length, ReadOnlySpan<byte> tail)
    {
    }

    /// <summary>What is known so far.</summary>
    public DetectedFormat Describe() => new(format, VirtualSize, Subformat, IsEncrypted, [.. _problems]);

    /// <summary>Notes why the image must not be opened.</summary>
    protected void Refuse(string problem)
    {
        if (!_problems.Contains(problem))
        {
            _problems.Add(problem);
        }
    }

    /// <summary>Takes a size from a header, if it is one that a disk can have.</summary>
    protected void SetVirtualSize(ulong size)
    {
        if (size > long.MaxValue - 65535)
        {
            Refuse("claims an impossible virtual size");
            return;
        }

        VirtualSize = (long)size;
    }

    /// <summary>Takes a size that must be in whole sectors: of others, QEMU forgets the rest.</summary>
    protected void SetSizeInSectors(ulong size)
    {
        if (size % SectorLength != 0)
        {
            Refuse("claims a virtual size that is not in whole sectors");
        }

        SetVirtualSize(size);
    }
}
