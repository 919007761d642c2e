using ImageCache.Engine.OpenStack;
using ImageCache.Engine.OpenStack.KeyManager;

namespace ImageCache.Engine.Trust;

/// <summary>
/// The certificates of the cloud's key manager, as far as this user may read them. Only secrets that are stored as certificates are
/// read, as nova does: an image must not make us fetch other people's keys.
/// </summary>
internal sealed class BarbicanCertificates(CloudConnection cloud, TimeProvider time) : ICertificateStore
{
    private const string CertificateType = "certificate";

    // The next of a list of certificates would only wait as long as the one before.
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(5);

    private volatile Failure? _failure;

    public async Task<CertificateFinding> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (!CertificateIds.IsPossible(id))
        {
            return CertificateIds.Refuse(id);
        }

        if (_failure is { } failure && time.GetElapsedTime(failure.At) < s_silence)
        {
            return CertificateFinding.Unknown(failure.Reason);
        }

        try
        {
            return await AskAsync(id, cancellationToken).ConfigureAwait(false);
        }
        catch (UnavailableException e)
        {
            _failure = new Failure(time.GetTimestamp(), e.Message);
            return CertificateFinding.Unknown(e.Message);
        }
        catch (ImageCacheException e)
        {
            return CertificateFinding.Unknown(e.Message);
        }
    }

    private async Task<CertificateFinding> AskAsync(string id, CancellationToken cancellationToken)
    {
        BarbicanClient barbican = cloud.KeyManager;
        if (await barbican.ShowAsync(id, cancellationToken).ConfigureAwait(false) is not { } secret)
        {
            return CertificateFinding.Missing($"The key manager has no certificate '{id}'.");
        }

        if (secret.Type != CertificateType)
        {
            return CertificateFinding.Missing($"What the key manager has as '{id}' is not stored as a certificate (openstack secret store --secret-type certificate).");
        }

        byte[]? payload = await barbican.ReadPayloadAsync(id, secret, cancellationToken).ConfigureAwait(false);
        return payload is null ? CertificateFinding.Missing($"The certificate '{id}' of the key manager has no payload.")
            : Certificate.TryRead(id, payload) is { } certificate ? CertificateFinding.Found(certificate)
            : CertificateFinding.Missing($"The payload of the certificate '{id}' is no X.509 certificate in PEM or DER.");
    }

    private sealed record Failure(long At, string Reason);
}
