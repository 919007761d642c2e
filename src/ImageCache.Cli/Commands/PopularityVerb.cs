using System.CommandLine;
using ImageCache.Cli.Output;
using ImageCache.Cli.Views;
using ImageCache.Engine.Requests;

namespace ImageCache.Cli.Commands;

/// <summary><c>imagecache popularity</c>.</summary>
internal sealed class PopularityVerb : Verb
{
    private readonly Option<int?> _first = OptionKinds.Count("--first", "Only so many, the most popular.");
    private readonly Option<string[]> _owners = OptionKinds.Texts("--owner", "PROJECT", "The id of a project that owns images; may be repeated.");
    private readonly Option<bool> _noScan = OptionKinds.Flag("--no-scan", "Do not look which disks are there now; what was seen last counts.");
    private readonly Option<string[]> _imports = OptionKinds.Texts(
        "--import", "FILE", "What this verb wrote with --json on other nodes, to be summed; - is standard input; may be repeated.");

    public PopularityVerb(GlobalOptions globals)
        : base("popularity", "Tell how often and how lately images are used; no service is asked.", globals)
    {
        foreach (Option option in new Option[] { _first, _owners, _noScan, _imports })
        {
            Options.Add(option);
        }
    }

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        PopularityRequest request = new()
        {
            First = invocation.Parsed.GetValue(_first),
            Owners = invocation.Parsed.GetValue(_owners) ?? [],
            Scan = !invocation.Parsed.GetValue(_noScan),
            Imported = await PopularityFiles.ReadAsync(invocation.Parsed.GetValue(_imports) ?? [], invocation, cancellationToken).ConfigureAwait(false),
        };
        using IResultWriter<ImagePopularity> writer = invocation.Writer(ImagePopularityView.Table);
        foreach (ImagePopularity image in await invocation.Engine.GetPopularityAsync(request, invocation.Monitor, cancellationToken).ConfigureAwait(false))
        {
            if (!writer.Write(image))
            {
                return;
            }
        }

        if (writer.Count == 0 && invocation.IsForPeople && invocation.ExitCode == ExitCodes.Done)
        {
            invocation.Reporter.Note("No use of an image was seen yet.");
        }
    }
}
