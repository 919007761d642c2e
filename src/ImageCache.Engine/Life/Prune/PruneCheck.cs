using ImageCache.Engine.Life.Critical;
using ImageCache.Engine.Life.Usage;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Prune;

/// <summary>Looks again, under the lock, at one file that shall go. In doubt it is kept.</summary>
internal sealed class PruneCheck(CacheLayout layout, CriticalStore critical, UsageWatch uses, TimeProvider time)
{
    /// <summary>Why the file must not go after all.</summary>
    /// <returns><see langword="null"/> when it may.</returns>
    public PruneVerdict? WhyKeep(PruneStep step, in FileStatus now, CancellationToken cancellationToken)
    {
        PruneFile file = step.File;
        if (file.Fingerprint is not { } planned || !FileFingerprint.Of(now).HasContentOf(planned))
        {
            return PruneVerdict.Keep("it changed after the plan was made: kept");
        }

        if (time.GetUtcNow() - file.Since < step.MinimumAge)
        {
            return PruneVerdict.Keep("the clock was set back after the plan was made, and it is too young now: kept");
        }

        CriticalReading list = critical.Read();
        if (!list.IsComplete)
        {
            return PruneVerdict.Keep("critical list unreadable: everything is kept");
        }

        if (file is { MayHaveDisks: true, BaseName: { } image } && list.MayBeCritical(image))
        {
            return PruneVerdict.Keep("critical") with { IsNeeded = true };
        }

        return InUse(file, cancellationToken) ?? BelowTarget(file)
            ?? (file.MayHaveDisks || OpenFiles.Of([file]).Count == 0 ? null : PruneVerdict.Keep("a process has it open: kept"));
    }

    private PruneVerdict? InUse(PruneFile file, CancellationToken cancellationToken)
    {
        UsageReport report = uses.Look(cancellationToken);
        HashSet<string> targets = [.. report.UsedBy.GetValueOrDefault(file.UsageName, [])
            .Where(user => Path.GetDirectoryName(user) == layout.TargetsPath && PruneNames.BaseOfTarget(Path.GetFileName(user)) == file.BaseName)];
        IReadOnlyList<string> users = PruneUsers.Of(file, report, targets);
        return users.Count == 0 ? null : PruneVerdict.Keep($"in use by {users[0]}, since the plan was made: kept") with { UsedBy = users, IsNeeded = true };
    }

    private PruneVerdict? BelowTarget(PruneFile file)
        => file.IsBase && Directory.Exists(layout.TargetsPath)
            && Directory.EnumerateFileSystemEntries(layout.TargetsPath, file.BaseName + ".*").Select(static path => Path.GetFileName(path))
                .FirstOrDefault(static name => PruneNames.BaseOfTarget(name) is not null) is { } target
            ? PruneVerdict.Keep($"its target {target} is kept") with { IsNeeded = true }
            : null;
}
