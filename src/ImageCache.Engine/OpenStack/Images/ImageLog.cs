using Microsoft.Extensions.Logging;

namespace ImageCache.Engine.OpenStack.Images;

/// <summary>The log lines about images.</summary>
internal static partial class ImageLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "A record in the list of images was left out: {Reason}")]
    public static partial void RecordSkipped(ILogger logger, string reason);
}
