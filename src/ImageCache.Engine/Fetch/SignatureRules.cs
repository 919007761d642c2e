using ImageCache.Engine.Configuration;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Fetch;

/// <summary>What a verdict on a signature means for a fetch. Pure but for the warnings.</summary>
internal static class SignatureRules
{
    /// <summary>The policy for one request.</summary>
    public static SignaturePolicy PolicyFor(FetchRequest request, ImageCacheConfiguration configuration)
        => request.RequireSignature ? SignaturePolicy.Require : configuration.Signature;

    /// <summary>Whether an image with this verdict may be used.</summary>
    public static bool Accepts(SignaturePolicy policy, SignatureStatus status) => policy switch
    {
        SignaturePolicy.Ignore => true,
        SignaturePolicy.Require => status == SignatureStatus.Valid,
        _ => status != SignatureStatus.Invalid,
    };

    /// <summary>Refuses an image that may not be used.</summary>
    /// <exception cref="ImageCacheException">It is refused, and why.</exception>
    public static void Require(SignatureVerdict verdict, SignaturePolicy policy, string imageId)
    {
        if (!Accepts(policy, verdict.Status))
        {
            throw Refusal(verdict, imageId);
        }
    }

    /// <summary>Tells of a signature that is accepted without being valid.</summary>
    public static void Warn(SignatureVerdict verdict, string imageId, OperationMonitor monitor)
    {
        if (verdict.Status is SignatureStatus.Untrusted or SignatureStatus.Unverifiable)
        {
            monitor.Warn($"The signature of image '{imageId}' is {Word(verdict.Status)}: {verdict.Reason}");
        }
    }

    private static ImageCacheException Refusal(SignatureVerdict verdict, string imageId)
    {
        string message = $"The image '{imageId}' is refused: its signature is {Word(verdict.Status)}: {verdict.Reason}";
        return verdict.Status switch
        {
            SignatureStatus.Invalid => new VerificationException(
                ErrorIds.SignatureInvalid, message, imageId,
                "Compare the image with what its publisher offers; whoever changed it on purpose must sign it again."),
            SignatureStatus.Untrusted => new VerificationException(
                ErrorIds.SignatureUntrusted, message, imageId,
                "Name the certificates of its issuers, the root included, with trusted_certificates, -TrustedCertificate or --trusted-certificate; or do not require a signature."),
            SignatureStatus.Unverifiable => new VerificationException(
                ErrorIds.SignatureUnverifiable, message, imageId, "Mend what the reason names, or do not require a signature."),
            _ => new PolicyException(
                ErrorIds.VerificationRequired, $"The image '{imageId}' is refused: it is not signed, and a signature is required.", imageId,
                "Sign the image, or do not require it."),
        };
    }

    private static string Word(SignatureStatus status) => status switch
    {
        SignatureStatus.Invalid => "wrong",
        SignatureStatus.Untrusted => "not trusted",
        _ => "not verifiable",
    };
}
