using System.Diagnostics;
using ImageCache.Engine;
using Spectre.Console;

namespace ImageCache.Cli.Output;

/// <summary>One bar, and where its work stood when it was first seen: that is what its speed counts from.</summary>
internal sealed class ProgressBarState(ProgressTask bar, AmountColumn amounts, ProgressSnapshot first)
{
    private readonly long _begun = Stopwatch.GetTimestamp();

    /// <summary>Shows a sample.</summary>
    public void Show(ProgressSnapshot sample, string description)
    {
        bar.Description = description;
        bar.IsIndeterminate = sample.Total is null;
        bar.MaxValue = Math.Max(1, sample.Total ?? sample.Done);
        bar.Value = sample.Done;
        amounts.Set(bar, sample.Total is { } total ? Amount(sample.Done, total) : string.Empty);
    }

    /// <summary>Ends the bar.</summary>
    public void End() => bar.Value = bar.MaxValue;

    private string Amount(long done, long total)
    {
        string amount = $"{HumanText.Size(done)} of {HumanText.Size(total)}";
        double speed = (done - first.Done) / Math.Max(0.001, Stopwatch.GetElapsedTime(_begun).TotalSeconds);
        if (speed < 1)
        {
            return amount;
        }

        TimeSpan left = TimeSpan.FromSeconds(Math.Min((total - done) / speed, TimeSpan.SecondsPerDay * 99));
        return $"{amount}  {HumanText.Size((long)speed)}/s  {HumanText.Duration(TimeSpan.FromSeconds(Math.Ceiling(left.TotalSeconds)))} left";
    }
}
