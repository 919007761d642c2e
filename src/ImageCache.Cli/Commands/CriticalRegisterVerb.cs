using System.CommandLine;
using System.CommandLine.Parsing;
using ImageCache.Engine.Requests;

namespace ImageCache.Cli.Commands;

/// <summary><c>imagecache critical register</c>.</summary>
internal sealed class CriticalRegisterVerb : Verb
{
    private readonly Argument<string[]> _images = OptionKinds.Images("An image's id or its unique name.", ArgumentArity.OneOrMore);
    private readonly Option<long[]> _targetSizes = new("--target-size")
    {
        HelpName = "SIZE",
        Description = "A size of disks for which a target is kept ready, such as 20GiB; may be given several times.",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = ParseSizes,
    };

    private readonly Option<FetchMethod?> _method = OptionKinds.Method("How to fetch, now and later; auto takes the first that applies.");
    private readonly Option<bool> _requireSignature = OptionKinds.Flag("--require-signature", "Refuse them without a valid signature, now and later.");
    private readonly Option<bool> _noFetch = OptionKinds.Flag("--no-fetch", "Only register.");
    private readonly Option<bool> _force = OptionKinds.Flag("--force", "Set a list that cannot be read aside, and begin a new one.");
    private readonly Option<string?> _throttleLimit = OptionKinds.Text("--throttle-limit", "N", "How many images are fetched at once.");

    public CriticalRegisterVerb(GlobalOptions globals)
        : base("register", "Register images that must be here, with Glance down too, and fetch them.", globals)
    {
        Arguments.Add(_images);
        foreach (Option option in new Option[] { _targetSizes, _method, _requireSignature, _noFetch, _force, _throttleLimit })
        {
            Options.Add(option);
        }
    }

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        ParseResult parsed = invocation.Parsed;
        CriticalRequest[] requests = [.. (parsed.GetValue(_images) ?? []).Select(image => new CriticalRequest
        {
            Image = image,
            Method = parsed.GetValue(_method),
            RequireSignature = parsed.GetValue(_requireSignature),
            TargetSizes = parsed.GetValue(_targetSizes) ?? [],
            Fetch = !parsed.GetValue(_noFetch),
        })];
        if (parsed.GetValue(_force))
        {
            await invocation.Engine.ResetCriticalListAsync(invocation.Monitor, cancellationToken).ConfigureAwait(false);
        }

        await CriticalOutcomes
            .WriteAsync(invocation.Engine.RegisterCriticalAsync(requests, invocation.Engine.DefaultThrottleLimit, invocation.Monitor, cancellationToken), invocation)
            .ConfigureAwait(false);
    }

    protected override IReadOnlyDictionary<string, string> Settings(ParseResult parsed)
        => parsed.GetValue(_throttleLimit) is { } throttle ? new Dictionary<string, string> { ["throttle_limit"] = throttle } : base.Settings(parsed);

    private static long[] ParseSizes(ArgumentResult result)
    {
        List<long> sizes = [];
        foreach (Token token in result.Tokens)
        {
            if (CriticalRequest.ParseSize(token.Value) is { } size)
            {
                sizes.Add(size);
            }
            else
            {
                result.AddError($"--target-size takes bytes, or a number with a unit such as 20GiB, not '{token.Value}'.");
            }
        }

        return [.. sizes];
    }
}
