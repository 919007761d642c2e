using ImageCache.Cli.Output;

namespace ImageCache.Cli.Views;

/// <summary>What <c>prune</c> decided.</summary>
internal static class PruneDecisionView
{
    public static TableView<PruneDecision> Table { get; } = new(
    [
        new("ACTION", static decision => decision.Action.ToString()),
        new("KIND", static decision => decision.Kind.ToString()),
        new("NAME", static decision => HumanText.Text(decision.Name)) { IsFlexible = true },
        new("FILE", static decision => Path.GetFileName(decision.Path)),
        new("SIZE", static decision => HumanText.Size(decision.AllocatedSize)) { IsNumber = true },
        new("AGE", static decision => decision.Age < TimeSpan.Zero ? HumanText.None : HumanText.Duration(decision.Age)) { IsNumber = true },
        new("REASON", static decision => decision.Error is { } error ? $"{decision.Reason}; FAILED: {error}" : decision.Reason),
    ]);
}
