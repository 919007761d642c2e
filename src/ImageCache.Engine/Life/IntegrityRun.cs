namespace ImageCache.Engine.Life;

/// <summary>What the checks of one scan share.</summary>
internal sealed class IntegrityRun(OperationMonitor monitor, bool asksGlance)
{
    private bool _isToldUnwritable;

    public OperationMonitor Monitor { get; } = monitor;

    /// <summary>Whether Glance is asked about files without a record.</summary>
    public bool AsksGlance { get; } = asksGlance;

    /// <summary>Warns once, however many files there are.</summary>
    public void WarnUnwritable(string reason)
    {
        if (!_isToldUnwritable)
        {
            _isToldUnwritable = true;
            Monitor.Warn($"What is proved here cannot be noted, and counts for this time only: {reason}");
        }
    }
}
