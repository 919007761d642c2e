using System.Buffers.Binary;

namespace ImageCache.Engine.Formats;

/// <summary>The fixed part of a qcow2 header, big-endian. Source: QEMU, docs/interop/qcow2.</summary>
internal sealed record Qcow2Header
{
    /// <summary>Bytes of a version 2 header.</summary>
    public const int Version2Length = 72;

    /// <summary>The least bytes of a version 3 header.</summary>
    public const int Version3Length = 104;

    /// <summary>The mark of the format.</summary>
    public static ReadOnlySpan<byte> Magic => [0x51, 0x46, 0x49, 0xFB];

    /// <summary>2 or 3, when it is one that we know.</summary>
    public uint Version { get; private init; }

    /// <summary>Where the backing file's name lies; 0 means none.</summary>
    public ulong BackingNameOffset { get; private init; }

    /// <summary>Bytes of the backing file's name.</summary>
    public uint BackingNameLength { get; private init; }

    /// <summary>The cluster size as a power of two.</summary>
    public uint ClusterBits { get; private init; }

    /// <summary>Bytes of the disk.</summary>
    public ulong Size { get; private init; }

    /// <summary>0 none, 1 AES, 2 LUKS.</summary>
    public uint CryptMethod { get; private init; }

    /// <summary>Entries of the L1 table.</summary>
    public uint L1Entries { get; private init; }

    /// <summary>Where the L1 table lies.</summary>
    public ulong L1Offset { get; private init; }

    /// <summary>Where the refcount table lies.</summary>
    public ulong RefcountTableOffset { get; private init; }

    /// <summary>Clusters of the refcount table.</summary>
    public uint RefcountTableClusters { get; private init; }

    /// <summary>Internal snapshots.</summary>
    public uint SnapshotCount { get; private init; }

    /// <summary>Where the snapshot table lies.</summary>
    public ulong SnapshotOffset { get; private init; }

    /// <summary>Features that a reader must know.</summary>
    public Qcow2Features Features { get; private init; }

    /// <summary>Bits of a reference count, as a power of two.</summary>
    public uint RefcountOrder { get; private init; }

    /// <summary>Where header extensions begin.</summary>
    public uint HeaderLength { get; private init; }

    /// <summary>0 zlib, 1 zstd.</summary>
    public byte CompressionType { get; private init; }

    /// <summary>Reads a header that begins with <see cref="Magic"/>.</summary>
    /// <returns><see langword="null"/> when the data end within it.</returns>
    public static Qcow2Header? TryRead(ReadOnlySpan<byte> data)
    {
        if (data.Length < Version2Length)
        {
            return null;
        }

        uint version = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        if (version >= 3 && data.Length < Version3Length)
        {
            return null;
        }

        Qcow2Header header = ReadVersion2(data, version);
        return version < 3 ? header : ReadVersion3(header, data);
    }

    private static Qcow2Header ReadVersion2(ReadOnlySpan<byte> data, uint version) => new()
    {
        Version = version,
        BackingNameOffset = BinaryPrimitives.ReadUInt64BigEndian(data[8..]),
        BackingNameLength = BinaryPrimitives.ReadUInt32BigEndian(data[16..]),
        ClusterBits = BinaryPrimitives.ReadUInt32BigEndian(data[20..]),
        Size = BinaryPrimitives.ReadUInt64BigEndian(data[24..]),
        CryptMethod = BinaryPrimitives.ReadUInt32BigEndian(data[32..]),
        L1Entries = BinaryPrimitives.ReadUInt32BigEndian(data[36..]),
        L1Offset = BinaryPrimitives.ReadUInt64BigEndian(data[40..]),
        RefcountTableOffset = BinaryPrimitives.ReadUInt64BigEndian(data[48..]),
        RefcountTableClusters = BinaryPrimitives.ReadUInt32BigEndian(data[56..]),
        SnapshotCount = BinaryPrimitives.ReadUInt32BigEndian(data[60..]),
        SnapshotOffset = BinaryPrimitives.ReadUInt64BigEndian(data[64..]),
        RefcountOrder = 4,
        HeaderLength = Version2Length,
    };

    private static Qcow2Header ReadVersion3(Qcow2Header header, ReadOnlySpan<byte> data)
    {
        uint headerLength = BinaryPrimitives.ReadUInt32BigEndian(data[100..]);
        return header with
        {
            Features = (Qcow2Features)BinaryPrimitives.ReadUInt64BigEndian(data[72..]),
            RefcountOrder = BinaryPrimitives.ReadUInt32BigEndian(data[96..]),
            HeaderLength = headerLength,
            CompressionType = headerLength > Version3Length && data.Length > Version3Length ? data[Version3Length] : (byte)0,
        };
    }
}
