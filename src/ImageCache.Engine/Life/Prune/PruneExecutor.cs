using System.Runtime.CompilerServices;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Prune;

/// <summary>
/// Carries a plan out, file by file: each under nova's lock of it, and looked at again there. A file that somebody else removed meanwhile is
/// as good as removed; one that fails stops no other.
/// </summary>
internal sealed class PruneExecutor(
    CacheDirectory directory, CacheReader cache, RecordStore records, PruneCheck check, BaseFileDeletion deletion, UnusedQuarantine quarantine, PruneTouch touch, EventLog events)
{
    private CacheLayout Layout => directory.Layout;

    /// <summary>Carries it out.</summary>
    /// <returns>What became of each file, as it comes.</returns>
    public async IAsyncEnumerable<PruneDecision> RunAsync(IReadOnlyList<PruneStep> steps, WorkProgress progress, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (PruneStep step in steps)
        {
            cancellationToken.ThrowIfCancellationRequested();
            progress.Add(1);
            yield return await RunAsync(step, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<PruneDecision> RunAsync(PruneStep step, CancellationToken cancellationToken)
    {
        try
        {
            PruneStep done = step.Verdict.Action == PruneAction.Keep ? step : await ActAsync(step, cancellationToken).ConfigureAwait(false);
            string? error = done.Verdict.IsNeeded ? await touch.KeepAsync(done.File, cancellationToken).ConfigureAwait(false) : null;
            return done.Decision with { Done = error is null, Error = error };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ImageCacheException)
        {
            return step.Decision with { Error = e.Message };
        }
    }

    private async Task<PruneStep> ActAsync(PruneStep step, CancellationToken cancellationToken)
    {
        using BaseFileLock? held = BaseFileLock.TryAcquire(Layout.LockPath(step.File.LockName));
        if (held is null)
        {
            return Kept(step, PruneVerdict.Keep("locked: somebody fetches, uses or removes it just now"));
        }

        if (FileStatus.OfPath(step.File.Path) is not { } now)
        {
            return step with { Decision = step.Decision with { Reason = $"{step.Decision.Reason}; somebody else removed it first" } };
        }

        if (check.WhyKeep(step, now, cancellationToken) is { } reason)
        {
            return Kept(step, reason);
        }

        await RemoveAsync(step, cancellationToken).ConfigureAwait(false);
        return step;
    }

    private async Task RemoveAsync(PruneStep step, CancellationToken cancellationToken)
    {
        PruneFile file = step.File;
        if (file.IsBase)
        {
            await RemoveBaseAsync(step, cancellationToken).ConfigureAwait(false);
        }
        else if (file.Kind == PruneKind.Record && file.Place == PrunePlace.Records)
        {
            records.Delete(file.Name[..^".json".Length]);
        }
        else
        {
            using HeldDirectory place = Open(file.Place);
            File.Delete(place.PathOf(file.Name));
            if (file.Kind is PruneKind.Target or PruneKind.Quarantined)
            {
                File.Delete(place.PathOf(file.Name + ".json"));
            }

            place.Sync();
        }

        if (step.Verdict.Action == PruneAction.Remove)
        {
            events.Append(events.New("pruned") with
            {
                ImageId = file.ImageId, Name = file.ImageName, Path = file.Path, Bytes = file.Allocated, Reason = step.Verdict.Reason,
            });
        }
    }

    private async Task RemoveBaseAsync(PruneStep step, CancellationToken cancellationToken)
    {
        if (cache.Find(step.File.BaseName!) is not { } entry)
        {
            return;
        }

        if (step.Verdict.Action == PruneAction.Quarantine)
        {
            await quarantine.TakeAsync(entry, step.Verdict.Reason, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await deletion.RunAsync(entry, cancellationToken).ConfigureAwait(false);
        }
    }

    private HeldDirectory Open(PrunePlace place) => place switch
    {
        PrunePlace.Targets => HeldDirectory.Open(Layout, CacheLayout.PrivateName, CacheLayout.TargetsName),
        PrunePlace.Quarantine => HeldDirectory.Open(Layout, CacheLayout.PrivateName, CacheLayout.QuarantineName),
        PrunePlace.Records => HeldDirectory.Open(Layout, CacheLayout.PrivateName, CacheLayout.RecordsName),
        _ => HeldDirectory.Open(Layout),
    };

    private static PruneStep Kept(PruneStep step, PruneVerdict verdict) => step with
    {
        Verdict = verdict,
        Decision = step.Decision with { Action = PruneAction.Keep, Reason = verdict.Reason, UsedBy = verdict.UsedBy },
    };
}
