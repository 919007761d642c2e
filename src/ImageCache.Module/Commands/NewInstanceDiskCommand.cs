using System.Management.Automation;
using ImageCache.Engine.Requests;
using ImageCache.Module.Binding;

namespace ImageCache.Module.Commands;

/// <summary>Makes disks for instances on cached base images; no service is asked, unless a flavor says the size.</summary>
[Cmdlet(VerbsCommon.New, "InstanceDisk", DefaultParameterSetName = "Path", SupportsShouldProcess = true)]
[OutputType(typeof(InstanceDisk))]
public sealed class NewInstanceDiskCommand : ImageCacheCmdlet
{
    /// <summary>Makes the cmdlet.</summary>
    public NewInstanceDiskCommand()
        : base("Making disk")
    {
    }

    /// <summary>An id, a unique name, or the name of a file in the cache.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "Image")]
    [ValidateNotNullOrEmpty]
    [ImageIdTransformation(AcceptFiles = true)]
    [ArgumentCompleter(typeof(ImageIdCompleter))]
    public string? ImageId { get; set; }

    /// <summary>The disk to make; a script block is asked for each image.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Path", ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The instance whose disk it is: it lies where nova has it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "InstanceId", ValueFromPipelineByPropertyName = true)]
    public Guid InstanceId { get; set; }

    /// <summary>Bytes of the disk, a number or with a unit; without it the image's size.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ByteRateTransformation]
    public string? Size { get; set; }

    /// <summary>A flavor whose root disk says the size; the compute service is asked.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Flavor { get; set; }

    /// <summary>An overlay, or a copy.</summary>
    [Parameter]
    public InstanceDiskFormat Format { get; set; }

    /// <summary>Put a target of the disk's size between disk and base file.</summary>
    [Parameter]
    public SwitchParameter Target { get; set; }

    /// <summary>Refuse what has no valid signature.</summary>
    [Parameter]
    public SwitchParameter RequireSignature { get; set; }

    /// <summary>Make the disk's directory when it is missing.</summary>
    [Parameter]
    public SwitchParameter CreateDirectory { get; set; }

    /// <summary>Replace a file that is there and not in use.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        DiskPlan? plan = null;
        RunItem(ImageId!, async (monitor, cancellationToken) =>
            plan = await Engine.PlanDiskAsync(Request(), monitor, cancellationToken).ConfigureAwait(false));

        if (plan is not null && ShouldProcess(plan.Path, Action(plan)))
        {
            RunItem(ImageId!, async (monitor, cancellationToken) =>
                await Writer.WriteObjectAsync(await Engine.CreateDiskAsync(plan, monitor, cancellationToken).ConfigureAwait(false))
                    .ConfigureAwait(false));
        }
    }

    private DiskRequest Request() => new()
    {
        Image = ImageId!,
        Path = ParameterSetName == "Path" ? FileSystemPath(Path) : null,
        InstanceId = ParameterSetName == "InstanceId" ? InstanceId.ToString("D") : null,
        Size = Size is null ? null : DiskRequest.ParseSize(Size) ?? throw NotASize(),
        Flavor = Flavor,
        Format = Format,
        UseTarget = Target,
        RequireSignature = RequireSignature,
        CreateDirectory = CreateDirectory,
        Force = Force,
    };

    private InvalidInputException NotASize() => new(
        ErrorIds.InvalidReference, $"'{Size}' is no size.", ImageId, "Give bytes, or a number with a unit such as 20GiB.");

    private static string Action(DiskPlan plan)
        => $"{(plan.Replaces ? "Replace by" : "Make")} {plan.Request.Format.ToString().ToLowerInvariant()} disk on base image {plan.Image.Name ?? plan.Image.Id ?? plan.Image.Path}";
}
