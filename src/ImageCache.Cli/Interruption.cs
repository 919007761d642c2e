using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ImageCache.Cli;

/// <summary>
/// Turns Ctrl-C, a request to terminate and a closed terminal into a cancellation, so that locks, temporary files and child processes go
/// before the process does. Who has waited a moment and signals again ends the process at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    // timeout(1) and some supervisors signal the process and its group, so that one request arrives twice.
    private static readonly TimeSpan SameRequest = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private long _first;

    /// <summary>Begins to listen for signals.</summary>
    public Interruption()
        => _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, Handle),
        ];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _source.Dispose();
    }

    /// <summary>A signal that is not cancelled here does what it does to every process.</summary>
    private void Handle(PosixSignalContext context)
    {
        long first = Interlocked.CompareExchange(ref _first, Stopwatch.GetTimestamp(), 0);
        context.Cancel = first == 0 || Stopwatch.GetElapsedTime(first) < SameRequest;
        if (first == 0)
        {
            _source.Cancel();
        }
    }
}
