using ImageCache.Engine.OpenStack.Http;

namespace ImageCache.Engine.Trust;

/// <summary>Ids of certificates: UUIDs, with or without hyphens. Owners of images write them, so nothing else may reach a URL or a path.</summary>
internal static class CertificateIds
{
    /// <summary>Whether a text can be one.</summary>
    public static bool IsPossible(string? id) => Guid.TryParseExact(id, "D", out _) || Guid.TryParseExact(id, "N", out _);

    /// <summary>Whether two texts name the same certificate.</summary>
    public static bool AreSame(string one, string other) => Guid.TryParse(one, out Guid first) && Guid.TryParse(other, out Guid second) && first == second;

    /// <summary>What is wrong with an id that is not possible.</summary>
    public static CertificateFinding Refuse(string id) => CertificateFinding.Missing($"'{Redactor.Printable(id)}' is no id of a certificate: that is a UUID.");

    /// <summary>An id as a key manager writes it.</summary>
    public static string Canonical(string id) => Guid.Parse(id).ToString("D");
}
