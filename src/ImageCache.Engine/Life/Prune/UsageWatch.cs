using System.Diagnostics;
using ImageCache.Engine.Life.Usage;

namespace ImageCache.Engine.Life.Prune;

/// <summary>
/// Looks at the disks again while a plan is carried out. A scan is good for as long as it took, so that no more than half of the time goes
/// into scanning; a disk that came meanwhile has touched its base file, which is looked at under the lock each time.
/// </summary>
internal sealed class UsageWatch(UsageScanner scanner)
{
    private UsageReport? _report;
    private long _finished;
    private TimeSpan _took;

    /// <summary>The disks as they are.</summary>
    public UsageReport Look(CancellationToken cancellationToken)
    {
        if (_report is null || Stopwatch.GetElapsedTime(_finished) > _took)
        {
            long started = Stopwatch.GetTimestamp();
            _report = scanner.Scan(cancellationToken);
            _finished = Stopwatch.GetTimestamp();
            _took = Stopwatch.GetElapsedTime(started, _finished);
        }

        return _report;
    }
}
