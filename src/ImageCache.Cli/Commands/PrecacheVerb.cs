using System.CommandLine;
using System.CommandLine.Parsing;
using ImageCache.Cli.Output;
using ImageCache.Cli.Views;
using ImageCache.Engine.Requests;

namespace ImageCache.Cli.Commands;

/// <summary><c>imagecache precache</c>.</summary>
internal sealed class PrecacheVerb : Verb
{
    private readonly Argument<string[]> _images = OptionKinds.Images("An image's id or its unique name; without one, the most popular.", ArgumentArity.ZeroOrMore);
    private readonly Option<int?> _first = OptionKinds.Count("--first", "At most so many, the most popular first.");
    private readonly Option<bool> _critical = OptionKinds.Flag("--critical", "The critical images.");
    private readonly Option<string?> _name = OptionKinds.Text("--name", "PATTERN", "Images of Glance with this name, or a pattern with *, ? and [a-z].");
    private readonly Option<string[]> _tags = OptionKinds.Texts("--tag", "TAG", "Images of Glance with this tag; may be repeated.");
    private readonly Option<string?> _owner = OptionKinds.Text("--owner", "PROJECT", "Images of Glance of the project with this id.");
    private readonly Option<string?> _visibility = OptionKinds.Text("--visibility", "VISIBILITY", "Images of Glance that are public, community, shared, private or all.");
    private readonly Option<string[]> _imports = OptionKinds.Texts(
        "--import", "FILE", "What 'popularity --json' wrote on other nodes, to be summed; - is standard input; may be repeated.");

    private readonly Option<FetchMethod?> _method = OptionKinds.Method("How to fetch; auto takes the first that applies.");
    private readonly Option<bool> _requireSignature = OptionKinds.Flag("--require-signature", "Refuse what has no valid signature.");
    private readonly Option<long?> _maximumSize = new("--maximum-size")
    {
        HelpName = "SIZE",
        Description = "Bytes that this run may bring, such as 50GiB.",
        CustomParser = static result => Parse(result, PrecacheRequest.ParseSize, "bytes, or a number with a unit such as 50GiB"),
    };

    private readonly Option<TimeSpan?> _jitter = new("--jitter")
    {
        HelpName = "TIME",
        Description = "Wait a random time of up to so long first, such as 10m.",
        CustomParser = static result => Parse(result, PrecacheRequest.ParseJitter, "seconds, or a time with a unit such as 90s, 10m or 1h, of up to 7 days"),
    };

    private readonly Option<string?> _rateLimit = OptionKinds.Text("--rate-limit", "RATE", "Bytes a second for all transfers together, such as 50MiB.");
    private readonly Option<string?> _throttleLimit = OptionKinds.Text("--throttle-limit", "N", "How many images are brought at once.");
    private readonly Option<bool> _whatIf = OptionKinds.Flag("--what-if", "Only tell what would be brought.");

    public PrecacheVerb(GlobalOptions globals)
        : base("precache", "Bring images before they are asked for: the most popular, or those that are named.", globals)
    {
        Arguments.Add(_images);
        foreach (Option option in new Option[]
        {
            _first, _critical, _name, _tags, _owner, _visibility, _imports, _method, _requireSignature, _maximumSize, _jitter, _rateLimit, _throttleLimit, _whatIf,
        })
        {
            Options.Add(option);
        }

        OptionKinds.CheckVisibility(_visibility);
    }

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        PrecacheRequest request = await RequestAsync(invocation, cancellationToken).ConfigureAwait(false);
        ConsoleProgress progress = ConsoleProgress.Start(invocation.Monitor, invocation.Reporter, invocation.IsForPeople);
        await using (progress.ConfigureAwait(false))
        {
            IReadOnlyList<PrecacheChoice> choices = await invocation.Engine.PlanPrecacheAsync(request, invocation.Monitor, cancellationToken).ConfigureAwait(false);
            if (invocation.Parsed.GetValue(_whatIf))
            {
                Tell(choices, invocation);
                return;
            }

            using IResultWriter<BaseImage> writer = invocation.Writer(FetchedImageView.Table);
            await foreach (FetchOutcome outcome in invocation.Engine.PrecacheAsync(choices, null, invocation.Monitor, cancellationToken).ConfigureAwait(false))
            {
                FetchVerb.Take(outcome, invocation, writer);
            }
        }
    }

    protected override IReadOnlyDictionary<string, string> Settings(ParseResult parsed)
    {
        Dictionary<string, string> settings = [];
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

    private async Task<PrecacheRequest> RequestAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        ParseResult parsed = invocation.Parsed;
        return new PrecacheRequest
        {
            Images = parsed.GetValue(_images) ?? [],
            First = parsed.GetValue(_first),
            Critical = parsed.GetValue(_critical),
            Query = Query(parsed),
            Imported = await PopularityFiles.ReadAsync(parsed.GetValue(_imports) ?? [], invocation, cancellationToken).ConfigureAwait(false),
            MaximumSize = parsed.GetValue(_maximumSize),
            Jitter = parsed.GetValue(_whatIf) ? TimeSpan.Zero : parsed.GetValue(_jitter),
            Method = parsed.GetValue(_method),
            RequireSignature = parsed.GetValue(_requireSignature),
        };
    }

    private FindRequest? Query(ParseResult parsed)
    {
        FindRequest query = new()
        {
            Name = parsed.GetValue(_name),
            Tags = parsed.GetValue(_tags) ?? [],
            Owner = parsed.GetValue(_owner),
            Visibility = parsed.GetValue(_visibility),
            Status = "active",
        };
        return query is { Name: null, Tags.Count: 0, Owner: null, Visibility: null } ? null : query;
    }

    private static void Tell(IReadOnlyList<PrecacheChoice> choices, Invocation invocation)
    {
        using IResultWriter<ImageDescriptor> writer = invocation.Writer(ImageDescriptorView.Table);
        foreach (PrecacheChoice choice in choices)
        {
            if (choice.Error is { } error)
            {
                invocation.Fail(error, choice.Request.Subject);
            }
            else
            {
                writer.Write(choice.Image! with { IsCached = choice.IsPresent });
            }
        }
    }

    private static T? Parse<T>(ArgumentResult result, Func<string, T?> parse, string expected)
        where T : struct
    {
        T? value = parse(result.Tokens[0].Value);
        if (value is null)
        {
            result.AddError($"{result.Argument.Name} takes {expected}, not '{result.Tokens[0].Value}'.");
        }

        return value;
    }
}
