using System.Text.Json.Nodes;
using ImageCache.Engine.OpenStack.Volumes;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Volumes;

/// <summary>
/// What this node holds of Cinder for one image. It is written before each step that takes something, so that after any kill what is there
/// can be found and let go. Holds no secret.
/// </summary>
internal sealed record VolumeHold : IStoredDocument<VolumeHold>
{
    private const int CurrentSchema = 1;

    public int SchemaVersion { get; init; } = CurrentSchema;

    /// <summary>The image whose base file is the link.</summary>
    public required string ImageId { get; init; }

    public required string VolumeId { get; init; }

    /// <summary>The bytes of the volume, from its beginning on, that are the image's.</summary>
    public required long Size { get; init; }

    /// <summary>The attachments that the volume had before ours: none of them is ours, whatever state it is in.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    /// <summary>Our attachment; <see langword="null"/> until Cinder's answer was read.</summary>
    public string? AttachmentId { get; init; }

    /// <summary>How to connect, without secrets.</summary>
    public string? Connection { get; init; }

    /// <summary>Whether <see cref="Connection"/> lacks nothing, so that it connects without Cinder.</summary>
    public bool IsConnectionComplete { get; init; }

    /// <summary>What the volume is on this node.</summary>
    public ConnectedVolume? Connected { get; init; }

    /// <summary>The file that shows the image.</summary>
    public VolumeExport? View { get; init; }

    public JsonObject? Original { get; init; }

    /// <summary>How to connect without asking Cinder; <see langword="null"/> where what is kept does not suffice.</summary>
    /// <exception cref="IOException">It is damaged.</exception>
    public ConnectionInfo? KeptConnection()
        => this is { Connection: { } json, IsConnectionComplete: true } ? ConnectionInfo.FromRecord(json, isComplete: true) : null;

    static int IStoredDocument<VolumeHold>.NewestSchema => CurrentSchema;

    public VolumeHold WithOriginal(JsonObject? original) => this with { Original = original };
}
