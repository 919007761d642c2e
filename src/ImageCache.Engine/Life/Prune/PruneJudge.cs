namespace ImageCache.Engine.Life.Prune;

/// <summary>
/// Judges single files. Pure: the same facts, the same answer. What keeps a file comes first, in the order of how much it would cost to be
/// wrong; only what nothing keeps is removed.
/// </summary>
internal sealed class PruneJudge(PruneFacts facts, PrunePolicy policy)
{
    private readonly HashSet<string> _targets = [.. facts.Files.Where(static file => file.Kind == PruneKind.Target).Select(static file => file.Path)];

    /// <summary>Judges one file.</summary>
    public PruneVerdict Judge(PruneFile file) => Unjudgeable(file) ?? Needed(file) ?? Young(file) ?? Unused(file);

    // What cannot be judged stays.
    private PruneVerdict? Unjudgeable(PruneFile file) => file switch
    {
        { Problem: { } problem } => PruneVerdict.Keep($"{problem}: kept"),
        { Kind: PruneKind.Unknown } => PruneVerdict.Keep("unknown file: kept"),
        _ when facts.Locked.Contains(file.LockName) => PruneVerdict.Keep("locked: somebody fetches, uses or removes it just now"),
        _ => null,
    };

    private PruneVerdict? Needed(PruneFile file)
    {
        IReadOnlyList<string> users = PruneUsers.Of(file, facts.Usage, _targets);
        PruneVerdict? verdict = users.Count > 0 ? InUse(file, users) : null;
        if (!facts.Critical.IsComplete)
        {
            return verdict ?? new PruneVerdict(PruneAction.Keep, $"critical list unreadable: everything is kept ({Short(facts.Critical.Reason)})") { IsNeeded = true };
        }

        // A download that broke off is not the image.
        return file is { MayHaveDisks: true, BaseName: { } image } && facts.Critical.MayBeCritical(image)
            ? new PruneVerdict(PruneAction.Keep, "critical") { UsedBy = users, IsNeeded = true }
            : verdict;
    }

    private PruneVerdict InUse(PruneFile file, IReadOnlyList<string> users)
    {
        string reason = facts.Usage.IsUsed(file.UsageName)
            ? $"in use by {users[0]}{(users.Count > 1 ? $" and {users.Count - 1} more" : string.Empty)}"
            : $"disk unreadable: kept, for it may be used by {users[0]}";
        return new PruneVerdict(PruneAction.Keep, reason) { UsedBy = users, IsNeeded = true };
    }

    private PruneVerdict? Young(PruneFile file)
    {
        TimeSpan age = facts.Now - file.Since;
        TimeSpan least = policy.AgeOf(file.Kind, facts.IsShared);
        return age < TimeSpan.Zero
            ? PruneVerdict.Keep($"its time lies {DisplayText.Span(age.Negate())} ahead of the clock, which one of the two has wrong: kept")
            : age < least
                ? PruneVerdict.Keep(file.Kind == PruneKind.Quarantined
                    ? $"set aside {DisplayText.Span(age)} ago, and kept for {DisplayText.Span(least)}"
                    : $"too young: unused for {DisplayText.Span(age)} of {DisplayText.Span(least)}")
                : file.IsOpen ? PruneVerdict.Keep("a process has it open: kept") : null;
    }

    private PruneVerdict Unused(PruneFile file)
    {
        string age = DisplayText.Span(facts.Now - file.Since);
        return file.Kind switch
        {
            PruneKind.Part or PruneKind.Converted => new(PruneAction.Remove, $"orphaned temporary: nobody wrote to it for {age}, nobody has it open"),
            PruneKind.Record => new(PruneAction.Remove, $"record without a file, for {age}"),
            PruneKind.Quarantined => new(PruneAction.Remove, $"set aside {age} ago, and nobody wanted it back"),
            PruneKind.LegacyResized => new(PruneAction.Remove, $"legacy resized, unused for {age}"),
            PruneKind.Target => new(PruneAction.Remove, $"target of {file.ImageName ?? file.ImageId ?? file.BaseName}, unused for {age}"),
            PruneKind.BaseImage or PruneKind.Link => UnusedBase(file, age),
            _ => new(PruneAction.Remove, $"unused for {age}"),
        };
    }

    private PruneVerdict UnusedBase(PruneFile file, string age)
    {
        double score = facts.Popularity.ScoreOf(file.BaseName!);
        if (policy.Retention.PopularScore is { } popular && score >= popular)
        {
            return PruneVerdict.Keep($"popular (score {score.ToString("0.#", System.Globalization.CultureInfo.InvariantCulture)}): unused for {age}, kept while there is room") with { IsSpare = true };
        }

        if (policy.Retention.WhenNeeded)
        {
            return PruneVerdict.Keep($"unused for {age}, kept while there is room") with { IsSpare = true };
        }

        // A link is as quickly made again as brought back.
        return new PruneVerdict(policy.Retention.Quarantine && file.Kind == PruneKind.BaseImage ? PruneAction.Quarantine : PruneAction.Remove, $"unused for {age}")
        {
            IsSpare = true,
        };
    }

    private static string Short(string? reason) => string.IsNullOrEmpty(reason) ? "a newer version wrote it" : reason.TrimEnd('.');
}
