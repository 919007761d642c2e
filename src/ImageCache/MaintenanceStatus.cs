namespace ImageCache;

/// <summary>What became of one part of maintenance.</summary>
public enum MaintenanceStatus
{
    /// <summary>All of it was done.</summary>
    Done,

    /// <summary>Some or all of it could not be done.</summary>
    Failed,

    /// <summary>The configuration asks for none of it, or it changes too much for a rehearsal.</summary>
    Skipped,
}
