using System.Runtime.CompilerServices;
using ImageCache.Engine.Requests;

namespace ImageCache.Engine.Life.Critical;

/// <summary>Registers images, and fetches them at once where that is wanted. What cannot be fetched stays registered.</summary>
internal sealed class CriticalRegistration(CriticalRegistry registry, CriticalView view, CriticalSync sync)
{
    public async IAsyncEnumerable<CriticalOutcome> RunAsync(
        IReadOnlyList<CriticalRequest> requests, int throttleLimit, GlanceReach reach, OperationMonitor monitor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using WorkProgress progress = monitor.Begin("critical images");
        List<CriticalWork> works = [];
        foreach (CriticalRequest request in requests)
        {
            CriticalOutcome? done = await RegisterAsync(request, works, reach, monitor, cancellationToken).ConfigureAwait(false);
            if (done is not null)
            {
                yield return done;
            }
        }

        CriticalSyncRequest all = new() { ThrottleLimit = throttleLimit };
        foreach (CriticalOutcome outcome in await sync.CompleteAsync(works, reach, all, monitor, cancellationToken).ConfigureAwait(false))
        {
            yield return outcome;
        }
    }

    private async Task<CriticalOutcome?> RegisterAsync(
        CriticalRequest request, List<CriticalWork> works, GlanceReach reach, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        try
        {
            CriticalEntry entry = await registry.AddAsync(request, reach, monitor, cancellationToken).ConfigureAwait(false);
            if (!request.Fetch)
            {
                return new CriticalOutcome(request.Image, view.Of(entry), null);
            }

            works.RemoveAll(work => work.Entry.Id == entry.Id);
            works.Add(new CriticalWork(request.Image, entry)
            {
                Word = reach.Failure is null ? new GlanceWord(CriticalStatus.Present, null, entry.Descriptor) : null,
            });
            return null;
        }
        catch (ImageCacheException e)
        {
            return new CriticalOutcome(request.Image, null, e);
        }
    }
}
