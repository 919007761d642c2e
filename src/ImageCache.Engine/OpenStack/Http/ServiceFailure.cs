using System.Globalization;
using System.Net.Sockets;

namespace ImageCache.Engine.OpenStack.Http;

/// <summary>The one table from what went wrong between us and a service to the error that is reported.</summary>
internal static class ServiceFailure
{
    private const string CheckService = "Check that the service runs and that its URL is right, then try again.";

    /// <summary>The error of an exchange without an answer.</summary>
    public static UnavailableException From(Exception error, HttpRequestMessage request, ServiceCall call, Redactor redactor)
    {
        string who = $"{call.Service} at {Redactor.Host(request.RequestUri!)}";
        if (error is InvalidDataException)
        {
            return Invalid(call, request.RequestUri!, error.Message, error);
        }

        (string reason, string nextStep) = Explain(error, redactor);
        return new UnavailableException(
            ErrorIds.ServiceUnavailable,
            $"Could not {call.Action}: {who} gave no answer: {reason}{Tries(request)}.",
            call.ImageId,
            nextStep,
            error,
            error is TimeoutException ? FailureCategory.OperationTimeout : FailureCategory.ConnectionError);
    }

    /// <summary>The error that an answer is.</summary>
    public static ImageCacheException From(
        HttpResponseMessage answer, ReadOnlyMemory<byte> body, ServiceCall call, Redactor redactor, TimeSpan? retryAfter)
    {
        int status = (int)answer.StatusCode;
        string message = string.Create(
            CultureInfo.InvariantCulture,
            $"Could not {call.Action}: {call.Service} at {Redactor.Host(answer.RequestMessage!.RequestUri!)} answered {status}{Reason(answer, body, redactor)}{Tries(answer.RequestMessage)}{Id(answer, redactor)}.");
        return status switch
        {
            401 => new PolicyException(ErrorIds.AuthenticationFailed, message, call.ImageId, "Check the credentials of the cloud's entry in clouds.yaml, or the OS_* variables."),
            403 => new PolicyException(ErrorIds.AccessDenied, message, call.ImageId, "Ask the cloud's operator for a role that may do this. Data of a deactivated image are refused, too."),
            404 or 410 when call.NotFoundId is { } id => new NotFoundException(id, message, call.ImageId, "Check the id, and that this project may see the image."),
            204 when call.NotFoundId is { } id => new NotFoundException(id, message, call.ImageId, "The image has no data. Upload it again, or ask the cloud's operator to look at the store."),
            >= 300 and < 400 => new UnavailableException(ErrorIds.ServiceAnswerInvalid, message, call.ImageId, "Redirects are not followed with a token. Give the service's own URL (endpoint_override, or the catalog)."),
            400 or 413 or 414 or 416 => new InvalidInputException(ErrorIds.InvalidReference, message, call.ImageId, "The service does not accept the request as it is: check names, ids and filters."),
            _ when TransientFailure.Is(answer.StatusCode) => new UnavailableException(ErrorIds.ServiceUnavailable, message + Wait(retryAfter), call.ImageId, "Try again later, or ask the cloud's operator."),
            _ => new UnavailableException(ErrorIds.ServiceUnavailable, message, call.ImageId, CheckService),
        };
    }

    /// <summary>The error of an answer that makes no sense.</summary>
    public static UnavailableException Invalid(ServiceCall call, Uri url, string reason, Exception? cause = null) => new(
        ErrorIds.ServiceAnswerInvalid,
        $"Could not {call.Action}: the answer of {call.Service} at {Redactor.Host(url)} makes no sense: {reason}.",
        call.ImageId,
        "Check that the service's URL is right and that nothing between here and there changes answers.",
        cause);

    private static (string Reason, string NextStep) Explain(Exception error, Redactor redactor)
    {
        switch (error)
        {
            case TimeoutException:
                return (error.Message, CheckService);
            case HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError }:
                return ("its name cannot be resolved", "Check the host's name in auth_url, the catalog or the endpoint override, and this node's DNS.");
            case HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }:
                string inner = redactor.Text((error.InnerException ?? error).Message.TrimEnd('.'));
                return ($"no trusted TLS connection ({inner})", "Give the authority's certificate as cacert in the cloud's entry of clouds.yaml.");
            case HttpRequestException { InnerException: SocketException socket }:
                return (redactor.Text(socket.Message), CheckService);
            default:
                return (redactor.Text(error.Message.TrimEnd('.')), CheckService);
        }
    }

    private static string Reason(HttpResponseMessage answer, ReadOnlyMemory<byte> body, Redactor redactor)
    {
        string reason = ServiceReason.Read(body.Span) is { Length: > 0 } told ? redactor.Text(told) : string.Empty;
        return reason.Length > 0 ? $" ({reason})"
            : Enum.IsDefined(answer.StatusCode) ? $" ({answer.StatusCode})"
            : string.Empty;
    }

    private static string Tries(HttpRequestMessage request)
        => request.Options.TryGetValue(ServiceHttp.Attempts, out int attempts) && attempts > 1
            ? string.Create(CultureInfo.InvariantCulture, $", {attempts} times")
            : string.Empty;

    private static string Id(HttpResponseMessage answer, Redactor redactor)
        => ServiceHttp.RequestId(answer) is { } id ? $" [{redactor.Text(id)}]" : string.Empty;

    private static string Wait(TimeSpan? retryAfter)
        => retryAfter is { } wait ? string.Create(CultureInfo.InvariantCulture, $" It asks to wait {wait.TotalSeconds:0} s.") : string.Empty;
}
