using System.Text.Json;
using ImageCache.Engine.Store;
using Xunit;

namespace ImageCache.Engine.Tests.Store;

public sealed class EventLogTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly CacheDirectory _cache;

    public EventLogTests() => _cache = new CacheDirectory(new CacheLayout(_directory.NewCache()), mayCreate: false);

    private string EventsPath => _cache.Layout.EventsPath;

    private string OlderPath => Path.ChangeExtension(EventsPath, ".1.jsonl");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_first_event_makes_the_directories_that_it_needs()
    {
        Assert.True(Append(New(1000), "first"));
        Assert.Equal("first", JsonDocument.Parse(File.ReadAllText(EventsPath)).RootElement.GetProperty("reason").GetString());
    }

    [Fact]
    public void A_line_has_what_is_known_in_its_order()
    {
        EventLog log = New(1000);
        CacheEvent happened = new()
        {
            Time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            Event = "fetched",
            Name = "Übung \"<1>\"",
            Bytes = 10,
            Seconds = 0.1,
            Node = "compute-1",
            ProcessId = 7,
        };
        log.Append(happened);
        log.Append(happened with { ImageId = "i", Path = "/p", Method = "RbdExport", Digest = "sha256:e3", ErrorId = "E", Reason = "r" });
        Assert.Equal(
            """
            {"time":"2026-01-02T03:04:05+00:00","event":"fetched","name":"Übung \"<1>\"","bytes":10,"seconds":0.1,"node":"compute-1","processId":7}
            {"time":"2026-01-02T03:04:05+00:00","event":"fetched","imageId":"i","name":"Übung \"<1>\"","path":"/p","method":"RbdExport","digest":"sha256:e3","bytes":10,"seconds":0.1,"errorId":"E","reason":"r","node":"compute-1","processId":7}

            """,
            File.ReadAllText(EventsPath));
    }

    [Fact]
    public void A_cache_that_is_missing_stays_missing()
    {
        EventLog log = new(new CacheDirectory(new CacheLayout(_directory["none/_base"]), mayCreate: false), 1000, TimeProvider.System);
        Assert.False(Append(log, "nowhere"));
        Assert.False(Directory.Exists(_directory["none"]));
    }

    [Fact]
    public async Task Lines_of_many_writers_do_not_mix()
    {
        EventLog log = New(10 << 20);
        await Parallel.ForAsync(0, 200, (i, _) =>
        {
            Append(log, new string((char)('a' + (i % 26)), 3000));
            return ValueTask.CompletedTask;
        });
        string[] lines = File.ReadAllLines(EventsPath);
        Assert.Equal(200, lines.Length);
        Assert.All(lines, static line => Assert.Single(JsonDocument.Parse(line).RootElement.GetProperty("reason").GetString()!.Distinct()));
    }

    [Fact]
    public void A_full_log_is_turned_over_and_one_older_is_kept()
    {
        EventLog log = New(2000);
        for (int i = 0; i < 100; i++)
        {
            Append(log, $"event {i}");
        }

        Assert.InRange(new FileInfo(EventsPath).Length, 1, 2500);
        Assert.InRange(new FileInfo(OlderPath).Length, 2000, 2500);
        Assert.Contains("event 99", File.ReadAllText(EventsPath), StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_break_in_a_reason_stays_within_its_line()
    {
        Append(New(10_000), "one\ntwo\r\nthree");
        Assert.Single(File.ReadAllLines(EventsPath));
    }

    private static bool Append(EventLog log, string reason) => log.Append(log.New("fetchFailed") with { Reason = reason });

    private EventLog New(long largestSize) => new(_cache, largestSize, TimeProvider.System);
}
