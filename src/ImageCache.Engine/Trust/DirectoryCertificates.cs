namespace ImageCache.Engine.Trust;

/// <summary>
/// A directory of PEM or DER files that are named by the certificates' ids, with or without an ending, for nodes that cannot reach
/// the key manager. Whoever may write there decides what is trusted.
/// </summary>
internal sealed class DirectoryCertificates(string directory) : ICertificateStore
{
    private static readonly string[] s_endings = [".pem", ".crt", ".cer", ".der", string.Empty];

    public async Task<CertificateFinding> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (!CertificateIds.IsPossible(id))
        {
            return CertificateIds.Refuse(id);
        }

        IEnumerable<string> names = new[] { CertificateIds.Canonical(id), id }.Distinct().SelectMany(static name => s_endings, string.Concat);
        try
        {
            foreach (string path in names.Select(name => Path.Join(directory, name)).Where(File.Exists))
            {
                byte[] bytes = await ReadAsync(path, cancellationToken).ConfigureAwait(false);
                return Certificate.TryRead(id, bytes) is { } certificate
                    ? CertificateFinding.Found(certificate)
                    : CertificateFinding.Missing($"The file '{path}' is no X.509 certificate in PEM or DER.");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return CertificateFinding.Unknown($"The certificate '{id}' cannot be read from the certificate directory: {e.Message}");
        }

        return Directory.Exists(directory)
            ? CertificateFinding.Missing($"The certificate directory '{directory}' has no certificate '{id}'.")
            : CertificateFinding.Unknown($"The certificate directory '{directory}' is not there.");
    }

    // One byte more than is taken: what is too large is seen to be.
    private static async Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[Certificate.LargestSize + 1];
        FileStream file = File.OpenRead(path);
        await using (file.ConfigureAwait(false))
        {
            int length = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return buffer[..length];
        }
    }
}
