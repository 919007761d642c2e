using System.Text;

namespace ImageCache.Engine.Trust;

/// <summary>Certificates that were kept from an earlier judgement (<see cref="SignatureVerdict.Certificates"/>).</summary>
internal sealed class RecordedCertificates(IReadOnlyDictionary<string, string> pems) : ICertificateStore
{
    public Task<CertificateFinding> FindAsync(string id, CancellationToken cancellationToken)
        => Task.FromResult(
            !pems.TryGetValue(id, out string? pem) ? CertificateFinding.Missing($"The record keeps no certificate '{id}'.")
            : Certificate.TryRead(id, Encoding.UTF8.GetBytes(pem)) is { } certificate ? CertificateFinding.Found(certificate)
            : CertificateFinding.Missing($"What the record keeps as the certificate '{id}' is none."));
}
