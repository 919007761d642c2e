namespace ImageCache.Engine.OpenStack.Volumes;

/// <summary>How long to wait for what Cinder does in its own time.</summary>
internal sealed record CinderPatience
{
    /// <summary>The longest wait for a new volume: a store that has to copy takes its time.</summary>
    public TimeSpan Volume { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The longest wait for a volume to go, or to be made when it is to go: what takes longer, the next initialization does.</summary>
    public TimeSpan Deletion { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The longest wait for an attachment.</summary>
    public TimeSpan Attachment { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The wait before the second look; each further one is half as long again.</summary>
    public TimeSpan First { get; init; } = TimeSpan.FromSeconds(0.2);

    /// <summary>The longest wait between two looks.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromSeconds(5);
}
