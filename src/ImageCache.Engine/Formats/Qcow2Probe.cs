namespace ImageCache.Engine.Formats;

/// <summary>
/// QEMU's qcow2. Refused is what names other files (backing file, external data file), what nova or we do not know (versions, feature
/// bits), what is damaged, and what no honest writer makes, before any other program sees it.
/// </summary>
internal sealed class Qcow2Probe() : FormatProbe(ImageFormat.Qcow2)
{
    private const Qcow2Features Accepted = Qcow2Features.Dirty | Qcow2Features.CompressionType;
    private const Qcow2Features Named = Accepted | Qcow2Features.Corrupt | Qcow2Features.ExternalDataFile | Qcow2Features.ExtendedL2;

    // QEMU's own limits (block/qcow2.h): a 32 MiB L1 table, an 8 MiB refcount table, 65,536 snapshots.
    private const uint MostL1Entries = (32 << 20) / 8;
    private const uint LargestRefcountTable = 8 << 20;
    private const uint MostSnapshots = 65536;

    private Qcow2Header? _header;

    /// <inheritdoc/>
    public override void ReadHead(ReadOnlySpan<byte> head, RegionCaptures captures)
    {
        IsMatch = head.StartsWith(Qcow2Header.Magic);
        if (!IsMatch)
        {
            return;
        }

        _header = Qcow2Header.TryRead(head);
        if (_header is null)
        {
            Refuse("ends within its qcow2 header");
            return;
        }

        SetSizeInSectors(_header.Size);
        CheckVersion(_header);
        CheckOtherFiles(_header, Qcow2Extensions.Read(head, _header));
        CheckFeatures(_header);
        CheckEncryption(_header);
        CheckGeometry(_header);
    }

    /// <inheritdoc/>
    public override void Finish(long length, ReadOnlySpan<byte> tail)
    {
        if (_header is not null && (!Fits(_header.L1Offset, _header.L1Entries * 8UL, length)
            || !Fits(_header.RefcountTableOffset, 8, length)
            || (_header.SnapshotCount > 0 && !Fits(_header.SnapshotOffset, 40, length))))
        {
            Refuse("has qcow2 tables beyond its end: it is damaged or not whole");
        }
    }

    private static bool Fits(ulong offset, ulong count, long length) => offset <= (ulong)length && count <= (ulong)length - offset;

    private void CheckVersion(Qcow2Header header)
    {
        if (header.Version is not (2 or 3))
        {
            Refuse($"is of qcow version {header.Version}, which is not supported");
        }
    }

    private void CheckOtherFiles(Qcow2Header header, Qcow2Extensions extensions)
    {
        if (header.BackingNameOffset != 0 || header.BackingNameLength != 0)
        {
            Refuse("has a backing file");
        }

        if (extensions.NamesDataFile || header.Features.HasFlag(Qcow2Features.ExternalDataFile))
        {
            Refuse("has an external data file");
        }

        if (!extensions.IsWhole)
        {
            Refuse("has a list of qcow2 header extensions without an end");
        }
    }

    private void CheckFeatures(Qcow2Header header)
    {
        if (header.Features.HasFlag(Qcow2Features.Corrupt))
        {
            Refuse("is marked as corrupt");
        }

        if (header.Features.HasFlag(Qcow2Features.ExtendedL2))
        {
            Refuse("uses extended L2 entries, which nova refuses");
        }

        if ((header.Features & ~Named) != 0)
        {
            Refuse($"uses unknown qcow2 features (0x{(ulong)(header.Features & ~Named):x})");
        }

        if (header.CompressionType > 1 || (header.CompressionType != 0) != header.Features.HasFlag(Qcow2Features.CompressionType))
        {
            Refuse("names its compression in a way that contradicts itself");
        }
    }

    private void CheckEncryption(Qcow2Header header)
    {
        IsEncrypted = header.CryptMethod != 0;
        if (header.CryptMethod is not (0 or 2))
        {
            Refuse(header.CryptMethod == 1 ? "is encrypted by qcow2's old AES, which is broken" : "is encrypted in an unknown way");
        }
    }

    private void CheckGeometry(Qcow2Header header)
    {
        if (header.ClusterBits is < 9 or > 21)
        {
            Refuse("has an impossible qcow2 cluster size");
            return;
        }

        ulong cluster = 1UL << (int)header.ClusterBits;
        bool fits = header.HeaderLength >= Qcow2Header.Version3Length && header.HeaderLength <= cluster && header.HeaderLength % 8 == 0;
        if (header.Version == 3 && !fits)
        {
            Refuse("has an impossible qcow2 header length");
        }

        if (header.RefcountOrder > 6 || header.RefcountTableOffset % cluster != 0 || header.RefcountTableOffset == 0
            || header.RefcountTableClusters == 0 || header.RefcountTableClusters > LargestRefcountTable / cluster)
        {
            Refuse("has an impossible qcow2 refcount table");
        }

        if (header.SnapshotCount > MostSnapshots || (header.SnapshotCount > 0 && header.SnapshotOffset % cluster != 0))
        {
            Refuse("has an impossible qcow2 snapshot table");
        }

        CheckL1(header, cluster);
    }

    private void CheckL1(Qcow2Header header, ulong cluster)
    {
        // One L1 entry stands for one cluster of L2 entries of 8 bytes, each of which stands for one cluster of data.
        int shift = (2 * (int)header.ClusterBits) - 3;
        ulong needed = (header.Size >> shift) + ((header.Size & ((1UL << shift) - 1)) == 0 ? 0UL : 1);
        if (header.L1Entries > MostL1Entries || header.L1Entries < needed || header.L1Offset % cluster != 0)
        {
            Refuse("has a qcow2 L1 table that does not fit its virtual size");
        }
    }
}
