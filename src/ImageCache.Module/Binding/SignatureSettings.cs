namespace ImageCache.Module.Binding;

/// <summary>The parameters about signatures that are settings: name as in imagecache.yaml, value as text.</summary>
internal static class SignatureSettings
{
    public static Dictionary<string, string> Of(string[]? trustedCertificates, SignaturePolicy? policy = null)
    {
        Dictionary<string, string> settings = [];
        if (trustedCertificates is not null)
        {
            settings["trusted_certificates"] = string.Join(',', trustedCertificates);
        }

        if (policy is { } chosen)
        {
            settings["signature"] = chosen.ToString();
        }

        return settings;
    }
}
