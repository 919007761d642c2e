namespace ImageCache.Engine.Tests.Faults;

/// <summary>An attachment of a <see cref="FakeCinder"/>.</summary>
public sealed record FakeAttachment(string Id, string VolumeId)
{
    public string Status { get; init; } = "reserved";

    public string? Instance { get; init; }

    public string? Mode { get; init; }

    /// <summary>The connector's mount point.</summary>
    public string? Device { get; init; }

    /// <summary>The connector's host.</summary>
    public string? Host { get; init; }

    public bool IsConnected { get; init; }
}
