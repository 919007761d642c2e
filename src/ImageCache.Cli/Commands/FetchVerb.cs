using System.CommandLine;
using System.CommandLine.Parsing;
using ImageCache.Cli.Output;
using ImageCache.Cli.Views;
using ImageCache.Engine.Requests;

namespace ImageCache.Cli.Commands;

/// <summary><c>imagecache fetch</c>.</summary>
internal sealed class FetchVerb : Verb
{
    private readonly Argument<string[]> _images = OptionKinds.Images("An image's id or its unique name.", ArgumentArity.ZeroOrMore);
    private readonly Option<string?> _uri = OptionKinds.Text("--uri", "URI", "Fetch from a file:, http: or https: URI, without Glance.");
    private readonly Option<string?> _checksum = new("--checksum")
    {
        HelpName = "ALGORITHM:HEX",
        Description = "The digest of what lies at --uri, or the URI of a SHA256SUMS or SHA512SUMS file.",
    };

    private readonly Option<FetchMethod?> _method = OptionKinds.Method("How to fetch; auto takes the first that applies.");

    private readonly Option<bool> _force = OptionKinds.Flag("--force", "Fetch again what is here already.");
    private readonly Option<bool> _requireSignature = OptionKinds.Flag("--require-signature", "Refuse what has no valid signature.");
    private readonly Option<string?> _signaturePolicy = OptionKinds.Text(
        "--signature-policy", "POLICY", "ignore, verify-if-present or require, in place of what is configured.");

    private readonly Option<string[]> _trustedCertificates = OptionKinds.TrustedCertificates();
    private readonly Option<string?> _rateLimit = OptionKinds.Text("--rate-limit", "RATE", "Bytes a second for all transfers together, such as 50MiB.");
    private readonly Option<string?> _throttleLimit = OptionKinds.Text("--throttle-limit", "N", "How many images are fetched at once.");

    public FetchVerb(GlobalOptions globals)
        : base("fetch", "Bring images into the cache, verified.", globals)
    {
        Arguments.Add(_images);
        foreach (Option option in new Option[] { _uri, _checksum, _method, _force, _requireSignature, _signaturePolicy, _trustedCertificates, _rateLimit, _throttleLimit })
        {
            Options.Add(option);
        }

        Validators.Add(ValidateSource);
    }

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        IReadOnlyList<FetchRequest> requests = Requests(invocation.Parsed);
        using IResultWriter<BaseImage> writer = invocation.Writer(FetchedImageView.Table);
        ConsoleProgress progress = ConsoleProgress.Start(invocation.Monitor, invocation.Reporter, invocation.IsForPeople);
        await using (progress.ConfigureAwait(false))
        {
            await foreach (FetchOutcome outcome in invocation.Engine
                .FetchAsync(requests, invocation.Engine.DefaultThrottleLimit, invocation.Monitor, cancellationToken)
                .ConfigureAwait(false))
            {
                Take(outcome, invocation, writer);
            }
        }
    }

    protected override IReadOnlyDictionary<string, string> Settings(ParseResult parsed)
    {
        Dictionary<string, string> settings = OptionKinds.TrustedCertificateSetting(parsed.GetValue(_trustedCertificates));
        if (parsed.GetValue(_signaturePolicy) is { } policy)
        {
            settings["signature"] = policy;
        }

        if (parsed.GetValue(_rateLimit) is { } rate)
        {
            settings["rate_limit"] = rate;
        }

        if (parsed.GetValue(_throttleLimit) is { } throttle)
        {
            settings["throttle_limit"] = throttle;
        }

        return settings;
    }

    private FetchRequest[] Requests(ParseResult parsed)
    {
        FetchRequest common = new()
        {
            Method = parsed.GetValue(_method),
            Force = parsed.GetValue(_force),
            RequireSignature = parsed.GetValue(_requireSignature),
        };
        return parsed.GetValue(_uri) is { } uri
            ? [common with { Uri = uri, Checksum = parsed.GetValue(_checksum) }]
            : [.. (parsed.GetValue(_images) ?? []).Select(image => common with { Image = image })];
    }

    /// <summary>Writes what became of one fetch.</summary>
    public static void Take(FetchOutcome outcome, Invocation invocation, IResultWriter<BaseImage> writer)
    {
        if (outcome.Image is { } image)
        {
            writer.Write(image);
        }
        else if (outcome.Error is { } error)
        {
            invocation.Fail(error, outcome.Request.Subject);
        }
    }

    private void ValidateSource(CommandResult result)
    {
        bool hasImages = result.GetResult(_images) is { Tokens.Count: > 0 };
        bool hasUri = result.GetResult(_uri) is not null;
        if (hasImages == hasUri)
        {
            result.AddError(hasUri ? "fetch takes images or --uri, not both." : "fetch needs an image, or --uri with --checksum.");
        }

        if (!hasUri && result.GetResult(_checksum) is not null)
        {
            result.AddError("--checksum belongs to --uri.");
        }
    }
}
