namespace ImageCache.Engine.Trust;

/// <summary>Several stores, asked one after another until one has the certificate.</summary>
internal sealed class CertificateSearch(IReadOnlyList<ICertificateStore> stores) : ICertificateStore
{
    public async Task<CertificateFinding> FindAsync(string id, CancellationToken cancellationToken)
    {
        List<CertificateFinding> findings = [];
        foreach (ICertificateStore store in stores)
        {
            CertificateFinding finding = await store.FindAsync(id, cancellationToken).ConfigureAwait(false);
            if (finding.Certificate is not null)
            {
                return finding;
            }

            findings.Add(finding);
        }

        string reason = findings.Count == 0 ? $"There is nowhere to look for the certificate '{id}'." : string.Join(' ', findings.Select(static finding => finding.Reason));
        return findings.All(static finding => finding.IsFinal) ? CertificateFinding.Missing(reason) : CertificateFinding.Unknown(reason);
    }
}
