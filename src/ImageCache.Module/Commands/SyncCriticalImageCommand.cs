using System.Management.Automation;
using ImageCache.Engine.Requests;
using ImageCache.Module.Binding;

namespace ImageCache.Module.Commands;

/// <summary>Brings critical images in order: here, proved, complete, and as Glance has them.</summary>
[Cmdlet(VerbsData.Sync, "CriticalImage", SupportsShouldProcess = true)]
[OutputType(typeof(CriticalImage))]
public sealed class SyncCriticalImageCommand : CriticalImageCmdlet
{
    private readonly List<string> _images = [];
    private bool _isNamed;

    /// <summary>Makes the cmdlet.</summary>
    public SyncCriticalImageCommand()
        : base("Synchronizing")
    {
    }

    /// <summary>Ids or names; all without them.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "Image")]
    [ValidateNotNullOrEmpty]
    [ImageIdTransformation]
    [ArgumentCompleter(typeof(ImageIdCompleter))]
    public string[]? ImageId { get; set; }

    /// <summary>Read the files again and compare them with their digests.</summary>
    [Parameter]
    public SwitchParameter Verify { get; set; }

    /// <summary>Bring what Glance has in place of an image now.</summary>
    [Parameter]
    public SwitchParameter Update { get; set; }

    /// <summary>How many images are fetched at once.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        _isNamed |= ImageId is not null;
        string action = Update ? "Synchronize critical image, and bring what Glance has in its place" : "Synchronize critical image";
        foreach (string image in ImageId ?? [])
        {
            if (ShouldProcess(image, action))
            {
                _images.Add(image);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // Nothing came down the pipeline, or nothing was agreed to: that does not mean everything.
        _isNamed |= MyInvocation.ExpectingInput;
        if (_isNamed ? _images.Count == 0 : !ShouldProcess(CacheInForce, Update ? "Synchronize all critical images, and bring what Glance has in their place" : "Synchronize all critical images"))
        {
            return;
        }

        CriticalSyncRequest request = new()
        {
            Images = _images,
            Verify = Verify,
            Update = Update,
            ThrottleLimit = ThrottleLimit > 0 ? ThrottleLimit : null,
        };
        object target = _isNamed ? _images.ToArray() : CacheInForce;
        RunItem(target, async (monitor, cancellationToken) =>
            await WriteAsync(Engine.SyncCriticalAsync(request, monitor, cancellationToken)).ConfigureAwait(false));
    }
}
