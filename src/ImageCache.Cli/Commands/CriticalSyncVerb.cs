using System.CommandLine;
using ImageCache.Cli.Output;
using ImageCache.Cli.Views;
using ImageCache.Engine.Requests;

namespace ImageCache.Cli.Commands;

/// <summary><c>imagecache critical sync</c>.</summary>
internal sealed class CriticalSyncVerb : Verb
{
    private readonly Argument<string[]> _images = OptionKinds.Images("The id or name of a critical image; all without one.", ArgumentArity.ZeroOrMore);
    private readonly Option<bool> _verify = OptionKinds.Flag("--verify", "Read the files again and compare them with their digests.");
    private readonly Option<bool> _update = OptionKinds.Flag("--update", "Bring what Glance has in place of an image now: beside it, or instead of a file that no disk uses.");
    private readonly Option<string?> _throttleLimit = OptionKinds.Text("--throttle-limit", "N", "How many images are fetched at once.");
    private readonly Option<bool> _whatIf = OptionKinds.Flag("--what-if", "Only tell how it stands on this node; no service is asked.");

    public CriticalSyncVerb(GlobalOptions globals)
        : base("sync", "Bring critical images in order: here, proved, complete, and as Glance has them.", globals)
    {
        Arguments.Add(_images);
        foreach (Option option in new Option[] { _verify, _update, _throttleLimit, _whatIf })
        {
            Options.Add(option);
        }
    }

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        string[] images = invocation.Parsed.GetValue(_images) ?? [];
        if (invocation.Parsed.GetValue(_whatIf))
        {
            ShowPlan(invocation, images);
            return;
        }

        CriticalSyncRequest request = new() { Images = images, Verify = invocation.Parsed.GetValue(_verify), Update = invocation.Parsed.GetValue(_update) };
        await CriticalOutcomes.WriteAsync(invocation.Engine.SyncCriticalAsync(request, invocation.Monitor, cancellationToken), invocation).ConfigureAwait(false);
    }

    protected override IReadOnlyDictionary<string, string> Settings(ParseResult parsed)
        => parsed.GetValue(_throttleLimit) is { } throttle ? new Dictionary<string, string> { ["throttle_limit"] = throttle } : base.Settings(parsed);

    private static void ShowPlan(Invocation invocation, string[] images)
    {
        using (IResultWriter<CriticalImage> writer = invocation.Writer(CriticalImageView.Table))
        {
            foreach (CriticalImage image in images.Length == 0 ? invocation.Engine.ListCritical(null) : images.SelectMany(invocation.Engine.ListCritical))
            {
                writer.Write(image);
            }
        }

        if (invocation.IsForPeople)
        {
            invocation.Reporter.Note("Nothing was changed (--what-if).");
        }
    }
}
