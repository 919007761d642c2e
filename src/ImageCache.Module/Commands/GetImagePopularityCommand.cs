using System.Management.Automation;
using ImageCache.Engine.Life.Popularity;
using ImageCache.Engine.Requests;
using ImageCache.Module.Binding;
using ImageCache.Module.Pipeline;

namespace ImageCache.Module.Commands;

/// <summary>Tells how often and how lately images are used.</summary>
[Cmdlet(VerbsCommon.Get, "ImagePopularity")]
[OutputType(typeof(ImagePopularity))]
public sealed class GetImagePopularityCommand : ImageCacheCmdlet
{
    private readonly List<ImagePopularity> _imported = [];

    /// <summary>Makes the cmdlet.</summary>
    public GetImagePopularityCommand()
        : base("Looking at")
    {
    }

    /// <summary>What the cmdlet told on other nodes, as objects, or as they came back from JSON, CSV or CLIXML.</summary>
    [Parameter(ValueFromPipeline = true)]
    [AllowNull]
    public PSObject[]? InputObject { get; set; }

    /// <summary>Only so many, the most popular.</summary>
    [Parameter(Position = 0)]
    [ValidateRange(1, int.MaxValue)]
    public int First { get; set; }

    /// <summary>Ids of the projects that own the images.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Owner { get; set; }

    /// <summary>Do not look which disks are there now; what was seen last counts.</summary>
    [Parameter]
    public SwitchParameter NoScan { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (PSObject item in (InputObject ?? []).Where(static item => item is not null))
        {
            try
            {
                _imported.Add(PopularityImport.Read(name => Bare(item.Properties[name]?.Value)));
            }
            catch (Exception e) when (e is InvalidInputException or GetValueException)
            {
                WriteError(ErrorRecords.From(e, item));
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        PopularityRequest request = new() { First = First > 0 ? First : null, Owners = Owner ?? [], Scan = !NoScan, Imported = _imported };
        RunItem(CacheInForce, async (monitor, cancellationToken) =>
        {
            foreach (ImagePopularity image in await Engine.GetPopularityAsync(request, monitor, cancellationToken).ConfigureAwait(false))
            {
                await Writer.WriteObjectAsync(image).ConfigureAwait(false);
            }
        });
    }

    private static object? Bare(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
