using System.Text.Json.Nodes;
using ImageCache.Engine.Store;
using Xunit;

namespace ImageCache.Engine.Tests.Store;

public sealed class RecordStoreTests : IDisposable
{
    private const string Id = "6f2d3f4e-0f53-4d29-a5a4-33c2fbb9c9d6";

    private readonly TestDirectory _directory = new();
    private readonly CacheLayout _layout;
    private readonly RecordStore _records;

    public RecordStoreTests()
    {
        _layout = new CacheLayout(_directory.NewCache());
        new CacheDirectory(_layout, mayCreate: false).RequireWritable();
        _records = new RecordStore(_layout);
    }

    private static string BaseName => CacheLayout.BaseName(Id);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_was_written_is_read_back()
    {
        ImageRecord record = NewRecord();
        await WriteAsync(record);
        RecordReading reading = _records.Read(BaseName);
        Assert.Equal(RecordState.Valid, reading.State);
        Assert.Equal(record.Descriptor.Name, reading.Record!.Descriptor.Name);
        Assert.Equal(record.Descriptor.Properties, reading.Record.Descriptor.Properties);
        Assert.Equal(record.SourceDigest, reading.Record.SourceDigest);
        Assert.Equal(record.FetchedAt, reading.Record.FetchedAt);
        Assert.Equal([BaseName], _records.Names());
    }

    [Fact]
    public async Task Unknown_fields_survive_a_rewrite()
    {
        await WriteAsync(NewRecord());
        JsonObject json = (JsonObject)JsonNode.Parse(File.ReadAllText(_layout.RecordPath(BaseName)))!;
        json["fromTheFuture"] = new JsonObject { ["a"] = 1 };
        json["descriptor"]!["alsoNew"] = "x";
        File.WriteAllText(_layout.RecordPath(BaseName), json.ToJsonString());

        await WriteAsync(_records.Read(BaseName).Record! with { UseCount = 7 });

        JsonObject rewritten = (JsonObject)JsonNode.Parse(File.ReadAllText(_layout.RecordPath(BaseName)))!;
        Assert.Equal(7, (int)rewritten["useCount"]!);
        Assert.Equal(1, (int)rewritten["fromTheFuture"]!["a"]!);
        Assert.Equal("x", (string)rewritten["descriptor"]!["alsoNew"]!);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"id\":\"another\"}")]
    [InlineData("\0\0\0\0")]
    public void What_is_no_record_is_damaged(string text)
    {
        File.WriteAllText(_layout.RecordPath(BaseName), text);
        RecordReading reading = _records.Read(BaseName);
        Assert.Equal(RecordState.Damaged, reading.State);
        Assert.Null(reading.Record);
        Assert.NotNull(reading.Reason);
    }

    [Fact]
    public async Task A_truncated_record_still_gives_the_id_that_fits_the_files_name()
    {
        await WriteAsync(NewRecord());
        string whole = File.ReadAllText(_layout.RecordPath(BaseName));
        File.WriteAllText(_layout.RecordPath(BaseName), whole[..(whole.Length / 2)]);
        RecordReading reading = _records.Read(BaseName);
        Assert.Equal(RecordState.Damaged, reading.State);
        Assert.Equal(Id, reading.SalvagedId);
    }

    [Fact]
    public async Task A_record_under_another_images_name_is_damaged()
    {
        await WriteAsync(NewRecord());
        string other = CacheLayout.BaseName("other");
        File.Move(_layout.RecordPath(BaseName), _layout.RecordPath(other));
        Assert.Equal(RecordState.Damaged, _records.Read(other).State);
    }

    [Fact]
    public async Task A_newer_schema_is_read_but_told_apart()
    {
        await WriteAsync(NewRecord() with { SchemaVersion = ImageRecord.CurrentSchema + 1 });
        RecordReading reading = _records.Read(BaseName);
        Assert.Equal(RecordState.Newer, reading.State);
        Assert.Equal(Id, reading.Record!.Id);
    }

    [Fact]
    public void A_link_or_an_oversized_file_is_damaged()
    {
        string target = _directory["target"];
        File.WriteAllText(target, "{}");
        File.CreateSymbolicLink(_layout.RecordPath(BaseName), target);
        Assert.Equal(RecordState.Damaged, _records.Read(BaseName).State);

        string large = CacheLayout.BaseName("large");
        File.WriteAllBytes(_layout.RecordPath(large), new byte[(1 << 20) + 1]);
        Assert.Equal(RecordState.Damaged, _records.Read(large).State);
    }

    private static ImageRecord NewRecord() => new()
    {
        Id = Id,
        Descriptor = new ImageDescriptor { Id = Id, Name = "cirros", Properties = new Dictionary<string, string> { ["os_distro"] = "cirros" } },
        Method = BaseImageMethod.Download,
        SourceDigest = "sha256:" + new string('a', 64),
        DigestStatus = DigestStatus.Verified,
        DiskFormat = "raw",
        Size = 10,
        VirtualSize = 10,
        FetchedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
    };

    private async Task WriteAsync(ImageRecord record)
    {
        using TemporaryDirectory temporary = await TemporaryDirectory.CreateAsync(_layout, TestContext.Current.CancellationToken);
        _records.Write(record, temporary, durable: true);
    }
}
