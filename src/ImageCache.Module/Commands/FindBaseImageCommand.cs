using System.Collections;
using System.Management.Automation;
using ImageCache.Engine.Requests;
using ImageCache.Module.Binding;

namespace ImageCache.Module.Commands;

/// <summary>Searches Glance for images.</summary>
[Cmdlet(VerbsCommon.Find, "BaseImage", DefaultParameterSetName = "Name")]
[OutputType(typeof(ImageDescriptor))]
public sealed class FindBaseImageCommand : ImageCacheCmdlet
{
    private readonly HashSet<string> _found = new(StringComparer.Ordinal);

    /// <summary>Makes the cmdlet.</summary>
    public FindBaseImageCommand()
        : base("Searching images:")
    {
    }

    /// <summary>Names, or patterns of names.</summary>
    [Parameter(Position = 0, ParameterSetName = "Name")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ImageNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Exact ids.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "ImageId", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "Image")]
    [ValidateNotNullOrEmpty]
    [ImageIdTransformation]
    [ArgumentCompleter(typeof(ImageIdCompleter))]
    public string[]? ImageId { get; set; }

    /// <summary>Tags that must all be there.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Tag { get; set; }

    /// <summary>The id of the project that owns the image.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Owner { get; set; }

    /// <summary>Who can see the image.</summary>
    [Parameter]
    [ValidateSet("public", "community", "shared", "private", "all")]
    public string? Visibility { get; set; }

    /// <summary>Glance's status.</summary>
    [Parameter]
    [ValidateSet("active", "queued", "saving", "uploading", "importing", "deactivated", "killed", "deleted", "pending_delete")]
    public string? Status { get; set; }

    /// <summary>Properties that must have these values.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable? Property { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        FindRequest request = new()
        {
            Tags = Tag ?? [],
            Owner = Owner,
            Visibility = Visibility,
            Status = Status,
            Properties = PropertyTable.Read(Property),
        };

        if (ImageId is not null)
        {
            Array.ForEach(ImageId, item => Find(item, request with { ImageIds = [item] }, mustExist: true));
            return;
        }

        string?[] patterns = Name is null ? [null] : (string?[])Name;
        foreach (string? item in patterns)
        {
            Find(item, request with { Name = item }, mustExist: item is not null && !WildcardPattern.ContainsWildcardCharacters(item));
        }
    }

    private void Find(string? item, FindRequest request, bool mustExist)
        => RunItem(item ?? "*", async (monitor, cancellationToken) =>
        {
            bool any = false;
            await foreach (ImageDescriptor image in Engine.FindAsync(request, monitor, cancellationToken).ConfigureAwait(false))
            {
                any = true;
                if (_found.Add(image.Id))
                {
                    await Writer.WriteObjectAsync(image).ConfigureAwait(false);
                }
            }

            if (mustExist && !any)
            {
                throw new NotFoundException(
                    ErrorIds.ImageNotFound,
                    ImageId is null ? $"No image named '{item}' was found." : $"No image with the id '{item}' was found.",
                    item,
                    ImageId is null ? $"Find-BaseImage -Name '*{item}*' finds names that contain it." : "Find-BaseImage lists the images of this project.");
            }
        });
}
