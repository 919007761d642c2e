namespace ImageCache.Engine.Ceph;

/// <summary>What the <c>rbd</c> command tells of a snapshot.</summary>
/// <param name="Id">Its number; another snapshot of the same name has another.</param>
/// <param name="Size">Bytes of the image at the snapshot.</param>
internal readonly record struct SnapshotFacts(ulong Id, long Size);
