using System.Diagnostics;
using System.Globalization;
using ImageCache.Engine.Life.Usage;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Probe;

/// <summary>Scans a node for the base files in use, together with a look at every file of the cache, as whoever prunes needs both.</summary>
internal static class UsageScans
{
    public static void Run(ProbeOptions options, TextWriter told)
    {
        UsageReport report = null!;
        for (int i = 0; i < options.Scans; i++)
        {
            CacheLayout layout = new(options.CachePath);
            Stopwatch clock = Stopwatch.StartNew();
            report = new UsageScanner(layout).Scan(CancellationToken.None);
            TimeSpan scanned = clock.Elapsed;
            int files = new CacheReader(layout, new RecordStore(layout)).All().Count();
            told.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"SCAN {scanned.TotalSeconds:0.000} s, with {files} files {clock.Elapsed.TotalSeconds:0.000} s, {report.HeadersRead} read, {report.HeadersKnown} known"));
        }

        foreach ((string name, IReadOnlyList<string> users) in report.UsedBy)
        {
            told.WriteLine($"USED {name} {users.Count}");
        }

        foreach ((string disk, string reason) in report.Unreadable)
        {
            told.WriteLine($"UNREADABLE {disk}: {reason}");
        }

        foreach (string limit in report.Limits)
        {
            told.WriteLine($"LIMIT {limit}");
        }
    }
}
