using System.Management.Automation;
using ImageCache.Module.Binding;

namespace ImageCache.Module.Commands;

/// <summary>Takes images out of the critical set; their files stay.</summary>
[Cmdlet(VerbsLifecycle.Unregister, "CriticalImage", SupportsShouldProcess = true)]
[OutputType(typeof(CriticalImage))]
public sealed class UnregisterCriticalImageCommand : ImageCacheCmdlet
{
    /// <summary>Makes the cmdlet.</summary>
    public UnregisterCriticalImageCommand()
        : base("Unregistering")
    {
    }

    /// <summary>Ids or names.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "Image")]
    [ValidateNotNullOrEmpty]
    [ImageIdTransformation]
    [ArgumentCompleter(typeof(ImageIdCompleter))]
    public string[]? ImageId { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string item in ImageId!)
        {
            IReadOnlyList<CriticalImage> found = [];
            RunItem(item, (_, _) =>
            {
                found = Engine.ListCritical(item);
                return Task.CompletedTask;
            });

            foreach (CriticalImage image in found.Where(image => ShouldProcess(image.Name ?? image.Id, "Unregister critical image; its file stays")))
            {
                RunItem(item, async (_, cancellationToken) =>
                    await Writer.WriteObjectAsync(await Engine.UnregisterCriticalAsync(image, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false));
            }
        }
    }
}
