using System.CommandLine;
using System.CommandLine.Help;
using ImageCache.Cli.Commands;

namespace ImageCache.Cli;

/// <summary>The grammar of <c>imagecache</c>, and how an invocation is carried out.</summary>
internal static class CommandLine
{
    private const string CommandName = "imagecache";

    // A leading @ is part of an image's name, never a file of arguments.
    private static readonly ParserConfiguration Grammar = new() { ResponseFileTokenReplacer = null };

    /// <summary>Carries out one command line.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        GlobalOptions globals = new();
        Command root = Build(globals);
        ParseResult parsed = root.Parse(arguments, Grammar);
        if (UsageErrors.Find(parsed, root) is { Count: > 0 } errors)
        {
            UsageErrors.Report(errors, parsed, globals);
            return ExitCodes.Usage;
        }

        // Signals and errors are ours to handle, so that an interrupted verb cleans up and every error has its exit code.
        InvocationConfiguration invocation = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        return await parsed.InvokeAsync(invocation, cancellationToken).ConfigureAwait(false);
    }

    private static Command Build(GlobalOptions globals)
    {
        Command root = new(CommandName, "Keeps the base images of this compute node ready.")
        {
            new FindVerb(globals),
            new ListVerb(globals),
            new FetchVerb(globals),
            new InitVerb(globals),
            new RemoveVerb(globals),
            new PruneVerb(globals),
            new SignatureVerb(globals),
            new VerifyVerb(globals),
            new DiskVerb(globals),
            new PopularityVerb(globals),
            new PrecacheVerb(globals),
            new CriticalVerb(globals),
            new NodeVerb(globals),
            new MaintainVerb(globals),
            new ConfigVerb(globals),
        };
        root.Options.Add(new HelpOption());
        root.Options.Add(new VersionOption());
        foreach (Option option in globals.All)
        {
            root.Options.Add(option);
        }

        return root;
    }
}
