using Microsoft.Extensions.Logging;

namespace ImageCache.Engine.OpenStack.Identity;

/// <summary>The log lines about tokens, which never hold one.</summary>
internal static partial class IdentityLog
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Logged in to {Cloud}; the token ends at {ExpiresAt:u}")]
    public static partial void TokenIssued(ILogger logger, string cloud, DateTimeOffset expiresAt);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The token for {Cloud} is from the keyring; it ends at {ExpiresAt:u}")]
    public static partial void TokenKept(ILogger logger, string cloud, DateTimeOffset expiresAt);

    [LoggerMessage(Level = LogLevel.Debug, Message = "No token is kept between commands: {Reason}")]
    public static partial void NoKeyring(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The token is not kept for other commands: it would take {Bytes} bytes of the keyring")]
    public static partial void TokenTooLarge(ILogger logger, int bytes);

    [LoggerMessage(Level = LogLevel.Information, Message = "A service refused the token; a new one will be asked for")]
    public static partial void TokenRefused(ILogger logger);
}
