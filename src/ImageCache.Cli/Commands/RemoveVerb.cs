using System.CommandLine;
using ImageCache.Cli.Output;
using ImageCache.Cli.Views;
using ImageCache.Engine.Requests;

namespace ImageCache.Cli.Commands;

/// <summary><c>imagecache remove</c>.</summary>
internal sealed class RemoveVerb : Verb
{
    private readonly Argument<string[]> _images = OptionKinds.Images("An image's id, its unique name, or the file's name.", ArgumentArity.OneOrMore);
    private readonly Option<bool> _force = OptionKinds.Flag("--force", "Remove it although it is in use.");
    private readonly Option<bool> _whatIf = OptionKinds.Flag("--what-if", "Only tell what would be removed.");

    public RemoveVerb(GlobalOptions globals)
        : base("remove", "Remove images from the cache.", globals)
    {
        Arguments.Add(_images);
        Options.Add(_force);
        Options.Add(_whatIf);
    }

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        bool force = invocation.Parsed.GetValue(_force);
        bool whatIf = invocation.Parsed.GetValue(_whatIf);
        IResultWriter<BaseImage> writer = invocation.Writer(BaseImageView.Table);
        using (writer)
        {
            foreach (string image in invocation.Parsed.GetValue(_images) ?? [])
            {
                try
                {
                    RemovalPlan plan = await invocation.Engine.PlanRemovalAsync(image, force, invocation.Monitor, cancellationToken).ConfigureAwait(false);
                    writer.Write(whatIf ? plan.Image : await invocation.Engine.RemoveAsync(plan, invocation.Monitor, cancellationToken).ConfigureAwait(false));
                }
                catch (ImageCacheException e)
                {
                    invocation.Fail(e, image);
                }
            }
        }

        if (whatIf && writer.Count > 0 && invocation.IsForPeople)
        {
            invocation.Reporter.Note("Nothing was removed (--what-if).");
        }
    }
}
