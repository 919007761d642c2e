using Microsoft.Extensions.Logging;

namespace ImageCache.Engine.OpenStack.Http;

/// <summary>The log lines of the HTTP stack. URLs are redacted by the caller.</summary>
internal static partial class HttpLog
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "{Method} {Url} ({RequestId})")]
    public static partial void Sending(ILogger logger, string method, string url, string requestId);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Method} {Url}: {Status} after {Milliseconds} ms ({RequestId})")]
    public static partial void Answered(ILogger logger, string method, string url, int status, double milliseconds, string requestId);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Method} {Url}: {Reason} after {Milliseconds} ms")]
    public static partial void Failed(ILogger logger, string method, string url, string reason, double milliseconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Repeating after {Reason}: repeat {Attempt} of {Retries} in {Seconds:0.0} s")]
    public static partial void Repeating(ILogger logger, string reason, int attempt, int retries, double seconds);
}
