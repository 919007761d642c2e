namespace ImageCache.Engine.Formats;

/// <summary>Finds programs as a shell would, and where daemons have a poor PATH, in the usual directories, too.</summary>
internal static class ExecutableSearch
{
    private static readonly string[] UsualDirectories = ["/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>The absolute path of a program.</summary>
    /// <param name="executable">A name, or an absolute path.</param>
    /// <param name="debianPackage">The package that has it.</param>
    /// <exception cref="UnavailableException">It is not installed.</exception>
    public static string Find(string executable, string debianPackage)
        => TryFind(executable) ?? throw new UnavailableException(
            ErrorIds.ToolFailed,
            $"The program '{executable}' is needed and is not installed.",
            nextStep: $"Install it: on Debian and Ubuntu, apt-get install {debianPackage}.",
            category: FailureCategory.ResourceUnavailable);

    /// <summary>The absolute path of a program, or <see langword="null"/> where it is not installed.</summary>
    public static string? TryFind(string executable)
    {
        if (Path.IsPathFullyQualified(executable))
        {
            return File.Exists(executable) ? executable : null;
        }

        string[] path = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':');
        return path.Where(Path.IsPathFullyQualified).Concat(UsualDirectories)
            .Select(directory => Path.Join(directory, executable))
            .FirstOrDefault(File.Exists);
    }
}
