using System.Diagnostics;

namespace ImageCache.Engine.Probe;

/// <summary>Tells of every stage on standard output, and kills the process where it is told to.</summary>
internal sealed class StageWatch : IDisposable
{
    private readonly OperationMonitor _monitor;
    private readonly ProbeOptions _options;
    private readonly Thread _thread;
    private volatile bool _ended;

    public StageWatch(OperationMonitor monitor, ProbeOptions options)
    {
        _monitor = monitor;
        _options = options;
        _thread = new Thread(Watch) { IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        _ended = true;
        _thread.Join();
    }

    private void Watch()
    {
        WorkStage? last = null;
        while (!_ended)
        {
            if (_monitor.Sample() is [ProgressSnapshot now, ..])
            {
                KillAt(now);
                if (now.Stage != last)
                {
                    last = now.Stage;
                    Console.WriteLine($"STAGE {last}");
                }
            }

            // A stage may last less than a millisecond: who shall die in one looks without a pause.
            if (_options.KillAt is null)
            {
                Thread.Sleep(1);
            }
        }
    }

    private void KillAt(ProgressSnapshot now)
    {
        if (now.Stage == _options.KillAt && now.Done >= _options.KillAfter)
        {
            long begun = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(begun) < _options.KillDelay)
            {
                Thread.SpinWait(10);
            }

            Process.GetCurrentProcess().Kill();
        }
    }
}
