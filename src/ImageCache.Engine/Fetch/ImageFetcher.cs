using System.Runtime.CompilerServices;
using ImageCache.Engine.Life.Popularity;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Sources;
using ImageCache.Engine.Store;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Fetch;

/// <summary>
/// A fetch from beginning to end. Killed at any point it leaves either no base image or a complete, verified one; a failure
/// leaves nothing but the event that tells of it.
/// </summary>
internal sealed class ImageFetcher(
    ImageResolver resolver,
    AccessPolicy access,
    CacheDirectory directory,
    LeftoverSweep leftovers,
    PresentImage present,
    TemporaryDirectoryFactory temporaries,
    ImageBringer bringer,
    ImageVerifier verifier,
    RawConverter converter,
    ImagePublication publication,
    CacheFaults faults,
    FetchReport report,
    PopularityStore popularity,
    TimeProvider time)
{
    /// <summary>Brings one image into the cache, or finds it there.</summary>
    public async Task<BaseImage> FetchAsync(FetchRequest request, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        using WorkProgress progress = monitor.Begin(request.Subject);
        FetchStep step = new(request, progress, monitor);
        try
        {
            BaseImage image = await RunAsync(step, started, cancellationToken).ConfigureAwait(false);
            if (!request.IsUpkeep && image.Id is { } id)
            {
                await popularity.NoteUseAsync(id, cancellationToken).ConfigureAwait(false);
            }

            return image;
        }
        catch (ImageCacheException e)
        {
            e.ImageId ??= request.Subject;
            report.Failed(request, e);
            throw;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            UnavailableException fault = faults.Translate(e, request.Subject);
            report.Failed(request, fault);
            throw fault;
        }
    }

    private async Task<BaseImage> RunAsync(FetchStep step, long started, CancellationToken cancellationToken)
    {
        directory.RequireReadable();
        ResolvedImage image = await resolver.ResolveAsync(step, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            await access.RequireAsync(image, step.Request, cancellationToken).ConfigureAwait(false);
            directory.RequireWritable();
            await leftovers.RunAsync(dryRun: false, cancellationToken).ConfigureAwait(false);
            string lockPath = directory.Layout.LockPath(CacheLayout.BaseName(image.Id));
            using BaseFileLock held = await BaseFileLock
                .AcquireAsync(lockPath, () => step.Progress.Enter(WorkStage.Waiting), cancellationToken)
                .ConfigureAwait(false);
            if (await present.TryUseAsync(image, step, cancellationToken).ConfigureAwait(false) is { } hit)
            {
                return report.Hit(hit, time.GetElapsedTime(started));
            }

            if (image.Origin != ImageOrigin.Snapshot)
            {
                return await BringAsync(image, step, started, cancellationToken).ConfigureAwait(false);
            }

            // The snapshot was good for a hit; bytes are fetched on the service's word of today. A name may mean another image by
            // now, which has a lock of its own.
            image = await resolver.ResolveFreshAsync(step, cancellationToken).ConfigureAwait(false);
        }
    }

    // The caller holds the base file's lock, and looked whether the image is here.
    private async Task<BaseImage> BringAsync(ResolvedImage image, FetchStep step, long started, CancellationToken cancellationToken)
    {
        SignatureEvidence? signature = await verifier.PrepareAsync(image, step, cancellationToken).ConfigureAwait(false);
        using TemporaryDirectory temporary = await temporaries.CreateAsync(cancellationToken).ConfigureAwait(false);
        FetchedFile file = await bringer.BringAsync(image, signature?.Claim.HashMethod, temporary, step, cancellationToken).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable unlinked = file.ConfigureAwait(false);
        file = await verifier.VerifyAsync(image, file, signature, step, cancellationToken).ConfigureAwait(false);
        file = await converter.ConvertAsync(image, file, temporary, step, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        CacheEntry entry = await publication.PublishAsync(image, file, temporary, step, cancellationToken).ConfigureAwait(false);
        return report.Fetched(entry, file, time.GetElapsedTime(started));
    }
}
