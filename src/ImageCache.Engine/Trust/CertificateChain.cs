namespace ImageCache.Engine.Trust;

/// <summary>
/// The way from a certificate to a trusted root, by nova's rules (cursive's certificate_utils): every certificate on it but the
/// first, the root included, is in the trusted list, within its dates, and an authority. Nothing else is trusted, and nothing is
/// fetched. Unlike there, a missing path length constraint means none, and the order of the list does not matter.
/// </summary>
internal sealed class CertificateChain
{
    private readonly List<Certificate> _authorities = [];
    private readonly List<string> _passedOver = [];

    /// <param name="trusted">The trusted certificates that are to be had.</param>
    /// <param name="time">Now.</param>
    public CertificateChain(IEnumerable<Certificate> trusted, DateTimeOffset time)
    {
        foreach (Certificate certificate in trusted)
        {
            string? reason = certificate.IsValidAt(time) ? certificate.WhyNotAuthority : "it is outside its dates";
            if (reason is not null)
            {
                _passedOver.Add($"the trusted certificate '{certificate.Id}' does not count, because {reason}");
            }
            else if (!_authorities.Exists(certificate.IsSameAs))
            {
                _authorities.Add(certificate);
            }
        }
    }

    /// <summary>Why trusted certificates do not count; each is a clause.</summary>
    public IReadOnlyList<string> PassedOver => _passedOver;

    /// <summary>
    /// Looks for the shortest way, one step further in every round: what is far from the end meets the strictest path length, so
    /// that a longer way never leads where the shortest does not. Each authority is looked at once, whatever circles there are.
    /// </summary>
    /// <returns>The chain, which is whole when <paramref name="reason"/> is <see langword="null"/>, else the longest that was found.</returns>
    public IReadOnlyList<Certificate> Find(Certificate end, out string? reason)
    {
        List<Certificate> rest = [.. _authorities];
        List<IReadOnlyList<Certificate>> chains = [[end]];
        string? tooLong = null;
        while (true)
        {
            List<IReadOnlyList<Certificate>> longer = [];
            foreach (IReadOnlyList<Certificate> chain in chains)
            {
                Certificate last = chain[^1];
                foreach (Certificate issuer in _authorities.Where(last.IsIssuedBy))
                {
                    if (issuer.IsSameAs(last))
                    {
                        reason = null;
                        return chain;
                    }

                    // Between the issuer and the end stand all of the chain but the end itself.
                    if (issuer.PathLength < chain.Count - 1)
                    {
                        tooLong = $"the path length constraint of the trusted certificate '{issuer.Id}' does not allow so long a chain";
                    }
                    else if (rest.Remove(issuer))
                    {
                        longer.Add([.. chain, issuer]);
                    }
                }
            }

            if (longer.Count == 0)
            {
                reason = tooLong ?? WhyItEnds(chains[0][^1]);
                return chains[0];
            }

            chains = longer;
        }
    }

    private static string WhyItEnds(Certificate last)
        => CertificateAlgorithms.Accepts(last.SignatureAlgorithm)
            ? $"no trusted certificate is the issuer of '{last.Facts.Subject}', which is '{last.Facts.Issuer}'"
            : $"'{last.Facts.Subject}' is signed by an algorithm that does not count ({last.SignatureAlgorithm})";
}
