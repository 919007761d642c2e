using Microsoft.Extensions.Logging;

namespace ImageCache.Engine.Volumes;

/// <summary>What the life of links tells the log.</summary>
internal static partial class LinkLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Reason} The next 'imagecache init' (Initialize-ImageCache) does it.")]
    public static partial void NotReleased(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Volume {Volume} is attached ({Attachment}) and shown as {View}, {Size} bytes")]
    public static partial void Prepared(ILogger logger, string volume, string attachment, string view, long size);
}
