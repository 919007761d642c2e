using System.Text;

namespace ImageCache.Engine.Trust;

/// <summary>Certificates that were kept from an earlier judgement (<see cref="SignatureVerdict.Certificates"/>).</summary>
internal sealed class RecordedCertificates(IReadOnlyDictionary<string, string> pems) : ICertificateStore
{
    public Task<CertificateFinding> FindAsync(string id, CancellationToken cancellationToken)
    {
        string? pem = pems.FirstOrDefault(kept => CertificateIds.AreSame(kept.Key, id)).Value;
        return Task.FromResult(
            pem is null ? CertificateFinding.Missing($"The record keeps no certificate '{id}'.")
            : Certificate.TryRead(id, Encoding.UTF8.GetBytes(pem)) is { } certificate ? CertificateFinding.Found(certificate)
            : CertificateFinding.Missing($"What the record keeps as the certificate '{id}' is none."));
    }
}
