using ImageCache.Engine.Life.Usage;

namespace ImageCache.Engine.Life.Prune;

/// <summary>Who uses a file, as far as pruning goes.</summary>
internal static class PruneUsers
{
    /// <summary>
    /// The disks and processes that use a file, or may. Targets are not among them: they are judged themselves, and a base image stays as long
    /// as one of its targets.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="report">What was seen.</param>
    /// <param name="targets">The paths of the targets that are judged.</param>
    public static IReadOnlyList<string> Of(PruneFile file, UsageReport report, IReadOnlySet<string> targets)
    {
        IReadOnlyList<string> users = file.MayHaveDisks ? report.UsersOf(file.UsageName) : report.UsedBy.GetValueOrDefault(file.UsageName, []);
        return file.IsBase && users.Any(targets.Contains) ? [.. users.Where(user => !targets.Contains(user))] : users;
    }
}
