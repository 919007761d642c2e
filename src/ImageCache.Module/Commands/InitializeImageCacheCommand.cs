using System.Management.Automation;
using ImageCache.Engine;
using ImageCache.Module.Binding;

namespace ImageCache.Module.Commands;

/// <summary>Puts the cache in order, as after a restart of the node.</summary>
[Cmdlet(VerbsData.Initialize, "ImageCache", SupportsShouldProcess = true)]
[OutputType(typeof(InitializationResult))]
public sealed class InitializeImageCacheCommand : ImageCacheCmdlet
{
    /// <summary>Makes the cmdlet.</summary>
    public InitializeImageCacheCommand()
        : base("Putting the image cache in order:")
    {
    }

    /// <summary>Make the cache directory when it is missing.</summary>
    [Parameter]
    public SwitchParameter Create { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        string action = $"Put the image cache {CacheInForce} in order";
        if (ShouldProcess(action, $"{action}?", "Initialize-ImageCache", out ShouldProcessReason reason))
        {
            RunItem(CacheInForce, async (monitor, cancellationToken) =>
            {
                await foreach (InitializationResult result in Initialize(dryRun: false, monitor, cancellationToken).ConfigureAwait(false))
                {
                    await Writer.WriteObjectAsync(result).ConfigureAwait(false);
                }
            });
        }
        else if (reason.HasFlag(ShouldProcessReason.WhatIf))
        {
            ShowPlan();
        }
    }

    private IAsyncEnumerable<InitializationResult> Initialize(bool dryRun, OperationMonitor monitor, CancellationToken cancellationToken)
        => Engine.InitializeAsync(Create, dryRun, monitor, cancellationToken);

    /// <summary>Each change is told as PowerShell tells it; what stays as it is comes as objects.</summary>
    private void ShowPlan()
    {
        List<InitializationResult> plan = [];
        RunItem(CacheInForce, async (monitor, cancellationToken) =>
        {
            await foreach (InitializationResult result in Initialize(dryRun: true, monitor, cancellationToken).ConfigureAwait(false))
            {
                plan.Add(result);
            }
        });

        foreach (InitializationResult result in plan)
        {
            string? change = Change(result.Action);
            if (change is null)
            {
                WriteObject(result);
            }
            else
            {
                ShouldProcess(result.Path, change);
            }
        }
    }

    private static string? Change(InitializationAction action) => action switch
    {
        InitializationAction.Created => "Create directory",
        InitializationAction.RemovedLeftover => "Remove leftover",
        InitializationAction.RemovedRecord => "Remove record",
        InitializationAction.RebuiltRecord => "Rebuild record",
        InitializationAction.Relinked => "Bring back link",
        InitializationAction.Fetched => "Fetch critical image",
        _ => null,
    };
}
