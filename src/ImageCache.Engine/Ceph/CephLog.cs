using ImageCache.Engine.Handlers;
using Microsoft.Extensions.Logging;

namespace ImageCache.Engine.Ceph;

/// <summary>The log lines about Ceph.</summary>
internal static partial class CephLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "RbdExport on this node: {Readiness}")]
    public static partial void Readiness(ILogger logger, string readiness);

    [LoggerMessage(Level = LogLevel.Information, Message = "Reading {Snapshot} of the Ceph cluster {Fsid} as {User}: {Size} bytes in objects of {ObjectSize}")]
    public static partial void Reading(ILogger logger, RbdLocation snapshot, string fsid, string user, long size, long objectSize);
}
