using System.Text;
using ImageCache.Engine.Store;
using Xunit;

namespace ImageCache.Engine.Tests.Store;

/// <summary>A cache with the record of one image, for tests of what happens to records.</summary>
internal sealed class RecordBed : IDisposable
{
    public const string Id = "6f2d3f4e-0f53-4d29-a5a4-33c2fbb9c9d6";

    public RecordBed()
    {
        Layout = new CacheLayout(Directory.NewCache());
        new CacheDirectory(Layout, mayCreate: false).RequireWritable();
        Records = new RecordStore(Layout);
    }

    public static string BaseName => CacheLayout.BaseName(Id);

    public TestDirectory Directory { get; } = new();

    public CacheLayout Layout { get; }

    public RecordStore Records { get; }

    public string Path => Layout.RecordPath(BaseName);

    /// <summary>A record as a fetch writes it.</summary>
    public static ImageRecord NewRecord() => new()
    {
        Id = Id,
        Descriptor = new ImageDescriptor { Id = Id, Name = "cirros", Tags = ["a"], Properties = new Dictionary<string, string> { ["os_distro"] = "cirros" } },
        Method = BaseImageMethod.Download,
        SourceDigest = "sha256:" + new string('a', 64),
        DigestStatus = DigestStatus.Verified,
        DiskFormat = "raw",
        Size = 10,
        VirtualSize = 10,
        FetchedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
    };

    /// <summary>The text of such a record.</summary>
    public static string Text() => Encoding.UTF8.GetString(StoredJson.Write(NewRecord()));

    /// <summary>Writes a record as the engine does.</summary>
    public async Task WriteAsync(ImageRecord record)
    {
        using TemporaryDirectory temporary = await TemporaryDirectory.CreateAsync(Layout, TestContext.Current.CancellationToken);
        Records.Write(record, temporary, durable: true);
    }

    /// <summary>Puts bytes in the record's place, as anybody could, and reads them.</summary>
    public RecordReading Read(byte[] content)
    {
        File.WriteAllBytes(Path, content);
        return Records.Read(BaseName);
    }

    /// <summary>The same with text.</summary>
    public RecordReading Read(string content) => Read(Encoding.UTF8.GetBytes(content));

    public void Dispose() => Directory.Dispose();
}
