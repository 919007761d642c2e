using System.Net;
using ImageCache.Engine.OpenStack.Http;

namespace ImageCache.Engine.OpenStack.Volumes;

/// <summary>
/// What Cinder's refusals mean, where they mean something of their own: 400 and 409 for a volume in another state than the request
/// needs, 413 for a quota. Source: cinder/exception.py and the codes that cinder/api gives its exceptions.
/// </summary>
internal static class CinderFailure
{
    /// <summary>The error that an answer is.</summary>
    public static ImageCacheException From(HttpResponseMessage answer, byte[] body, ServiceCall call, ServiceHttp http)
    {
        ImageCacheException plain = ServiceFailure.From(answer, body, call, http.Redactor, http.Schedule.RetryAfter(answer));
        return answer.StatusCode switch
        {
            HttpStatusCode.Conflict => Busy(plain),
            HttpStatusCode.BadRequest when IsAboutState(ServiceReason.Read(body)) => Busy(plain),

            // A limit on requests asks for a wait; a quota asks for none, or for none at all.
            HttpStatusCode.RequestEntityTooLarge when (http.Schedule.RetryAfter(answer) ?? TimeSpan.Zero) == TimeSpan.Zero => new UnavailableException(
                ErrorIds.QuotaExceeded,
                plain.Message,
                plain.ImageId,
                "Free volumes or gigabytes in the project, or ask the cloud's operator for a larger quota.",
                category: FailureCategory.ResourceUnavailable),
            HttpStatusCode.RequestEntityTooLarge => new UnavailableException(
                ErrorIds.ServiceUnavailable, plain.Message, plain.ImageId, "The service limits requests. Try again later."),
            _ => plain,
        };
    }

    private static BusyException Busy(ImageCacheException plain) => new(
        ErrorIds.VolumeBusy,
        plain.Message,
        plain.ImageId,
        "Somebody else uses the volume, or it changes just now. Try again later; a volume type with multiattach lets several nodes have it at once.");

    // All that Cinder says of a volume in the wrong state begins so (InvalidVolume), or names the status.
    private static bool IsAboutState(string? reason)
        => reason is not null && (reason.Contains("Invalid volume", StringComparison.OrdinalIgnoreCase) || reason.Contains("status", StringComparison.OrdinalIgnoreCase));
}
