using System.Management.Automation;
using ImageCache.Module.Binding;

namespace ImageCache.Module.Commands;

/// <summary>Tells which images are critical, and how it stands with them; no service is asked.</summary>
[Cmdlet(VerbsCommon.Get, "CriticalImage")]
[OutputType(typeof(CriticalImage))]
public sealed class GetCriticalImageCommand : ImageCacheCmdlet
{
    /// <summary>Makes the cmdlet.</summary>
    public GetCriticalImageCommand()
        : base("Reading")
    {
    }

    /// <summary>Ids or names; all without them.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "Image")]
    [ValidateNotNullOrEmpty]
    [ImageIdTransformation]
    [ArgumentCompleter(typeof(ImageIdCompleter))]
    public string[]? ImageId { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string? item in ImageId ?? [null!])
        {
            RunItem(item ?? CacheInForce, async (_, _) =>
            {
                foreach (CriticalImage image in Engine.ListCritical(item))
                {
                    await Writer.WriteObjectAsync(image).ConfigureAwait(false);
                }
            });
        }
    }
}
