using System.Management.Automation;
using ImageCache.Engine.Requests;
using ImageCache.Module.Binding;
using ImageCache.Module.Pipeline;

namespace ImageCache.Module.Commands;

/// <summary>Does all that keeps a cache in good order, as the timer does.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "ImageCacheMaintenance", SupportsShouldProcess = true)]
[OutputType(typeof(MaintenanceResult))]
public sealed class InvokeImageCacheMaintenanceCommand : ImageCacheCmdlet
{
    /// <summary>Makes the cmdlet.</summary>
    public InvokeImageCacheMaintenanceCommand()
        : base("Maintaining the image cache:")
    {
    }

    /// <summary>What to do, instead of what the configuration asks for.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public MaintenanceStep[]? Step { get; set; }

    private protected override IReadOnlyDictionary<string, string> Settings
        => Step is null ? base.Settings : new Dictionary<string, string> { ["maintain_steps"] = string.Join(',', Step) };

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        string action = $"Maintain the image cache {CacheInForce}";
        bool works = ShouldProcess(action, $"{action}?", "Invoke-ImageCacheMaintenance", out ShouldProcessReason reason);
        if (!works && !reason.HasFlag(ShouldProcessReason.WhatIf))
        {
            return;
        }

        RunItem(CacheInForce, async (monitor, cancellationToken) =>
        {
            await foreach (MaintenanceOutcome outcome in Engine.MaintainAsync(dryRun: !works, monitor, cancellationToken).ConfigureAwait(false))
            {
                await Writer.WriteObjectAsync(outcome.Result).ConfigureAwait(false);
                foreach (ImageCacheException error in outcome.Errors)
                {
                    await Writer.WriteErrorAsync(ErrorRecords.From(error, error.ImageId ?? CacheInForce)).ConfigureAwait(false);
                }
            }
        });
    }
}
