using ImageCache.Engine.Fetch;
using ImageCache.Engine.Requests;

namespace ImageCache.Engine.Life.Critical;

/// <summary>
/// Fetches critical images: as any other when Glance answers. When it does not, by what the list knows of them, with the methods that need
/// no Glance, one image after the other; a method whose service does not answer is not tried again for the next image.
/// </summary>
internal sealed class CriticalBringer(FetchBatch batch)
{
    // Download is not among them: its bytes come from Glance.
    private static readonly FetchMethod[] s_offline = [FetchMethod.VolumeLink, FetchMethod.RbdExport];

    /// <summary>Fetches; what went wrong is noted in the works.</summary>
    public Task BringAsync(
        IReadOnlyList<CriticalWork> works, GlanceReach reach, int throttleLimit, OperationMonitor monitor, CancellationToken cancellationToken)
        => reach.Failure is null
            ? BringOnlineAsync(works, throttleLimit, monitor, cancellationToken)
            : BringOfflineAsync(works, reach, monitor, cancellationToken);

    private async Task BringOnlineAsync(IReadOnlyList<CriticalWork> works, int throttleLimit, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        Dictionary<FetchRequest, CriticalWork> requests = new(ReferenceEqualityComparer.Instance);
        foreach (CriticalWork work in works)
        {
            requests[RequestOf(work)] = work;
        }

        await foreach (FetchOutcome outcome in batch.RunAsync([.. requests.Keys], throttleLimit, monitor, cancellationToken).ConfigureAwait(false))
        {
            CriticalWork work = requests[outcome.Request];
            work.Error = outcome.Error;
            work.WasFetched = true;
        }
    }

    private async Task BringOfflineAsync(IReadOnlyList<CriticalWork> works, GlanceReach reach, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        List<FetchMethod> left = [.. s_offline.Where(method => method != FetchMethod.VolumeLink || reach.HasToken)];
        foreach (CriticalWork work in works)
        {
            if (work.Entry.SourceUri is not null)
            {
                await BringOnlineAsync([work], 1, monitor, cancellationToken).ConfigureAwait(false);
                continue;
            }

            work.Error = reach.Error(work.Entry.Id);
            work.WasFetched = true;
            FetchRequest request = RequestOf(work);
            foreach (FetchMethod method in left.Where(method => Allows(request, method)).ToArray())
            {
                work.Error = await TryAsync(request with { Method = method, Snapshot = work.Entry.Descriptor }, monitor, cancellationToken).ConfigureAwait(false);
                if (work.Error is null or VerificationException)
                {
                    break;
                }

                if (work.Error is UnavailableException { ErrorId: ErrorIds.ServiceUnavailable or ErrorIds.TransferFailed or ErrorIds.VolumeConnectionFailed })
                {
                    left.Remove(method);
                }

                work.Error = work.Error is UnavailableException { ErrorId: ErrorIds.MethodUnavailable } ? reach.Error(work.Entry.Id) : work.Error;
            }
        }
    }

    private static bool Allows(FetchRequest request, FetchMethod method)
        => (request.Method is FetchMethod.Auto || request.Method == method) && !request.Without.Contains(method);

    private static FetchRequest RequestOf(CriticalWork work)
    {
        FetchRequest request = work.Entry.ToRequest() with { Force = work.Replace };
        return work.WithoutLink && work.Entry.SourceUri is null
            ? request with { Method = request.Method == FetchMethod.VolumeLink ? FetchMethod.Auto : request.Method, Without = [FetchMethod.VolumeLink] }
            : request;
    }

    private async Task<ImageCacheException?> TryAsync(FetchRequest request, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        ImageCacheException? error = null;
        await foreach (FetchOutcome outcome in batch.RunAsync([request], 1, monitor, cancellationToken).ConfigureAwait(false))
        {
            error = outcome.Error;
        }

        return error;
    }
}
