using System.Management.Automation;
using ImageCache.Engine;
using ImageCache.Engine.Requests;
using ImageCache.Module.Binding;

namespace ImageCache.Module.Commands;

/// <summary>Tells what each method needs of this node, and of an image, and whether it is there.</summary>
[Cmdlet(VerbsDiagnostic.Test, "ImageCacheNode")]
[OutputType(typeof(NodeCheckResult), typeof(bool))]
public sealed class TestImageCacheNodeCommand : ImageCacheCmdlet
{
    /// <summary>Makes the cmdlet.</summary>
    public TestImageCacheNodeCommand()
        : base("Checking")
    {
    }

    /// <summary>Images, by id or unique name, whose own needs are looked at, too; Glance is asked for them.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "Image")]
    [ValidateNotNullOrEmpty]
    [ImageIdTransformation]
    [ArgumentCompleter(typeof(ImageIdCompleter))]
    public string[]? ImageId { get; set; }

    /// <summary>Look at this method only; Auto looks at all.</summary>
    [Parameter]
    public FetchMethod Method { get; set; }

    /// <summary>Ask the services, too.</summary>
    [Parameter]
    public SwitchParameter Online { get; set; }

    /// <summary>Tell only whether at least one of the methods is possible.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        NodeCheckRequest any = new() { Method = Method, Online = Online };
        if (ImageId is null)
        {
            // The pipeline may have had nothing for us.
            if (!MyInvocation.ExpectingInput)
            {
                Check(any);
            }

            return;
        }

        foreach (string image in ImageId)
        {
            Check(any with { Image = image });
        }
    }

    private void Check(NodeCheckRequest request)
        => RunItem(request.Image ?? Environment.MachineName, async (monitor, cancellationToken) =>
        {
            List<NodeCheckResult> results = [];
            await foreach (NodeCheckResult result in Engine.CheckNodeAsync(request, monitor, cancellationToken).ConfigureAwait(false))
            {
                results.Add(result);
                if (!Quiet)
                {
                    await Writer.WriteObjectAsync(result).ConfigureAwait(false);
                }
            }

            if (Quiet)
            {
                await Writer.WriteObjectAsync(ImageCacheEngine.ReadyMethods(results).Count > 0).ConfigureAwait(false);
            }
        });
}
