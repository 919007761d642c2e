using System.CommandLine;
using ImageCache.Cli.Output;
using ImageCache.Cli.Views;

namespace ImageCache.Cli.Commands;

/// <summary><c>imagecache critical unregister</c>.</summary>
internal sealed class CriticalUnregisterVerb : Verb
{
    private readonly Argument<string[]> _images = OptionKinds.Images("The id or name of a critical image.", ArgumentArity.OneOrMore);
    private readonly Option<bool> _whatIf = OptionKinds.Flag("--what-if", "Only tell what would be unregistered.");

    public CriticalUnregisterVerb(GlobalOptions globals)
        : base("unregister", "Take images out of the list; their files stay, and may be pruned from then on.", globals)
    {
        Arguments.Add(_images);
        Options.Add(_whatIf);
    }

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        bool whatIf = invocation.Parsed.GetValue(_whatIf);
        using IResultWriter<CriticalImage> writer = invocation.Writer(CriticalImageView.Table);
        foreach (string image in invocation.Parsed.GetValue(_images) ?? [])
        {
            try
            {
                foreach (CriticalImage critical in invocation.Engine.ListCritical(image))
                {
                    writer.Write(whatIf ? critical : await invocation.Engine.UnregisterCriticalAsync(critical, cancellationToken).ConfigureAwait(false));
                }
            }
            catch (ImageCacheException e)
            {
                invocation.Fail(e, image);
            }
        }

        if (whatIf && writer.Count > 0 && invocation.IsForPeople)
        {
            invocation.Reporter.Note("Nothing was changed (--what-if).");
        }
    }
}
