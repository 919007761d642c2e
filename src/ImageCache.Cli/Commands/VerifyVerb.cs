using System.CommandLine;
using System.CommandLine.Parsing;
using ImageCache.Cli.Output;
using ImageCache.Cli.Views;
using ImageCache.Engine;
using ImageCache.Engine.Requests;

namespace ImageCache.Cli.Commands;

/// <summary><c>imagecache verify</c>.</summary>
internal sealed class VerifyVerb : Verb
{
    private readonly Argument<string[]> _images = OptionKinds.Images("An image's id, its unique name, or the file's name; without one, the whole cache.", ArgumentArity.ZeroOrMore);
    private readonly Option<bool> _repair = OptionKinds.Flag("--repair", "Set aside what is damaged, and fetch it again; what disks use is left alone.");
    private readonly Option<bool> _whatIf = OptionKinds.Flag("--what-if", "With --repair: only tell what would be repaired.");
    private readonly Option<bool> _online = OptionKinds.Flag("--online", "Ask Glance about files without a record; else no service is asked.");
    private readonly Option<string?> _rateLimit = OptionKinds.Text("--rate-limit", "RATE", "Bytes a second to read, such as 50MiB.");
    private readonly Option<TimeSpan?> _olderThan = new("--older-than")
    {
        HelpName = "AGE",
        Description = "Leave out what was proved less than so long ago, such as 12h or 7d.",
        CustomParser = ParseAge,
    };

    public VerifyVerb(GlobalOptions globals)
        : base("verify", "Read cached files again and compare them with their digests.", globals)
    {
        Arguments.Add(_images);
        foreach (Option option in new Option[] { _repair, _whatIf, _online, _rateLimit, _olderThan })
        {
            Options.Add(option);
        }
    }

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        VerifyRequest any = new()
        {
            OlderThan = invocation.Parsed.GetValue(_olderThan),
            AskGlance = invocation.Parsed.GetValue(_online),
        };
        string[] images = invocation.Parsed.GetValue(_images) ?? [];
        VerifyRequest[] requests = images.Length == 0 ? [any] : [.. images.Select(image => any with { Image = image })];

        using IResultWriter<IntegrityResult> writer = invocation.Writer(IntegrityResultView.Table);
        ConsoleProgress progress = ConsoleProgress.Start(invocation.Monitor, invocation.Reporter, invocation.IsForPeople);
        await using (progress.ConfigureAwait(false))
        {
            foreach (VerifyRequest request in requests)
            {
                if (!await RunAsync(invocation, request, writer, cancellationToken).ConfigureAwait(false))
                {
                    return;
                }
            }
        }

        if (writer.Count == 0 && invocation.IsForPeople && invocation.ExitCode == ExitCodes.Done)
        {
            invocation.Reporter.Note(any.OlderThan is null ? "The cache holds nothing to verify." : "Nothing is due.");
        }
    }

    protected override IReadOnlyDictionary<string, string> Settings(ParseResult parsed)
        => parsed.GetValue(_rateLimit) is { } rate ? new Dictionary<string, string> { ["verify_rate_limit"] = rate } : base.Settings(parsed);

    private async Task<bool> RunAsync(Invocation invocation, VerifyRequest request, IResultWriter<IntegrityResult> writer, CancellationToken cancellationToken)
    {
        bool repairs = invocation.Parsed.GetValue(_repair) && !invocation.Parsed.GetValue(_whatIf);
        try
        {
            await foreach (IntegrityResult found in invocation.Engine.VerifyAsync(request, invocation.Monitor, cancellationToken).ConfigureAwait(false))
            {
                IntegrityResult result = repairs && ImageCacheEngine.IsBroken(found)
                    ? await invocation.Engine.RepairAsync(found, invocation.Monitor, cancellationToken).ConfigureAwait(false)
                    : found;
                invocation.Judge(Code(result));
                if (!writer.Write(result))
                {
                    return false;
                }
            }
        }
        catch (ImageCacheException e)
        {
            invocation.Fail(e, request.Image);
        }

        return true;
    }

    private static int Code(IntegrityResult result) => result.Status switch
    {
        _ when ImageCacheEngine.IsBroken(result) => ExitCodes.Refused,
        IntegrityStatus.Unreadable => ExitCodes.Unavailable,
        _ => ExitCodes.Done,
    };

    private static TimeSpan? ParseAge(ArgumentResult result)
    {
        TimeSpan? age = VerifyRequest.ParseAge(result.Tokens[0].Value);
        if (age is null)
        {
            result.AddError($"--older-than takes seconds, or a time with a unit such as 30m, 12h or 7d, not '{result.Tokens[0].Value}'.");
        }

        return age;
    }
}
