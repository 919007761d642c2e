namespace ImageCache.Engine.Store;

/// <summary>Whether a record can be used.</summary>
internal enum RecordState
{
    /// <summary>There is none.</summary>
    Missing,

    /// <summary>It is whole.</summary>
    Valid,

    /// <summary>It is whole, but from a newer schema: read what is known, never write it.</summary>
    Newer,

    /// <summary>It is not a record, or not this file's.</summary>
    Damaged,
}
