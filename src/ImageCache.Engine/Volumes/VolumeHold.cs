using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
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

    public int SchemaVersion { get; init => field = value is 0 ? CurrentSchema : value; } = CurrentSchema;

    /// <summary>The image whose base file is the link.</summary>
    public required string ImageId { get; init; }

    /// <summary>The volume that is attached.</summary>
    public required string VolumeId { get; init; }

    /// <summary>
    /// The image's volume, where <see cref="VolumeId"/> is a copy of it that is this node's own and goes with the link. While both are the same,
    /// there may be a copy that only its marks find.
    /// </summary>
    public string? ClonedFrom { get; init; }

    /// <summary>Whether it is not known yet which copy is attached: then nothing is.</summary>
    [JsonIgnore]
    public bool IsClonePending => ClonedFrom is not null && ClonedFrom == VolumeId;

    /// <summary>The bytes of the volume, from its beginning on, that are the image's.</summary>
    public required long Size { get; init; }

    /// <summary>The attachments that the volume had before ours: none of them is ours, whatever state it is in.</summary>
    public IReadOnlyList<string> Others { get; init => field = value ?? []; } = [];

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

    /// <summary>When its view was begun again because the one before had ended by itself; <see langword="null"/> when it never was.</summary>
    public DateTimeOffset? ShownAgainAt { get; init; }

    public JsonObject? Original { get; init; }

    /// <summary>How to connect without asking Cinder; <see langword="null"/> where what is kept does not suffice.</summary>
    /// <exception cref="IOException">It is damaged.</exception>
    public ConnectionInfo? KeptConnection()
        => this is { Connection: { } json, IsConnectionComplete: true } ? ConnectionInfo.FromRecord(json, isComplete: true) : null;

    /// <summary>The same volume with nothing of it on this node.</summary>
    public VolumeHold Detached() => this with { Others = [], AttachmentId = null, Connection = null, IsConnectionComplete = false, Connected = null, View = null };

    static int IStoredDocument<VolumeHold>.NewestSchema => CurrentSchema;

    public VolumeHold WithOriginal(JsonObject? original) => this with { Original = original };
}
