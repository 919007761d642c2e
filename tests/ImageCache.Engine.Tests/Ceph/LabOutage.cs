namespace ImageCache.Engine.Tests.Ceph;

/// <summary>A daemon of the lab that is away or silent until this is disposed of, however the test ends.</summary>
internal sealed class LabOutage : IAsyncDisposable
{
    private readonly string _daemon;
    private string? _repair;

    private LabOutage(string daemon, string repair)
    {
        _daemon = daemon;
        _repair = repair;
    }

    /// <summary>It is gone; who connects is refused.</summary>
    public static Task<LabOutage> StopAsync(string daemon) => BeginAsync("stop", daemon, "start");

    /// <summary>It does not answer.</summary>
    public static Task<LabOutage> PauseAsync(string daemon) => BeginAsync("pause", daemon, "resume");

    /// <summary>Ends it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _repair, null) is { } repair)
        {
            await LabCeph.LabAsync(repair, _daemon);
        }
    }

    // Also what was begun only in part is to be repaired.
    private static async Task<LabOutage> BeginAsync(string verb, string daemon, string repair)
    {
        LabOutage outage = new(daemon, repair);
        try
        {
            await LabCeph.LabAsync(verb, daemon);
            return outage;
        }
        catch
        {
            await outage.DisposeAsync();
            throw;
        }
    }
}
