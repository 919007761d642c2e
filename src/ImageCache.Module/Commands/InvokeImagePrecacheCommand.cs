using System.Collections;
using System.Management.Automation;
using ImageCache.Engine;
using ImageCache.Engine.Requests;
using ImageCache.Module.Binding;
using ImageCache.Module.Pipeline;

namespace ImageCache.Module.Commands;

/// <summary>Brings images before they are asked for: the most popular, those named, those that Glance finds, or the criticals.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "ImagePrecache", DefaultParameterSetName = "Popularity", SupportsShouldProcess = true)]
[OutputType(typeof(BaseImage), typeof(Job))]
public sealed class InvokeImagePrecacheCommand : ImageCacheCmdlet
{
    private const string Activity = "Precaching";

    private readonly List<string> _images = [];

    /// <summary>Makes the cmdlet.</summary>
    public InvokeImagePrecacheCommand()
        : base(Activity)
    {
    }

    /// <summary>Ids or unique names.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "ImageId", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "Image")]
    [ValidateNotNullOrEmpty]
    [ImageIdTransformation]
    [ArgumentCompleter(typeof(ImageIdCompleter))]
    public string[]? ImageId { get; set; }

    /// <summary>At most so many, the most popular first.</summary>
    [Parameter(ParameterSetName = "Popularity")]
    [Parameter(ParameterSetName = "Query")]
    [ValidateRange(1, 1000)]
    public int First { get; set; }

    /// <summary>A name, or a pattern of names, to search Glance for.</summary>
    [Parameter(ParameterSetName = "Query")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ImageNameCompleter))]
    public string? Name { get; set; }

    /// <summary>Tags that must all be there.</summary>
    [Parameter(ParameterSetName = "Query")]
    [ValidateNotNullOrEmpty]
    public string[]? Tag { get; set; }

    /// <summary>The id of the project that owns the images.</summary>
    [Parameter(ParameterSetName = "Query")]
    [ValidateNotNullOrEmpty]
    public string? Owner { get; set; }

    /// <summary>Who can see the images.</summary>
    [Parameter(ParameterSetName = "Query")]
    [ValidateSet("public", "community", "shared", "private", "all")]
    public string? Visibility { get; set; }

    /// <summary>Properties that must have these values.</summary>
    [Parameter(ParameterSetName = "Query")]
    [ValidateNotNull]
    public Hashtable? Property { get; set; }

    /// <summary>The critical images.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Critical")]
    public SwitchParameter Critical { get; set; }

    /// <summary>How the images come here.</summary>
    [Parameter]
    public FetchMethod Method { get; set; }

    /// <summary>Refuse what has no valid signature.</summary>
    [Parameter]
    public SwitchParameter RequireSignature { get; set; }

    /// <summary>Bytes that this run may bring, a number or with a unit.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ByteRateTransformation]
    public string? MaximumSize { get; set; }

    /// <summary>Bytes a second for all transfers together, a number or with a unit.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ByteRateTransformation]
    public string? RateLimit { get; set; }

    /// <summary>How many images are brought at once.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; }

    /// <summary>The longest random delay before anything begins.</summary>
    [Parameter]
    public TimeSpan Jitter { get; set; }

    /// <summary>Run as a job.</summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    private protected override IReadOnlyDictionary<string, string> Settings
        => RateLimit is null ? base.Settings : new Dictionary<string, string> { ["rate_limit"] = RateLimit };

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (Jitter < TimeSpan.Zero || Jitter > PrecacheRequest.LongestJitter)
        {
            Refuse($"The jitter {Jitter} is not between nought and {PrecacheRequest.LongestJitter}.", Jitter);
        }

        if (MaximumSize is not null && PrecacheRequest.ParseSize(MaximumSize) is null)
        {
            Refuse($"'{MaximumSize}' is no size: give bytes, or a number with a unit such as 50GiB.", MaximumSize);
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _images.AddRange(ImageId ?? []);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // Nothing that came through the pipeline is not the same as nothing named.
        if (_images.Count == 0 && MyInvocation.ExpectingInput)
        {
            return;
        }

        if (AsJob)
        {
            StartJob();
            return;
        }

        IReadOnlyList<PrecacheChoice> planned = Plan();
        PrecacheChoice[] choices = [.. planned.Where(choice => choice.Error is not null || ShouldProcess(choice.Title, $"Bring into {CacheInForce}"))];
        if (choices.Length > 0)
        {
            RunItem(CacheInForce, (monitor, cancellationToken) => BringAsync(Engine, choices, Writer, monitor, cancellationToken));
        }
    }

    private IReadOnlyList<PrecacheChoice> Plan()
    {
        IReadOnlyList<PrecacheChoice> planned = [];
        PrecacheRequest request = IsDryRun ? Request() with { Jitter = TimeSpan.Zero } : Request();
        RunItem(CacheInForce, async (monitor, cancellationToken) => planned = await Engine
            .PlanPrecacheAsync(request, monitor, cancellationToken)
            .ConfigureAwait(false));
        return planned;
    }

    private void StartJob()
    {
        if (!ShouldProcess(CacheInForce, "Precache images as a job"))
        {
            return;
        }

        PrecacheRequest request = Request();
        EngineOptions options = EngineOptionsWith(Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        ImageCacheJob job = new(MyInvocation.Line.Trim(), null);
        job.Start(Activity, logger => ImageCacheEngine.Open(options with { LoggerFactory = logger }), async (engine, writer, monitor, cancellationToken) =>
        {
            IReadOnlyList<PrecacheChoice> choices = await engine.PlanPrecacheAsync(request, monitor, cancellationToken).ConfigureAwait(false);
            await BringAsync(engine, choices, writer, monitor, cancellationToken).ConfigureAwait(false);
        });
        JobRepository.Add(job);
        WriteObject(job);
    }

    private async Task BringAsync(
        ImageCacheEngine engine, IReadOnlyList<PrecacheChoice> choices, IStreamWriter writer, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        await foreach (FetchOutcome outcome in engine.PrecacheAsync(choices, Throttle, monitor, cancellationToken).ConfigureAwait(false))
        {
            await (outcome.Error is { } error
                ? writer.WriteErrorAsync(ErrorRecords.From(error, outcome.Request.Subject))
                : writer.WriteObjectAsync(outcome.Image!)).ConfigureAwait(false);
        }
    }

    private int? Throttle => ThrottleLimit > 0 ? ThrottleLimit : null;

    private PrecacheRequest Request() => new()
    {
        Images = [.. _images],
        Critical = Critical,
        Query = ParameterSetName == "Query" && IsQuery ? Query() : null,
        First = First > 0 ? First : null,
        MaximumSize = MaximumSize is null ? null : PrecacheRequest.ParseSize(MaximumSize),
        Jitter = IsBound(nameof(Jitter)) ? Jitter : null,
        ThrottleLimit = Throttle,
        Method = IsBound(nameof(Method)) ? Method : null,
        RequireSignature = RequireSignature,
    };

    private bool IsQuery => Name is not null || Tag is not null || Owner is not null || Visibility is not null || Property is not null;

    private FindRequest Query() => new()
    {
        Name = Name,
        Tags = Tag ?? [],
        Owner = Owner,
        Visibility = Visibility,
        Status = "active",
        Properties = PropertyTable.Read(Property),
    };

    private bool IsBound(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    private void Refuse(string message, object target)
        => ThrowTerminatingError(ErrorRecords.From(new InvalidInputException(ErrorIds.UsageInvalid, message, null, null), target));
}
