using System.Text.Json.Nodes;
using ImageCache.Engine.Store;
using Xunit;

namespace ImageCache.Engine.Tests.Store;

public sealed class RecordStoreTests : IDisposable
{
    private static readonly ContentProof s_proof = new()
    {
        At = DateTimeOffset.UnixEpoch,
        IsIntact = true,
        File = new FileFingerprint { Device = "8:1", Inode = ulong.MaxValue, Size = 10, Modified = long.MaxValue, Changed = -1 },
    };

    private readonly RecordBed _bed = new();

    public void Dispose() => _bed.Dispose();

    [Fact]
    public async Task What_was_written_is_read_back()
    {
        ImageRecord record = RecordBed.NewRecord() with { Proof = s_proof };
        await _bed.WriteAsync(record);
        RecordReading reading = _bed.Records.Read(RecordBed.BaseName);
        Assert.Equal(RecordState.Valid, reading.State);
        Assert.Equal(record.Descriptor.Name, reading.Record!.Descriptor.Name);
        Assert.Equal(record.Descriptor.Properties, reading.Record.Descriptor.Properties);
        Assert.Equal(record.SourceDigest, reading.Record.SourceDigest);
        Assert.Equal(record.FetchedAt, reading.Record.FetchedAt);
        Assert.Equal(s_proof, reading.Record.Proof);
        Assert.Equal([RecordBed.BaseName], _bed.Records.Names());
    }

    [Fact]
    public async Task Unknown_fields_survive_a_rewrite()
    {
        await _bed.WriteAsync(RecordBed.NewRecord());
        JsonObject json = Json();
        json["fromTheFuture"] = new JsonObject { ["a"] = 1 };
        json["descriptor"]!["alsoNew"] = "x";
        File.WriteAllText(_bed.Path, json.ToJsonString());

        await _bed.WriteAsync(_bed.Records.Read(RecordBed.BaseName).Record! with { UseCount = 7 });

        JsonObject rewritten = Json();
        Assert.Equal(7, (int)rewritten["useCount"]!);
        Assert.Equal(1, (int)rewritten["fromTheFuture"]!["a"]!);
        Assert.Equal("x", (string)rewritten["descriptor"]!["alsoNew"]!);
    }

    [Fact]
    public async Task A_field_of_ours_that_has_no_value_any_more_goes()
    {
        await _bed.WriteAsync(RecordBed.NewRecord() with { Proof = s_proof, SignatureStatus = SignatureStatus.Valid });
        await _bed.WriteAsync(_bed.Records.Read(RecordBed.BaseName).Record! with { Proof = null, SignatureStatus = null });
        Assert.Null(_bed.Records.Read(RecordBed.BaseName).Record!.Proof);
        Assert.False(Json().ContainsKey("signatureStatus"));
    }

    [Fact]
    public async Task A_newer_schema_is_read_but_told_apart()
    {
        await _bed.WriteAsync(RecordBed.NewRecord() with { SchemaVersion = ImageRecord.CurrentSchema + 1 });
        RecordReading reading = _bed.Records.Read(RecordBed.BaseName);
        Assert.Equal(RecordState.Newer, reading.State);
        Assert.Equal(RecordBed.Id, reading.Record!.Id);
    }

    [Fact]
    public async Task A_newer_schema_that_cannot_be_understood_is_no_damage()
    {
        await _bed.WriteAsync(RecordBed.NewRecord() with { SchemaVersion = ImageRecord.CurrentSchema + 1 });
        JsonObject json = Json();
        json["method"] = "teleport";
        RecordReading reading = _bed.Read(json.ToJsonString());
        Assert.Equal((RecordState.Newer, (ImageRecord?)null), (reading.State, reading.Record));
    }

    private JsonObject Json() => (JsonObject)JsonNode.Parse(File.ReadAllText(_bed.Path))!;
}
