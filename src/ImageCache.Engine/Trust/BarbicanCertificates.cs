using ImageCache.Engine.OpenStack;

namespace ImageCache.Engine.Trust;

/// <summary>The certificates of the cloud's key manager. It is asked with the first certificate.</summary>
internal sealed class BarbicanCertificates(CloudConnection cloud) : ICertificateStore
{
    public Task<CertificateFinding> FindAsync(string id, CancellationToken cancellationToken)
        => Task.FromResult(CertificateFinding.Unknown($"The key manager of the cloud '{cloud.Cloud.Name}' was not asked for the certificate '{id}'."));
}
