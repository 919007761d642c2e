namespace ImageCache.Cli;

/// <summary>The exit codes, and which error ends with which.</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Failed, in a way that no other code tells; or several items failed in different ways.</summary>
    public const int Failed = 1;

    /// <summary>The command line, a reference or the configuration cannot be used.</summary>
    public const int Usage = 2;

    /// <summary>Policy or verification refuses, or it is in use.</summary>
    public const int Refused = 3;

    /// <summary>It does not exist.</summary>
    public const int NotFound = 4;

    /// <summary>A service, the disk or a method cannot be had.</summary>
    public const int Unavailable = 5;

    /// <summary>Interrupted: 128 and the number of SIGINT, as shells have it.</summary>
    public const int Interrupted = 130;

    private static readonly Dictionary<Type, int> Codes = new()
    {
        [typeof(InvalidInputException)] = Usage,
        [typeof(PolicyException)] = Refused,
        [typeof(VerificationException)] = Refused,
        [typeof(BusyException)] = Refused,
        [typeof(NotFoundException)] = NotFound,
        [typeof(UnavailableException)] = Unavailable,
        [typeof(InternalErrorException)] = Failed,
    };

    /// <summary>The code of an error; what is no error of the engine's is a fault of ours.</summary>
    public static int Of(Type error) => Codes.GetValueOrDefault(error, Failed);

    /// <summary>The code of several items: theirs if they agree, else <see cref="Failed"/>; nothing failed is <see cref="Done"/>.</summary>
    public static int Of(IReadOnlyCollection<int> failures) => failures.Distinct().Count() switch
    {
        0 => Done,
        1 => failures.First(),
        _ => Failed,
    };
}
