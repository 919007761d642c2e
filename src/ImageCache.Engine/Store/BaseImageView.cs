using ImageCache.Engine.Formats;
using ImageCache.Engine.Life.Critical;
using ImageCache.Engine.Native.Posix;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Store;

/// <summary>Turns what lies in the cache into the object that users see.</summary>
internal sealed class BaseImageView(string node, CriticalStore critical)
{
    /// <summary>Tells of one entry; a foreign file's header is read for its format.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="inUse">Whether a disk has it in its chain, if that was looked up.</param>
    public BaseImage Of(CacheEntry entry, bool? inUse)
    {
        BaseImage image = new()
        {
            Node = node,
            Path = entry.Path,
            State = entry.State,
            Method = BaseImageMethod.Foreign,
            Size = entry.DataSize,
            AllocatedSize = entry.Status.Allocated,
            IsCritical = critical.Look().Images.ContainsKey(entry.BaseName),
            InUse = inUse,
            FetchedAt = entry.Status.Modified,
            LastUsedAt = entry.Status.Modified,
        };
        return entry.Record is { } record ? WithRecord(image, record) : WithHeader(image, entry);
    }

    private static BaseImage WithRecord(BaseImage image, ImageRecord record) => image with
    {
        Id = record.Id,
        Name = record.Descriptor.Name,
        Method = record.Method,
        DiskFormat = record.DiskFormat,
        VirtualSize = record.VirtualSize,
        SourceDigest = record.SourceDigest,
        Digest = record.Digest,
        DigestStatus = record.DigestStatus,
        SignatureStatus = record.SignatureStatus,
        FetchedAt = record.FetchedAt,
        LastUsedAt = image.LastUsedAt > record.LastUsedAt ? image.LastUsedAt : record.LastUsedAt ?? image.LastUsedAt,
        UseCount = record.UseCount,
    };

    private static BaseImage WithHeader(BaseImage image, CacheEntry entry)
    {
        if (!entry.Status.IsRegular)
        {
            return image;
        }

        try
        {
            using SafeFileHandle handle = OpenFile.Open(entry.Path, OpenFile.ReadOnly | OpenFile.NoFollow);
            FormatReport report = HeaderPeek.Read(handle, entry.Status.Size);
            return image with
            {
                DiskFormat = report.Format is { } format ? DiskFormatNames.ToGlance(DiskFormatNames.IsRawData(format) ? ImageFormat.Raw : format) : null,
                VirtualSize = report.VirtualSize,
            };
        }
        catch (IOException)
        {
            // It may be another user's, or gone by now: the rest is true all the same.
            return image;
        }
    }
}
