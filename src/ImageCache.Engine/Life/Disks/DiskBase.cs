using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Disks;

/// <summary>A base file that a disk may be built on: its format was proven.</summary>
/// <param name="Entry">The base file, with its record if there is one to trust.</param>
/// <param name="DiskFormat">Glance's word for its format.</param>
/// <param name="Format">qemu's word for its format.</param>
/// <param name="VirtualSize">Bytes of its disk.</param>
/// <param name="ClusterSize">Bytes of its clusters, if it has such.</param>
internal sealed record DiskBase(CacheEntry Entry, string DiskFormat, string Format, long VirtualSize, long? ClusterSize)
{
    /// <summary>How messages name the image.</summary>
    public string Image => Entry.Record?.Id ?? Entry.BaseName;
}
