namespace ImageCache.Engine.Life.Maintenance;

/// <summary>One part of maintenance.</summary>
internal interface IMaintenanceStep
{
    MaintenanceStep Step { get; }

    /// <summary>Why there is nothing to be done.</summary>
    /// <param name="dryRun">Whether nothing may be changed.</param>
    /// <returns><see langword="null"/> when it shall be run.</returns>
    string? SkipReason(bool dryRun);

    /// <summary>Does it. Errors of single images are in the report; what ends the whole part is thrown.</summary>
    Task<StepReport> RunAsync(bool dryRun, OperationMonitor monitor, CancellationToken cancellationToken);
}
