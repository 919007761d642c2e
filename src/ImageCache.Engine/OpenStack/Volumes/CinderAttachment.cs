namespace ImageCache.Engine.OpenStack.Volumes;

/// <summary>An attachment. Source: Block Storage API v3, "Show attachment details"; cinder/api/v3/views/attachments.py.</summary>
internal sealed record CinderAttachment
{
    /// <summary>Made, and not yet completed, also after it has its connection.</summary>
    public const string Reserved = "reserved";

    /// <summary>Being made.</summary>
    public const string Attaching = "attaching";

    /// <summary>Completed.</summary>
    public const string Attached = "attached";

    public required string Id { get; init; }

    public required string VolumeId { get; init; }

    public required string Status { get; init; }

    /// <summary>nova's instance; ours name none.</summary>
    public string? InstanceId { get; init; }

    /// <summary>ro or rw.</summary>
    public string? Mode { get; init; }

    /// <summary>How to connect; <see langword="null"/> until the attachment was given a connector.</summary>
    public ConnectionInfo? Connection { get; init; }

    /// <summary>Whether no waiting improves it.</summary>
    public bool HasFailed => Status.StartsWith("error", StringComparison.Ordinal);
}
