using System.Management.Automation;
using ImageCache.Engine.Requests;
using ImageCache.Module.Binding;
using ImageCache.Module.Pipeline;

namespace ImageCache.Module.Commands;

/// <summary>Brings images into the cache, several at once.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "ImageFetch", DefaultParameterSetName = "ImageId", SupportsShouldProcess = true)]
[OutputType(typeof(BaseImage))]
public sealed class InvokeImageFetchCommand : ImageCacheCmdlet
{
    private readonly List<FetchRequest> _requests = [];

    /// <summary>Makes the cmdlet.</summary>
    public InvokeImageFetchCommand()
        : base("Fetching")
    {
    }

    /// <summary>Ids or unique names.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "ImageId", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "Image")]
    [ValidateNotNullOrEmpty]
    [ImageIdTransformation(Otherwise = nameof(Uri))]
    [ArgumentCompleter(typeof(ImageIdCompleter))]
    public string[]? ImageId { get; set; }

    /// <summary>A file:, http: or https: URI.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Uri", ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? Uri { get; set; }

    /// <summary>The digest of the URI's data as <c>algorithm:hex</c>, or the URI of a SHA256SUMS or SHA512SUMS file.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Uri", ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? Checksum { get; set; }

    /// <summary>How the images come here.</summary>
    [Parameter(ParameterSetName = "ImageId")]
    public FetchMethod Method { get; set; }

    /// <summary>Fetch again what is here already.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Refuse what has no valid signature.</summary>
    [Parameter]
    public SwitchParameter RequireSignature { get; set; }

    /// <summary>What to do about signatures, in place of what is configured.</summary>
    [Parameter]
    public SignaturePolicy SignaturePolicy { get; set; }

    /// <summary>Ids of the certificates that signers must lead to: every intermediate and the root.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? TrustedCertificate { get; set; }

    /// <summary>Bytes a second for all transfers together, a number or with a unit.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ByteRateTransformation]
    public string? RateLimit { get; set; }

    /// <summary>How many images are fetched at once.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; }

    private protected override IReadOnlyDictionary<string, string> Settings
    {
        get
        {
            Dictionary<string, string> settings = SignatureSettings.Of(TrustedCertificate, IsBound(nameof(SignaturePolicy)) ? SignaturePolicy : null);
            if (RateLimit is not null)
            {
                settings["rate_limit"] = RateLimit;
            }

            return settings;
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        FetchRequest common = new()
        {
            Method = IsBound(nameof(Method)) ? Method : null,
            Force = Force,
            RequireSignature = RequireSignature,
        };

        // The array is copied here: a later cmdlet of the pipeline may change it.
        IEnumerable<FetchRequest> requests = ParameterSetName == "Uri"
            ? [common with { Uri = Uri, Checksum = Checksum }]
            : ImageId!.Select(image => common with { Image = image });
        _requests.AddRange(requests.Where(request => ShouldProcess(request.Subject, $"Fetch into {CacheInForce}")));
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_requests.Count == 0)
        {
            return;
        }

        int throttleLimit = ThrottleLimit > 0 ? ThrottleLimit : Engine.DefaultThrottleLimit;
        RunItem(_requests.Select(static request => request.Subject).ToArray(), async (monitor, cancellationToken) =>
        {
            await foreach (FetchOutcome outcome in Engine.FetchAsync(_requests, throttleLimit, monitor, cancellationToken).ConfigureAwait(false))
            {
                await (outcome.Error is { } error
                    ? Writer.WriteErrorAsync(ErrorRecords.From(error, outcome.Request.Subject))
                    : Writer.WriteObjectAsync(outcome.Image!)).ConfigureAwait(false);
            }
        });
    }

    private bool IsBound(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
}
