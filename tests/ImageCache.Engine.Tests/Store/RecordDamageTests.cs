using System.Diagnostics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Store;
using Xunit;

namespace ImageCache.Engine.Tests.Store;

/// <summary>Others may write where the records lie: whatever they hold, reading gives an answer, and nothing is lost.</summary>
public sealed class RecordDamageTests : IDisposable
{
    private readonly RecordBed _bed = new();
    private readonly string _whole = RecordBed.Text();

    public void Dispose() => _bed.Dispose();

    [Fact]
    public void Reading_never_fails_whatever_bytes_are_changed()
        => Prop.ForAll<NonNegativeInt, byte>((at, value) =>
        {
            byte[] bytes = Encoding.UTF8.GetBytes(_whole);
            bytes[at.Get % bytes.Length] = value;
            return CanBeUsed(_bed.Read(bytes));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(2000));

    [Fact]
    public void Reading_never_fails_wherever_it_is_cut()
        => Prop.ForAll<NonNegativeInt>(at =>
        {
            byte[] bytes = Encoding.UTF8.GetBytes(_whole);
            return _bed.Read(bytes[..(at.Get % bytes.Length)]).State == RecordState.Damaged;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("\"descriptor\": {", "\"descriptor\": null, \"was\": {")]
    [InlineData("\"method\": \"download\"", "\"method\": null")]
    [InlineData("\"method\": \"download\"", "\"method\": 7")]
    [InlineData("\"method\": \"download\"", "\"method\": \"teleport\"")]
    [InlineData("\"method\": \"download\"", "\"method\": \"download\", \"method\": \"foreign\"")]
    [InlineData("\"size\": 10", "\"size\": 99999999999999999999999")]
    [InlineData("\"size\": 10", "\"size\": \"10\"")]
    [InlineData("\"size\": 10", "\"size\": 10, \"proof\": {}")]
    [InlineData("\"size\": 10", "\"size\": 10, \"proof\": { \"at\": 7 }")]
    [InlineData("\"diskFormat\": \"raw\"", "\"diskFormat\": null")]
    [InlineData("\"fetchedAt\": \"", "\"fetchedAt\": \"once upon ")]
    [InlineData("\"tags\": [", "\"tags\": null, \"were\": [")]
    public void A_value_that_cannot_be_is_damage(string good, string bad)
    {
        Assert.Contains(good, _whole, StringComparison.Ordinal);
        RecordReading reading = _bed.Read(_whole.Replace(good, bad, StringComparison.Ordinal));
        Assert.Equal(RecordState.Damaged, reading.State);
        Assert.Equal(RecordBed.Id, reading.SalvagedId);
    }

    [Theory]
    [InlineData("\"\\ud800\": 1")]
    [InlineData("\"later\": \"\\ud800\"")]
    [InlineData("\"later\": { \"\\udc00\": [] }")]
    public void Text_that_is_no_Unicode_in_an_unknown_field_is_survived(string field)
        => Assert.True(CanBeUsed(_bed.Read(_whole.Replace("\"size\": 10", $"\"size\": 10, {field}", StringComparison.Ordinal))));

    [Fact]
    public void Deep_nesting_is_damage()
    {
        string deep = string.Concat(Enumerable.Repeat("[", 10_000));
        Assert.Equal(RecordState.Damaged, _bed.Read(_whole.Replace("\"size\": 10", $"\"x\": {deep}", StringComparison.Ordinal)).State);
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
        RecordReading reading = _bed.Read(text);
        Assert.Equal(RecordState.Damaged, reading.State);
        Assert.Null(reading.Record);
        Assert.NotNull(reading.Reason);
    }

    [Fact]
    public void A_truncated_record_still_gives_the_id_that_fits_the_files_name()
    {
        RecordReading reading = _bed.Read(_whole[..(_whole.Length / 2)]);
        Assert.Equal((RecordState.Damaged, RecordBed.Id), (reading.State, reading.SalvagedId));
    }

    [Fact]
    public void A_record_under_another_images_name_is_damaged_and_gives_no_id()
    {
        string other = CacheLayout.BaseName("other");
        File.WriteAllText(_bed.Layout.RecordPath(other), _whole);
        RecordReading reading = _bed.Records.Read(other);
        Assert.Equal((RecordState.Damaged, (string?)null), (reading.State, reading.SalvagedId));
    }

    [Fact]
    public void An_oversized_file_is_damaged()
        => Assert.Equal(RecordState.Damaged, _bed.Read(new byte[(1 << 20) + 1]).State);

    [Theory]
    [InlineData("link")]
    [InlineData("danglingLink")]
    [InlineData("directory")]
    [InlineData("pipe")]
    public void What_is_no_file_is_damaged_never_followed_or_waited_for_and_can_be_set_aside(string kind)
    {
        Put(kind);
        RecordReading reading = _bed.Records.Read(RecordBed.BaseName);
        Assert.Equal((RecordState.Damaged, (ImageRecord?)null), (reading.State, reading.Record));
        Assert.Equal([RecordBed.BaseName], _bed.Records.Names());
        _bed.Records.SetAside(RecordBed.BaseName, DateTimeOffset.UtcNow);
        Assert.Equal(RecordState.Missing, _bed.Records.Read(RecordBed.BaseName).State);
        Assert.Single(Directory.EnumerateFileSystemEntries(_bed.Layout.QuarantinePath));
    }

    [Fact]
    public async Task A_link_in_its_place_is_replaced_and_its_target_never_written()
    {
        Put("link");
        string target = File.ReadAllText(_bed.Directory["target"]);
        await _bed.WriteAsync(RecordBed.NewRecord());
        Assert.Equal(RecordState.Valid, _bed.Records.Read(RecordBed.BaseName).State);
        Assert.Null(new FileInfo(_bed.Path).LinkTarget);
        Assert.Equal(target, File.ReadAllText(_bed.Directory["target"]));
    }

    [Fact]
    public async Task A_link_in_the_directorys_place_is_not_written_through()
    {
        string elsewhere = _bed.Directory["elsewhere"];
        Directory.Move(_bed.Layout.RecordsPath, elsewhere);
        Directory.CreateSymbolicLink(_bed.Layout.RecordsPath, elsewhere);
        await Assert.ThrowsAsync<IOException>(() => _bed.WriteAsync(RecordBed.NewRecord()));
        Assert.Empty(Directory.EnumerateFileSystemEntries(elsewhere));
    }

    private void Put(string kind)
    {
        switch (kind)
        {
            case "link":
                File.WriteAllText(_bed.Directory["target"], _whole);
                File.CreateSymbolicLink(_bed.Path, _bed.Directory["target"]);
                break;
            case "danglingLink":
                File.CreateSymbolicLink(_bed.Path, _bed.Directory["nowhere"]);
                break;
            case "directory":
                Directory.CreateDirectory(_bed.Path);
                break;
            default:
                using (Process made = Process.Start("mkfifo", [_bed.Path]))
                {
                    made.WaitForExit();
                }

                break;
        }
    }

    // What counts as a record must bear being used and written again.
    private static bool CanBeUsed(RecordReading reading)
        => reading.Record is not { } record
            || (CacheLayout.BaseName(record.Id) == RecordBed.BaseName && StoredJson.Parse<ImageRecord>(StoredJson.Write(record)).Id == record.Id);
}
