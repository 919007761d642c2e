using System.CommandLine;
using ImageCache.Cli.Output;
using ImageCache.Cli.Views;
using ImageCache.Engine.Requests;

namespace ImageCache.Cli.Commands;

/// <summary><c>imagecache prune</c>.</summary>
internal sealed class PruneVerb : Verb
{
    private readonly Option<bool> _whatIf = OptionKinds.Flag("--what-if", "Only tell what would be done.");
    private readonly Option<bool> _quarantine = OptionKinds.Flag("--quarantine", "Set unused images aside for a grace period instead of deleting them.");
    private readonly Option<bool> _whenNeeded = OptionKinds.Flag("--when-needed", "Keep unused images, past their age, until room is needed.");
    private readonly IReadOnlyList<(Option<string?> Option, string Setting)> _limits =
    [
        (OptionKinds.Text("--maximum-size", "SIZE", "Bytes that the cache may hold in all, such as 200GiB."), "maximum_size"),
        (OptionKinds.Text("--minimum-age", "AGE", "How long what is unused stays, such as 12h, in place of nova's ages."), "prune_minimum_age"),
        (OptionKinds.Text("--high-watermark", "PERCENT", "Make room when more of the file system is in use."), "prune_high_watermark"),
        (OptionKinds.Text("--low-watermark", "PERCENT", "Make room until no more of the file system is in use."), "prune_low_watermark"),
    ];

    public PruneVerb(GlobalOptions globals)
        : base("prune", "Remove what is unused and old enough, and say why each file stays or goes.", globals)
    {
        Options.Add(_whatIf);
        Options.Add(_quarantine);
        Options.Add(_whenNeeded);
        foreach ((Option<string?> option, _) in _limits)
        {
            Options.Add(option);
        }
    }

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        bool whatIf = invocation.Parsed.GetValue(_whatIf);
        PrunePlan plan = await invocation.Engine.PlanPruneAsync(describe: false, invocation.Monitor, cancellationToken).ConfigureAwait(false);
        IAsyncEnumerable<PruneDecision> decisions = whatIf
            ? plan.Decisions.ToAsyncEnumerable()
            : invocation.Engine.PruneAsync(plan, invocation.Monitor, cancellationToken);
        using (IResultWriter<PruneDecision> writer = invocation.Writer(PruneDecisionView.Table))
        {
            await foreach (PruneDecision decision in decisions.ConfigureAwait(false))
            {
                invocation.Judge(decision.Error is null ? ExitCodes.Done : ExitCodes.Failed);

                // What nobody reads any more is done all the same.
                writer.Write(decision);
            }
        }

        if (whatIf && invocation.IsForPeople)
        {
            invocation.Reporter.Note("Nothing was changed (--what-if).");
        }
    }

    protected override IReadOnlyDictionary<string, string> Settings(ParseResult parsed)
    {
        Dictionary<string, string> settings = new(
            _limits.Select(limit => KeyValuePair.Create(limit.Setting, parsed.GetValue(limit.Option)!)).Where(static setting => setting.Value is not null));
        Add(_quarantine, "prune_quarantine");
        Add(_whenNeeded, "prune_when_needed");
        return settings;

        void Add(Option<bool> flag, string setting)
        {
            if (parsed.GetValue(flag))
            {
                settings[setting] = "true";
            }
        }
    }
}
