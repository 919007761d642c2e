using System.Globalization;
using System.Runtime.CompilerServices;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Critical;

/// <summary>
/// Brings critical images in order: here, proved as the policy wants, with their targets, kept from nova's aging, and as Glance has them.
/// What needs Glance is left out when it does not answer, and told; everything else is done.
/// </summary>
internal sealed class CriticalSync(
    ImageCacheConfiguration configuration,
    CacheDirectory directory,
    CacheReader cache,
    CriticalRegistry registry,
    CriticalView view,
    CriticalBringer bringer,
    IntegrityCheck check,
    BaseFileKeeper keeper,
    TimeProvider time,
    ITargetMaker? targets)
{
    /// <summary>Brings in order what is asked for.</summary>
    public async IAsyncEnumerable<CriticalOutcome> RunAsync(
        CriticalSyncRequest request, GlanceReach reach, OperationMonitor monitor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        directory.RequireWritable();
        List<CriticalOutcome> unknown = [];
        List<CriticalWork> works = Select(request, unknown);
        foreach (CriticalOutcome outcome in unknown)
        {
            yield return outcome;
        }

        using WorkProgress progress = monitor.Begin("critical images");
        await AskAsync(works, reach, monitor, cancellationToken).ConfigureAwait(false);
        if (request.Update)
        {
            await FollowAsync(works, cancellationToken).ConfigureAwait(false);
        }

        foreach (CriticalOutcome outcome in await CompleteAsync(works, reach, request, monitor, cancellationToken).ConfigureAwait(false))
        {
            yield return outcome;
        }
    }

    /// <summary>Does all but asking: reads where a proof is wanted, fetches what is missing, makes targets, keeps, and notes what became of it.</summary>
    public async Task<IReadOnlyList<CriticalOutcome>> CompleteAsync(
        IReadOnlyList<CriticalWork> works, GlanceReach reach, CriticalSyncRequest request, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        await ProveAsync(works, request.Verify, monitor, cancellationToken).ConfigureAwait(false);
        using (reach.SilenceKeystone())
        {
            List<CriticalWork> wanting = [.. works.Where(work => NeedsBringing(work, reach))];
            await bringer.BringAsync(wanting, reach, request.ThrottleLimit ?? configuration.ThrottleLimit, monitor, cancellationToken).ConfigureAwait(false);
        }

        List<CriticalOutcome> outcomes = [];
        foreach (CriticalWork work in works)
        {
            outcomes.Add(await FinishAsync(work, monitor, cancellationToken).ConfigureAwait(false));
        }

        await registry.NoteAsync([.. works.Select(static work => work.Entry)], cancellationToken).ConfigureAwait(false);
        await RetireAsync(works, cancellationToken).ConfigureAwait(false);
        return outcomes;
    }

    private List<CriticalWork> Select(CriticalSyncRequest request, List<CriticalOutcome> unknown)
    {
        if (request.Images.Count == 0)
        {
            return [.. registry.Select(null).Select(static entry => new CriticalWork(entry.Id, entry))];
        }

        List<CriticalWork> works = [];
        foreach (string image in request.Images.Distinct(StringComparer.Ordinal))
        {
            try
            {
                works.AddRange(registry.Select(image).Where(entry => works.TrueForAll(work => work.Entry.Id != entry.Id)).Select(entry => new CriticalWork(image, entry)));
            }
            catch (ImageCacheException e) when (e.ErrorId is ErrorIds.ImageNotCritical or ErrorIds.AmbiguousImage)
            {
                unknown.Add(new CriticalOutcome(image, null, e));
            }
        }

        return works;
    }

    private static async Task AskAsync(List<CriticalWork> works, GlanceReach reach, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, GlanceWord>? words = await CriticalNews
            .AskAsync([.. works.Select(static work => work.Entry)], reach, cancellationToken)
            .ConfigureAwait(false);
        if (words is null)
        {
            monitor.Warn($"Whether the critical images are as Glance has them could not be found out, and what is missing is fetched only where that needs no Glance: {reach.Failure!.Message}");
            return;
        }

        foreach (CriticalWork work in works)
        {
            work.Word = words.GetValueOrDefault(work.Entry.Id) ?? new GlanceWord(CriticalStatus.Present, null, work.Entry.Descriptor);
            work.Entry = work.Entry with { Descriptor = work.Word.Descriptor with { IsCached = false } };
        }
    }

    // Other data under the same id replace the file, if no disk uses it; another image of the name comes beside it.
    private async Task FollowAsync(List<CriticalWork> works, CancellationToken cancellationToken)
    {
        foreach (CriticalWork work in works.Where(static work => work.Word?.Successor is not null).ToArray())
        {
            ImageDescriptor successor = work.Word!.Successor!;
            if (successor.Id == work.Entry.Id)
            {
                work.Replace = true;
                continue;
            }

            CriticalEntry next = work.Entry with { Id = successor.Id, Descriptor = successor with { IsCached = false }, RegisteredAt = time.GetUtcNow(), SyncedAt = null };
            await registry.AddAsync(next, cancellationToken).ConfigureAwait(false);
            works.Add(new CriticalWork(work.Subject, next)
            {
                Word = new GlanceWord(CriticalStatus.Present, $"it takes the place of the image {work.Entry.Id}", next.Descriptor),
            });
        }
    }

    // Who was followed is critical no more, once the other one is here; its file stays for the disks that use it.
    private async Task RetireAsync(IReadOnlyList<CriticalWork> works, CancellationToken cancellationToken)
    {
        foreach (CriticalWork work in works)
        {
            if (work.Word?.Successor is { } successor
                && successor.Id != work.Entry.Id
                && works.Any(other => other.Entry.Id == successor.Id && other.Error is null))
            {
                await registry.RemoveAsync(work.Entry, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task ProveAsync(IReadOnlyList<CriticalWork> works, bool all, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        IntegrityRun run = new(monitor, asksGlance: false);
        foreach (CriticalWork work in works)
        {
            string baseName = CacheLayout.BaseName(work.Entry.Id);
            if (cache.Find(baseName) is { } entry && CriticalView.IsHere(entry) && (all || MustProve(entry))
                && await directory.GuardAsync(() => check.RunAsync(baseName, run, cancellationToken)).ConfigureAwait(false) is { Status: IntegrityStatus.Damaged } found)
            {
                work.Damage = found.Reason;
            }
        }
    }

    private bool MustProve(CacheEntry entry) => !entry.IsLink && entry.Proof is null && (configuration.RequireChecksum || !entry.IsRecordedFile);

    // As long as nothing can take its place, a damaged file is not set aside.
    private bool NeedsBringing(CriticalWork work, GlanceReach reach)
    {
        // Of a damaged file the record says so by now; behind a link lies what the store has.
        CriticalImage now = view.Of(work.Entry);
        bool isWanting = work.Replace || work.WithoutLink || !now.IsCached
            || (work.Entry.RequireSignature && now.SignatureStatus != SignatureStatus.Valid);
        return isWanting && (reach.Failure is null || now.Status != CriticalStatus.Damaged);
    }

    private async Task<CriticalOutcome> FinishAsync(CriticalWork work, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        string baseName = CacheLayout.BaseName(work.Entry.Id);
        CriticalImage now = view.Of(work.Entry);
        if (now.IsCached)
        {
            if (await keeper.KeepAsync(baseName, cancellationToken).ConfigureAwait(false) is { } trouble)
            {
                monitor.Warn(trouble);
            }

            now = await MakeTargetsAsync(work, now, monitor, cancellationToken).ConfigureAwait(false);
        }

        if (work is { Replace: true, Error: null, Word.Successor: { } replacing })
        {
            work.Entry = work.Entry with { Descriptor = replacing with { IsCached = false } };
        }

        CriticalImage judged = Judge(work, now);
        if (judged.Status == CriticalStatus.Present && judged.IsFresh == true)
        {
            work.Entry = work.Entry with { SyncedAt = time.GetUtcNow() };
        }

        return new CriticalOutcome(work.Subject, judged with { SyncedAt = work.Entry.SyncedAt }, work.Error ?? ErrorOf(work, judged));
    }

    private async Task<CriticalImage> MakeTargetsAsync(CriticalWork work, CriticalImage now, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        foreach (long size in targets is null ? [] : now.MissingTargets)
        {
            try
            {
                await targets!.EnsureAsync(CacheLayout.BaseName(work.Entry.Id), size, monitor, cancellationToken).ConfigureAwait(false);
            }
            catch (ImageCacheException e)
            {
                work.Error ??= e;
            }
        }

        return view.Of(work.Entry);
    }

    private static CriticalImage Judge(CriticalWork work, CriticalImage now)
    {
        // What is in the cache decides first; what Glance says counts for what is whole here.
        bool isDamaged = work.Damage is not null && (work.Error is not null || !work.WasFetched);
        CriticalStatus status = isDamaged ? CriticalStatus.Damaged
            : now.Status == CriticalStatus.Present && work.Word is { IsSame: false } && !(work.Replace && work.Error is null) ? work.Word.Status
            : now.Status;
        string?[] reasons =
        [
            isDamaged ? work.Damage : now.Reason,
            work.Word is null ? work.Error is null ? "Glance could not be asked whether it is as it was" : null : work.Replace && work.Error is null ? "the file was replaced by what Glance has under its id now" : work.Word.Reason,
            work.Error?.Message.TrimEnd('.'),
        ];
        string reason = string.Join("; ", reasons.Where(static text => text is not null));
        return now with
        {
            Status = status,
            Reason = reason.Length > 0 ? reason : null,
            IsFresh = work.Word is null ? null : work.Word.IsSame || (work.Replace && work.Error is null),
        };
    }

    private static ImageCacheException? ErrorOf(CriticalWork work, CriticalImage judged) => judged.Status switch
    {
        CriticalStatus.Missing or CriticalStatus.Incomplete => new UnavailableException(
            ErrorIds.CriticalIncomplete,
            string.Create(CultureInfo.InvariantCulture, $"The critical image '{work.Entry.Id}' is not complete on this node: {judged.Reason}."),
            work.Entry.Id,
            "Run 'imagecache critical sync' (Sync-CriticalImage) again when what is missing can be had.",
            category: FailureCategory.ResourceUnavailable),
        CriticalStatus.Damaged => new VerificationException(
            ErrorIds.DigestMismatch,
            $"The critical image '{work.Entry.Id}' is damaged on this node: {judged.Reason}.",
            work.Entry.Id,
            "Run 'imagecache critical sync' (Sync-CriticalImage) again when Glance answers: it is set aside and fetched then."),
        _ => null,
    };
}
