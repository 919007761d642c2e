using Microsoft.Extensions.Logging;

namespace ImageCache.Engine.OpenStack.Identity;

/// <summary>The log lines about tokens, which never hold one.</summary>
internal static partial class IdentityLog
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Logged in to {Cloud}; the token ends at {ExpiresAt:u}")]
    public static partial void TokenIssued(ILogger logger, string cloud, DateTimeOffset expiresAt);

    [LoggerMessage(Level = LogLevel.Information, Message = "A service refused the token; a new one will be asked for")]
    public static partial void TokenRefused(ILogger logger);
}
