using System.Runtime.CompilerServices;
using ImageCache.Engine.Fetch;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Critical;

/// <summary>
/// After a restart: a critical image that is not here, or whose link leads nowhere, is fetched; where its volume cannot be reached, by
/// another method. What cannot be brought is reported, and ends nothing.
/// </summary>
internal sealed class CriticalInitialization(
    CacheDirectory directory, CacheReader cache, CriticalStore store, CriticalView view, CriticalBringer bringer, MethodSelector methods, Func<GlanceReach> reaching)
{
    public async IAsyncEnumerable<InitializationResult> RunAsync(
        bool dryRun, int throttleLimit, OperationMonitor monitor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        CriticalReading reading = directory.Guard(store.Read);
        if (!reading.IsComplete)
        {
            yield return Unreadable(reading);
        }

        if (reading.State is RecordState.Damaged)
        {
            yield break;
        }

        List<CriticalWork> works = await FindAsync(reading, cancellationToken).ConfigureAwait(false);
        Dictionary<string, string> reasons = works.ToDictionary(static work => work.Entry.Id, Why, StringComparer.Ordinal);
        if (works.Count > 0 && !dryRun)
        {
            await BringAsync(works, throttleLimit, monitor, cancellationToken).ConfigureAwait(false);
        }

        foreach (CriticalWork work in works)
        {
            yield return Tell(work, reasons[work.Entry.Id], dryRun);
        }
    }

    private async Task<List<CriticalWork>> FindAsync(CriticalReading reading, CancellationToken cancellationToken)
    {
        List<CriticalWork> works = [];
        foreach ((string baseName, CriticalEntry critical) in reading.Images.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            CacheEntry? there = directory.Guard(() => cache.Find(baseName));
            bool isDead = there is { IsLink: true } && !await IsAliveAsync(there, cancellationToken).ConfigureAwait(false);
            if (isDead || !CriticalView.IsHere(there))
            {
                works.Add(new CriticalWork(critical.Id, critical) { WithoutLink = isDead });
            }
        }

        return works;
    }

    private async Task<bool> IsAliveAsync(CacheEntry link, CancellationToken cancellationToken)
    {
        try
        {
            return await methods.IsAliveAsync(link, cancellationToken).ConfigureAwait(false);
        }
        catch (ImageCacheException)
        {
            return false;
        }
    }

    private async Task BringAsync(List<CriticalWork> works, int throttleLimit, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        GlanceReach reach = reaching();
        _ = await CriticalNews.AskAsync([.. works.Select(static work => work.Entry)], reach, cancellationToken).ConfigureAwait(false);
        using IDisposable? silence = reach.SilenceKeystone();
        await bringer.BringAsync(works, reach, throttleLimit, monitor, cancellationToken).ConfigureAwait(false);

        // Its own method may be the one that fails here: a volume that cannot be attached is no reason to be without the image.
        List<CriticalWork> again = [.. works.Where(static work => work is { Error: not (null or VerificationException), WithoutLink: false, Entry.Method: FetchMethod.VolumeLink })];
        again.ForEach(static work => work.WithoutLink = true);
        await bringer.BringAsync(again, reach, throttleLimit, monitor, cancellationToken).ConfigureAwait(false);
    }

    private string Why(CriticalWork work) => work.WithoutLink ? "the volume that it is linked to cannot be reached" : view.Of(work.Entry).Reason ?? "it is not complete";

    private InitializationResult Tell(CriticalWork work, string reason, bool dryRun)
    {
        InitializationResult result = new()
        {
            Id = work.Entry.Id,
            Name = work.Entry.Descriptor.Name,
            Node = Environment.MachineName,
            Path = directory.Layout.BasePath(CacheLayout.BaseName(work.Entry.Id)),
            Action = dryRun || work.Error is null ? InitializationAction.Fetched : InitializationAction.Reported,
            Reason = $"critical, and {reason}",
        };
        return work.Error is { } error ? result with { Reason = $"{result.Reason}; it could not be fetched: {error.Message}" } : result;
    }

    private InitializationResult Unreadable(CriticalReading reading) => new()
    {
        Node = Environment.MachineName,
        Path = Path.Join(directory.Layout.PrivatePath, CacheLayout.CriticalName),
        Action = InitializationAction.Reported,
        Reason = reading.State == RecordState.Newer
            ? "a newer version wrote the list of critical images; it is left alone"
            : $"the list of critical images cannot be read, and is left alone: {reading.Reason}",
    };
}
