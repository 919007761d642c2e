using System.Diagnostics;
using Xunit;

namespace ImageCache.Engine.Tests;

/// <summary>A process that fetches again and again, and must not have more and more files and threads.</summary>
internal static class FetchRoundsProbe
{
    private const int WarmUp = 2;

    // What grows with the rounds grows by more.
    private const int Slack = 2;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Runs rounds of fetches: each an order, and how it must end.</summary>
    public static async Task AssertNothingGrowsAsync(EngineBed node, int rounds, params (string Order, string End)[] fetches)
    {
        using ProbeProcess probe = ProbeProcess.Start(node, "--rounds");
        (int files, int threads) = (0, 0);
        for (int i = 0; i < WarmUp; i++)
        {
            await RunAsync(probe, fetches);
            files = Math.Max(files, Files(probe).Count);
            threads = Math.Max(threads, Threads(probe).Count);
        }

        for (int i = 0; i < rounds; i++)
        {
            await RunAsync(probe, fetches);
        }

        // What a cancellation left behind is closed when Ceph's answer has come.
        await SettleAsync(() => Files(probe), files + Slack);
        await SettleAsync(() => Threads(probe), threads + Slack);
    }

    private static async Task RunAsync(ProbeProcess probe, (string Order, string End)[] fetches)
    {
        foreach ((string order, string end) in fetches)
        {
            await probe.SayAsync(order);
            Assert.Equal($"ROUND {end}", await probe.WaitForAsync("ROUND"));
        }
    }

    private static async Task SettleAsync(Func<IReadOnlyList<string>> count, int most)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (count() is var now && now.Count > most)
        {
            Assert.True(clock.Elapsed < s_patience, $"there are {now.Count}, and were no more than {most}: {string.Join(", ", now.CountBy(static name => name))}");
            await Task.Delay(50, Token);
        }
    }

    private static List<string> Files(ProbeProcess probe)
        => [.. Directory.EnumerateFileSystemEntries($"/proc/{probe.Id}/fd").Select(static path => Try(() => File.ResolveLinkTarget(path, false)!.Name.Split(':')[0]))];

    // The pool's threads come and go as it likes.
    private static List<string> Threads(ProbeProcess probe)
        => [.. Directory.EnumerateDirectories($"/proc/{probe.Id}/task").Select(static path => Try(() => File.ReadAllText(Path.Join(path, "comm")).Trim()))
            .Where(static name => !name.StartsWith(".NET TP", StringComparison.Ordinal))];

    private static string Try(Func<string> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or NullReferenceException)
        {
            return "gone";
        }
    }
}
