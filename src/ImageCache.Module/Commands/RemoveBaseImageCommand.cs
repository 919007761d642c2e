using System.Management.Automation;
using ImageCache.Engine.Requests;
using ImageCache.Module.Binding;

namespace ImageCache.Module.Commands;

/// <summary>Removes base images by name; refuses one in use unless the user insists.</summary>
[Cmdlet(VerbsCommon.Remove, "BaseImage", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(BaseImage))]
public sealed class RemoveBaseImageCommand : ImageCacheCmdlet
{
    /// <summary>Makes the cmdlet.</summary>
    public RemoveBaseImageCommand()
        : base("Removing")
    {
    }

    /// <summary>Ids, unique names, or names of files in the cache.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "Image")]
    [ValidateNotNullOrEmpty]
    [ImageIdTransformation(AcceptFiles = true)]
    [ArgumentCompleter(typeof(ImageIdCompleter))]
    public string[]? ImageId { get; set; }

    /// <summary>Remove it although it is in use.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string item in ImageId!)
        {
            RemovalPlan? plan = null;
            RunItem(item, async (monitor, cancellationToken) =>
                plan = await Engine.PlanRemovalAsync(item, Force, monitor, cancellationToken).ConfigureAwait(false));

            if (plan is not null && ShouldProcess(plan.Image.Path, Action(plan)))
            {
                RunItem(item, async (monitor, cancellationToken) =>
                    await Writer.WriteObjectAsync(await Engine.RemoveAsync(plan, monitor, cancellationToken).ConfigureAwait(false))
                        .ConfigureAwait(false));
            }
        }
    }

    private static string Action(RemovalPlan plan)
    {
        string what = plan.Image.State == BaseImageState.Linked ? "Remove link to the volume of base image" : "Remove base image";
        string which = $"{plan.Image.Name ?? plan.Image.Id ?? "of unknown name"}{(plan.Image.IsCritical ? ", which stays registered as critical" : string.Empty)}";
        return plan.UsedBy.Count == 0 ? $"{what} {which}" : $"{what} {which}, in use by {plan.UsedBy.Count} disk(s)";
    }
}
