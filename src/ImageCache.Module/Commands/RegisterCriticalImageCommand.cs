using System.Management.Automation;
using ImageCache.Engine.Requests;
using ImageCache.Module.Binding;

namespace ImageCache.Module.Commands;

/// <summary>Registers images that must be here, with Glance down too, and fetches them.</summary>
[Cmdlet(VerbsLifecycle.Register, "CriticalImage", SupportsShouldProcess = true)]
[OutputType(typeof(CriticalImage))]
public sealed class RegisterCriticalImageCommand : CriticalImageCmdlet
{
    private readonly List<CriticalRequest> _requests = [];

    /// <summary>Makes the cmdlet.</summary>
    public RegisterCriticalImageCommand()
        : base("Registering")
    {
    }

    /// <summary>Ids or unique names.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "Image")]
    [ValidateNotNullOrEmpty]
    [ImageIdTransformation]
    [ArgumentCompleter(typeof(ImageIdCompleter))]
    public string[]? ImageId { get; set; }

    /// <summary>Sizes of disks for which targets are kept ready: bytes, or a number with a unit.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [DiskSizeTransformation]
    public long[]? TargetSize { get; set; }

    /// <summary>How the images come here, now and later.</summary>
    [Parameter]
    public FetchMethod Method { get; set; }

    /// <summary>Refuse them without a valid signature, now and later.</summary>
    [Parameter]
    public SwitchParameter RequireSignature { get; set; }

    /// <summary>Only register.</summary>
    [Parameter]
    public SwitchParameter NoFetch { get; set; }

    /// <summary>Set a list that cannot be read aside, and begin a new one.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>How many images are fetched at once.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        CriticalRequest common = new()
        {
            Image = string.Empty,
            Method = MyInvocation.BoundParameters.ContainsKey(nameof(Method)) ? Method : null,
            RequireSignature = RequireSignature,
            TargetSizes = TargetSize is null ? [] : [.. TargetSize],
            Fetch = !NoFetch,
        };
        string action = NoFetch ? "Register as critical" : $"Register as critical, and fetch into {CacheInForce}";
        _requests.AddRange(ImageId!.Select(image => common with { Image = image }).Where(request => ShouldProcess(request.Image, action)));
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_requests.Count == 0)
        {
            return;
        }

        int throttleLimit = ThrottleLimit > 0 ? ThrottleLimit : Engine.DefaultThrottleLimit;
        RunItem(_requests.Select(static request => request.Image).ToArray(), async (monitor, cancellationToken) =>
        {
            if (Force)
            {
                await Engine.ResetCriticalListAsync(monitor, cancellationToken).ConfigureAwait(false);
            }

            await WriteAsync(Engine.RegisterCriticalAsync(_requests, throttleLimit, monitor, cancellationToken)).ConfigureAwait(false);
        });
    }
}
