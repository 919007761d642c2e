using System.Globalization;
using System.Management.Automation;
using ImageCache.Engine.Requests;
using ImageCache.Module.Binding;
using ImageCache.Module.Pipeline;

namespace ImageCache.Module.Commands;

/// <summary>Removes what is unused and old enough, or in the way of room, and tells for each file why it stays or goes.</summary>
[Cmdlet(VerbsCommon.Remove, "UnusedBaseImage", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(PruneDecision))]
public sealed class RemoveUnusedBaseImageCommand : ImageCacheCmdlet
{
    /// <summary>Makes the cmdlet.</summary>
    public RemoveUnusedBaseImageCommand()
        : base("Removing unused base images from")
    {
    }

    /// <summary>Bytes that the cache may hold in all, a number or with a unit.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ByteRateTransformation]
    public string? MaximumSize { get; set; }

    /// <summary>How long what is unused stays, in place of nova's ages.</summary>
    [Parameter]
    public TimeSpan MinimumAge { get; set; }

    /// <summary>Percent of the file system in use above which room is made.</summary>
    [Parameter]
    [ValidateRange(1, 100)]
    public int HighWatermark { get; set; }

    /// <summary>Percent of the file system in use at which enough room was made.</summary>
    [Parameter]
    [ValidateRange(1, 100)]
    public int LowWatermark { get; set; }

    /// <summary>Set unused base images aside for a grace period instead of deleting them.</summary>
    [Parameter]
    public SwitchParameter Quarantine { get; set; }

    /// <summary>Keep unused base images, past their age, until room is needed.</summary>
    [Parameter]
    public SwitchParameter WhenNeeded { get; set; }

    /// <summary>Hand each base image on as the property Image of its decision, also one that goes.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(
        new (string Parameter, string Setting, string? Value)[]
        {
            (nameof(MaximumSize), "maximum_size", MaximumSize),
            (nameof(MinimumAge), "prune_minimum_age", MinimumAge.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)),
            (nameof(HighWatermark), "prune_high_watermark", HighWatermark.ToString(CultureInfo.InvariantCulture)),
            (nameof(LowWatermark), "prune_low_watermark", LowWatermark.ToString(CultureInfo.InvariantCulture)),
            (nameof(Quarantine), "prune_quarantine", Quarantine ? "true" : "false"),
            (nameof(WhenNeeded), "prune_when_needed", WhenNeeded ? "true" : "false"),
        }
        .Where(item => MyInvocation.BoundParameters.ContainsKey(item.Parameter))
        .Select(static item => KeyValuePair.Create(item.Setting, item.Value!)));

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        PrunePlan? plan = null;
        RunItem(CacheInForce, async (monitor, cancellationToken) =>
            plan = await Engine.PlanPruneAsync(PassThru, monitor, cancellationToken).ConfigureAwait(false));
        if (plan is null)
        {
            return;
        }

        List<PruneDecision> declined = [.. plan.Decisions.Where(static decision => decision.Action != PruneAction.Keep).Where(decision => !IsWanted(decision))];
        if (IsDryRun)
        {
            WriteObject(plan.Decisions, enumerateCollection: true);
            return;
        }

        RunItem(CacheInForce, (monitor, cancellationToken) => PruneAsync(plan.Keeping(declined), monitor, cancellationToken));
    }

    private bool IsWanted(PruneDecision decision) => ShouldProcess(
        decision.Path,
        $"{(decision.Action == PruneAction.Quarantine ? "Set aside" : "Remove")} {decision.Name ?? decision.ImageId ?? decision.Kind.ToString()} ({decision.Reason})");

    private async Task PruneAsync(PrunePlan plan, Engine.OperationMonitor monitor, CancellationToken cancellationToken)
    {
        await foreach (PruneDecision decision in Engine.PruneAsync(plan, monitor, cancellationToken).ConfigureAwait(false))
        {
            await Writer.WriteObjectAsync(decision).ConfigureAwait(false);
            if (decision.Error is { } error)
            {
                await Writer.WriteErrorAsync(ErrorRecords.From(
                    new UnavailableException(
                        ErrorIds.PruneFailed, $"'{decision.Path}' could not be handled as decided ({decision.Action}, {decision.Reason}): {error}", decision.ImageId,
                        "Check its owner and the file system, and run it again: what was done is done."),
                    decision)).ConfigureAwait(false);
            }
        }
    }
}
