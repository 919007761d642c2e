using ImageCache.Engine.Life.Critical;
using ImageCache.Engine.Life.Popularity;
using ImageCache.Engine.Life.Usage;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Prune;

/// <summary>Plans what leaves a cache, and has it carried out. Planning changes nothing.</summary>
internal sealed class Pruner(
    CacheDirectory directory,
    PruneInventory inventory,
    CacheReader cache,
    BaseImageView view,
    UsageScanner usage,
    CriticalStore critical,
    PopularityStore popularity,
    PrunePolicy policy,
    LeftoverSweep leftovers,
    PruneExecutor executor,
    TimeProvider time)
{
    /// <summary>Plans.</summary>
    /// <param name="describe">Tell of each base image what is known of it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="UnavailableException">The cache cannot be read.</exception>
    public PrunePlan Plan(bool describe, CancellationToken cancellationToken)
    {
        directory.RequireReadable();
        return directory.Guard(() =>
        {
            PruneFacts facts = Gather(cancellationToken);
            IReadOnlyList<PruneStep> steps = PrunePlanner.Plan(facts, policy);

            // Each lock is tried once, and only of what would go; what is kept instead makes another plan.
            HashSet<string> tried = [];
            while (FindLocked(steps, tried) is { Count: > 0 } locked)
            {
                facts = facts with { Locked = new HashSet<string>([.. facts.Locked, .. locked]) };
                steps = PrunePlanner.Plan(facts, policy);
            }

            return new PrunePlan(describe ? [.. steps.Select(Describe)] : steps, facts.Usage);
        });
    }

    private PruneStep Describe(PruneStep step)
        => step.File.IsBase && cache.Find(step.File.Name) is { } entry
            ? step with { Decision = step.Decision with { Image = view.Of(entry, step.Decision.UsedBy.Count > 0) } }
            : step;

    /// <summary>Carries a plan out.</summary>
    /// <exception cref="UnavailableException">The cache cannot be written.</exception>
    public async IAsyncEnumerable<PruneDecision> RunAsync(
        PrunePlan plan, WorkProgress progress, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        directory.RequireWritable();

        // Whose uses were noted is known from the records, which go with their images.
        _ = await popularity.UpdateAsync(plan.Usage, static _ => { }, cancellationToken).ConfigureAwait(false);
        _ = await directory.GuardAsync(() => leftovers.RunAsync(dryRun: false, cancellationToken)).ConfigureAwait(false);
        await foreach (PruneDecision decision in executor.RunAsync(plan.Steps, progress, cancellationToken).ConfigureAwait(false))
        {
            yield return decision;
        }
    }

    private PruneFacts Gather(CancellationToken cancellationToken)
    {
        // The disks last: one that comes after the files were looked at is seen, and one that came before as well.
        IReadOnlyList<PruneFile> files = inventory.Read(cancellationToken);
        IReadOnlySet<PruneFile> open = OpenFiles.Of([.. files.Where(static file => file.Kind is PruneKind.Part or PruneKind.Converted)]);
        DriveInfo drive = new(directory.Layout.CachePath);
        long used = drive.TotalSize - drive.TotalFreeSpace;
        UsageReport uses = usage.Scan(cancellationToken);
        return new PruneFacts
        {
            Files = [.. files.Select(file => open.Contains(file) ? file with { IsOpen = true } : file)],
            Usage = uses,
            IsShared = uses.SharedWith.Count > 0,
            Critical = critical.Read(),
            Popularity = popularity.Read(),
            Now = time.GetUtcNow(),
            Capacity = used + drive.AvailableFreeSpace,
            Free = drive.AvailableFreeSpace,
        };
    }

    private List<string> FindLocked(IReadOnlyList<PruneStep> steps, HashSet<string> tried)
        => [.. steps
            .Where(static step => step.Verdict.Action != PruneAction.Keep)
            .Select(static step => step.File.LockName)
            .Where(tried.Add)
            .Where(IsLocked)];

    private bool IsLocked(string name)
    {
        string path = directory.Layout.LockPath(name);
        try
        {
            if (!File.Exists(path))
            {
                return false;
            }

            using BaseFileLock? held = BaseFileLock.TryAcquire(path);
            return held is null;
        }
        catch (IOException)
        {
            // Who may not lock may still plan; what is done is done under the lock.
            return false;
        }
    }
}
