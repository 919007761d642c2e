using System.Management.Automation;
using ImageCache.Engine.Requests;
using ImageCache.Module.Binding;

namespace ImageCache.Module.Commands;

/// <summary>Tells what the cache holds.</summary>
[Cmdlet(VerbsCommon.Get, "BaseImage", DefaultParameterSetName = "Name")]
[OutputType(typeof(BaseImage))]
public sealed class GetBaseImageCommand : ImageCacheCmdlet
{
    /// <summary>Makes the cmdlet.</summary>
    public GetBaseImageCommand()
        : base("Reading the image cache:")
    {
    }

    /// <summary>Names, or patterns of names.</summary>
    [Parameter(Position = 0, ParameterSetName = "Name")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ImageNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Ids, unique names, or names of files in the cache.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "ImageId", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "Image")]
    [ValidateNotNullOrEmpty]
    [ImageIdTransformation(AcceptFiles = true)]
    [ArgumentCompleter(typeof(ImageIdCompleter))]
    public string[]? ImageId { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ImageId is not null)
        {
            Array.ForEach(ImageId, item => List(item, new ListRequest { Image = item }, mustExist: false));
            return;
        }

        string?[] patterns = Name is null ? [null] : (string?[])Name;
        foreach (string? item in patterns)
        {
            List(item, new ListRequest { Name = item }, mustExist: item is not null && !WildcardPattern.ContainsWildcardCharacters(item));
        }
    }

    private void List(string? item, ListRequest request, bool mustExist)
        => RunItem(item ?? CacheInForce, async (monitor, cancellationToken) =>
        {
            bool any = false;
            await foreach (BaseImage image in Engine.ListAsync(request, monitor, cancellationToken).ConfigureAwait(false))
            {
                any = true;
                await Writer.WriteObjectAsync(image).ConfigureAwait(false);
            }

            if (mustExist && !any)
            {
                throw new NotFoundException(
                    ErrorIds.ImageNotCached, $"The cache holds no image named '{item}'.", item, $"Invoke-ImageFetch '{item}' brings it here.");
            }
        });
}
