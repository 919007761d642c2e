using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Store;
using Xunit;

namespace ImageCache.Engine.Tests.Store;

/// <summary>Others may write where the records lie: whatever they hold, reading gives an answer.</summary>
public sealed class RecordDamageTests : IDisposable
{
    private const string Id = "6f2d3f4e-0f53-4d29-a5a4-33c2fbb9c9d6";

    private readonly TestDirectory _directory = new();
    private readonly CacheLayout _layout;
    private readonly RecordStore _records;
    private readonly string _whole;

    public RecordDamageTests()
    {
        _layout = new CacheLayout(_directory.NewCache());
        new CacheDirectory(_layout, mayCreate: false).RequireWritable();
        _records = new RecordStore(_layout);
        _whole = Encoding.UTF8.GetString(RecordJson.Write(new ImageRecord
        {
            Id = Id,
            Descriptor = new ImageDescriptor { Id = Id, Name = "cirros", Tags = ["a"], Properties = new Dictionary<string, string> { ["os_distro"] = "cirros" } },
            Method = BaseImageMethod.Download,
            SourceDigest = "sha256:" + new string('a', 64),
            DigestStatus = DigestStatus.Verified,
            DiskFormat = "raw",
            Size = 10,
            VirtualSize = 10,
            FetchedAt = DateTimeOffset.UnixEpoch,
        }));
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Reading_never_fails_whatever_bytes_are_changed()
        => Prop.ForAll<NonNegativeInt, byte>((at, value) =>
        {
            byte[] bytes = Encoding.UTF8.GetBytes(_whole);
            bytes[at.Get % bytes.Length] = value;
            return CanBeUsed(Read(bytes));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(2000));

    [Fact]
    public void Reading_never_fails_wherever_it_is_cut()
        => Prop.ForAll<NonNegativeInt>(at =>
        {
            byte[] bytes = Encoding.UTF8.GetBytes(_whole);
            return Read(bytes[..(at.Get % bytes.Length)]).State == RecordState.Damaged;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("\"descriptor\": {", "\"descriptor\": null, \"was\": {")]
    [InlineData("\"method\": \"download\"", "\"method\": null")]
    [InlineData("\"method\": \"download\"", "\"method\": 7")]
    [InlineData("\"method\": \"download\"", "\"method\": \"teleport\"")]
    [InlineData("\"method\": \"download\"", "\"method\": \"download\", \"method\": \"foreign\"")]
    [InlineData("\"size\": 10", "\"size\": 99999999999999999999999")]
    [InlineData("\"size\": 10", "\"size\": \"10\"")]
    [InlineData("\"diskFormat\": \"raw\"", "\"diskFormat\": null")]
    [InlineData("\"fetchedAt\": \"", "\"fetchedAt\": \"once upon ")]
    [InlineData("\"tags\": [", "\"tags\": null, \"were\": [")]
    public void A_value_that_cannot_be_is_damage(string good, string bad)
    {
        Assert.Contains(good, _whole, StringComparison.Ordinal);
        RecordReading reading = Read(Encoding.UTF8.GetBytes(_whole.Replace(good, bad, StringComparison.Ordinal)));
        Assert.Equal(RecordState.Damaged, reading.State);
        Assert.Equal(Id, reading.SalvagedId);
    }

    [Theory]
    [InlineData("\"\\ud800\": 1")]
    [InlineData("\"later\": \"\\ud800\"")]
    [InlineData("\"later\": { \"\\udc00\": [] }")]
    public void Text_that_is_no_Unicode_in_an_unknown_field_is_survived(string field)
        => Assert.True(CanBeUsed(Read(Encoding.UTF8.GetBytes(_whole.Replace("\"size\": 10", $"\"size\": 10, {field}", StringComparison.Ordinal)))));

    [Fact]
    public void Deep_nesting_is_damage()
    {
        string deep = string.Concat(Enumerable.Repeat("[", 10_000));
        Assert.Equal(RecordState.Damaged, Read(Encoding.UTF8.GetBytes(_whole.Replace("\"size\": 10", $"\"x\": {deep}", StringComparison.Ordinal))).State);
    }

    // What counts as a record must bear being used and written again.
    private static bool CanBeUsed(RecordReading reading)
        => reading.Record is not { } record
            || (CacheLayout.BaseName(record.Id) == CacheLayout.BaseName(Id) && RecordJson.Parse(RecordJson.Write(record)).Id == record.Id);

    private RecordReading Read(byte[] json)
    {
        File.WriteAllBytes(_layout.RecordPath(CacheLayout.BaseName(Id)), json);
        return _records.Read(CacheLayout.BaseName(Id));
    }
}
