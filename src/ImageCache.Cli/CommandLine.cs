using System.CommandLine;
using System.CommandLine.Help;
using ImageCache.Cli.Commands;
using ImageCache.Cli.Output;

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
        ParseResult parsed = Build(globals).Parse(arguments, Grammar);
        if (parsed.Errors.Count > 0)
        {
            return RejectUsage(parsed, globals);
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

    private static int RejectUsage(ParseResult parsed, GlobalOptions globals)
    {
        string path = string.Join(' ', parsed.CommandResult.Command.Parents.OfType<Command>().Append(parsed.CommandResult.Command).Select(static c => c.Name));
        Reporter reporter = Reporter.For(parsed.GetResult(globals.Json) is not null, verbose: false);
        foreach (string message in parsed.Errors.Select(static error => error.Message).Distinct())
        {
            reporter.Error(new ErrorLine(ErrorIds.UsageInvalid, FailureCategory.InvalidArgument, null, message, $"See {path} --help."));
        }

        return ExitCodes.Usage;
    }
}
