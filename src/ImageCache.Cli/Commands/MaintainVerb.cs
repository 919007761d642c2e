using System.CommandLine;
using ImageCache.Cli.Output;
using ImageCache.Cli.Views;
using ImageCache.Engine.Requests;

namespace ImageCache.Cli.Commands;

/// <summary><c>imagecache maintain</c>.</summary>
internal sealed class MaintainVerb : Verb
{
    private readonly Option<bool> _whatIf = OptionKinds.Flag("--what-if", "Only tell what would be done.");
    private readonly Option<string?> _steps = OptionKinds.Text("--steps", "LIST", "What to do, out of initialize,scan,critical,precache,prune,verify, instead of what the configuration asks for.");

    public MaintainVerb(GlobalOptions globals)
        : base("maintain", "Keep the cache in good order: what the timer does.", globals)
    {
        Options.Add(_steps);
        Options.Add(_whatIf);
    }

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        bool whatIf = invocation.Parsed.GetValue(_whatIf);
        using (IResultWriter<MaintenanceResult> writer = invocation.Writer(MaintenanceResultView.Table))
        {
            await foreach (MaintenanceOutcome outcome in invocation.Engine.MaintainAsync(whatIf, invocation.Monitor, cancellationToken).ConfigureAwait(false))
            {
                writer.Write(outcome.Result);
                foreach (ImageCacheException error in outcome.Errors)
                {
                    invocation.Fail(error);
                }

                if (outcome is { Result.Status: MaintenanceStatus.Failed, Errors.Count: 0 })
                {
                    invocation.Judge(ExitCodes.Failed);
                }
            }
        }

        if (whatIf && invocation.IsForPeople)
        {
            invocation.Reporter.Note("Nothing was changed (--what-if).");
        }
    }

    protected override IReadOnlyDictionary<string, string> Settings(ParseResult parsed)
        => parsed.GetValue(_steps) is { } steps ? new Dictionary<string, string> { ["maintain_steps"] = steps } : base.Settings(parsed);
}
