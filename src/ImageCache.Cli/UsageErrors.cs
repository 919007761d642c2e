using System.CommandLine;
using System.CommandLine.Parsing;
using ImageCache.Cli.Commands;
using ImageCache.Cli.Output;

namespace ImageCache.Cli;

/// <summary>What is wrong with a command line.</summary>
internal static class UsageErrors
{
    /// <summary>Every fault, in words; empty when there is none.</summary>
    public static IReadOnlyList<string> Find(ParseResult parsed, Command root)
    {
        if (parsed.Errors.Count == 0)
        {
            bool asksForHelp = parsed.Action != parsed.CommandResult.Command.Action;
            return asksForHelp ? [] : [.. MistypedOptions(parsed)];
        }

        if (parsed.CommandResult.Command != root)
        {
            return [.. parsed.Errors.Select(static error => error.Message).Distinct()];
        }

        string verbs = string.Join(", ", root.Subcommands.Select(static verb => verb.Name));
        return [parsed.UnmatchedTokens.Count > 0 ? $"There is no verb or option '{parsed.UnmatchedTokens[0]}'. The verbs are {verbs}." : $"A verb is expected: {verbs}."];
    }

    /// <summary>Tells them on standard error.</summary>
    public static void Report(IEnumerable<string> errors, ParseResult parsed, GlobalOptions globals)
    {
        Command command = parsed.CommandResult.Command;
        string path = PathOf(command);
        bool json = parsed.GetResult(globals.Json) is { Implicit: false };
        Reporter reporter = Reporter.For(json, verbose: false);
        foreach (string message in errors)
        {
            reporter.Error(new ErrorLine(ErrorIds.UsageInvalid, FailureCategory.InvalidArgument, null, message, $"See {path} --help."));
        }
    }

    private static string PathOf(Command command)
        => command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}" : command.Name;

    /// <summary>A verb that takes images would take an option that it does not know for an image; only behind <c>--</c> may one look like that.</summary>
    private static IEnumerable<string> MistypedOptions(ParseResult parsed)
    {
        HashSet<object> beforeDashes = new(parsed.Tokens.TakeWhile(static token => token.Type != TokenType.DoubleDash), ReferenceEqualityComparer.Instance);
        return parsed.CommandResult.Command.Arguments
            .SelectMany(argument => parsed.GetResult(argument)?.Tokens ?? [])
            .Where(token => token.Value.StartsWith('-') && beforeDashes.Contains(token))
            .Select(static token => $"There is no option '{token.Value}'.");
    }
}
