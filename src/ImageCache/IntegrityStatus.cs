namespace ImageCache;

/// <summary>What reading a cached file again showed.</summary>
public enum IntegrityStatus
{
    /// <summary>The file has the digest in its record.</summary>
    Intact,

    /// <summary>The file, or its record, is not what it was.</summary>
    Damaged,

    /// <summary>There is a record, and no file.</summary>
    Missing,

    /// <summary>No record tells what the file should be.</summary>
    Unrecorded,

    /// <summary>The file could not be read to its end.</summary>
    Unreadable,
}
