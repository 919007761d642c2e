using System.Diagnostics;
using System.Management.Automation;
using ImageCache.Engine;

namespace ImageCache.Module.Pipeline;

/// <summary>Shows what the engine counts: at most ten times a second, each item by itself, each completed in the end.</summary>
internal sealed class ProgressSampler(string activity, OperationMonitor monitor, Action<ProgressRecord> write)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<int, string> _shown = [];
    private long _last;

    /// <summary>Shows the items in work, when the last sample is old enough.</summary>
    public void Sample()
    {
        if (_last != 0 && Stopwatch.GetElapsedTime(_last) < Interval)
        {
            return;
        }

        _last = Stopwatch.GetTimestamp();
        IReadOnlyList<ProgressSnapshot> items = monitor.Sample();
        foreach (int gone in _shown.Keys.Except(items.Select(static item => item.ActivityId)).ToArray())
        {
            End(gone);
        }

        foreach (ProgressSnapshot item in items)
        {
            Show(item);
        }
    }

    /// <summary>Takes down what is still shown. A stopped pipeline takes no more; then the host clears its bars itself.</summary>
    public void Complete()
    {
        try
        {
            foreach (int id in _shown.Keys.ToArray())
            {
                End(id);
            }
        }
        catch (Exception stopped) when (stopped is RuntimeException or InvalidOperationException)
        {
            _shown.Clear();
        }
    }

    private void Show(ProgressSnapshot item)
    {
        string title = $"{activity} {item.Subject}";
        _shown[item.ActivityId] = title;
        write(new ProgressRecord(item.ActivityId, title, Status(item))
        {
            PercentComplete = item.Total is > 0 ? (int)Math.Clamp(item.Done * 100.0 / item.Total.Value, 0, 100) : -1,
        });
    }

    private static string Status(ProgressSnapshot item) => item switch
    {
        { Stage: not (WorkStage.Transferring or WorkStage.Converting) } => $"{item.Stage}",
        { Total: null } => $"{item.Stage}: {DisplayText.Size(item.Done)}",
        _ => $"{item.Stage}: {DisplayText.Size(item.Done)} of {DisplayText.Size(item.Total)}",
    };

    private void End(int id)
    {
        if (_shown.Remove(id, out string? title))
        {
            write(new ProgressRecord(id, title, "Completed") { RecordType = ProgressRecordType.Completed, PercentComplete = 100 });
        }
    }
}
