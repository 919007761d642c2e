using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace ImageCache.Engine.OpenStack.Http;

/// <summary>Tells what may be well in a moment from what will not.</summary>
internal static class TransientFailure
{
    /// <summary>Whether an answer with this status may be another one next time.</summary>
    public static bool Is(HttpStatusCode status) => status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
        or HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    /// <summary>Whether an exchange that failed so may succeed next time: broken and refused connections, silence.</summary>
    public static bool Is(Exception error)
    {
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case AuthenticationException:
                case HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError or HttpRequestError.ConfigurationLimitExceeded }:
                    return false;
                case TimeoutException or SocketException or HttpRequestException or HttpIOException:
                    return true;
                default:
                    break;
            }
        }

        return error is IOException;
    }
}
