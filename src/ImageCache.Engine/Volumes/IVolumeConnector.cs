using System.Text.Json.Nodes;
using ImageCache.Engine.OpenStack.Volumes;

namespace ImageCache.Engine.Volumes;

/// <summary>Connects attached volumes to this node, for reading only.</summary>
internal interface IVolumeConnector
{
    /// <summary>The node as Cinder is told of it.</summary>
    VolumeNode Node { get; }

    /// <summary>What Cinder has to know of this node: initiators, addresses, multipath.</summary>
    /// <exception cref="UnavailableException">What connects is not installed, or failed.</exception>
    Task<JsonObject> DescribeNodeAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Connects a volume. May be repeated; after a failure, a cancellation or a kill, <see cref="DisconnectAsync"/> without a device takes
    /// back what was begun.
    /// </summary>
    /// <exception cref="ImageCacheException">It cannot be connected.</exception>
    Task<ConnectedVolume> ConnectAsync(string volumeId, ConnectionInfo connection, CancellationToken cancellationToken);

    /// <summary>Lets a volume go. May be repeated, and does no harm where nothing is connected.</summary>
    /// <param name="volumeId">The volume.</param>
    /// <param name="connection">How it was connected.</param>
    /// <param name="volume">What it is here; <see langword="null"/> when that is not known.</param>
    /// <param name="force">Whether data that cannot be flushed may be lost; we write none.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <exception cref="UnavailableException">It is in use on this node, or something else was in the way.</exception>
    Task DisconnectAsync(string volumeId, ConnectionInfo connection, ConnectedVolume? volume, bool force, CancellationToken cancellationToken);
}
