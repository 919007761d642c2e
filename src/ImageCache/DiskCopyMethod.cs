namespace ImageCache;

/// <summary>How a raw disk got its data.</summary>
public enum DiskCopyMethod
{
    /// <summary>It shares the base file's blocks until one of them is written to.</summary>
    Reflink,

    /// <summary>They were copied, and holes were left out.</summary>
    Sparse,

    /// <summary>They were converted from the format that the cache keeps.</summary>
    Converted,
}
