namespace ImageCache.Engine.OpenStack.Clouds;

/// <summary>The keys that belong under <c>auth</c>, wherever people write them.</summary>
internal static class CloudKeys
{
    private static readonly HashSet<string> Authentication = new(StringComparer.Ordinal)
    {
        "auth_url", "username", "user_name", "user_id", "password", "user_domain_id", "user_domain_name", "project_id", "project_name",
        "project_domain_id", "project_domain_name", "domain_id", "domain_name", "default_domain", "default_domain_id",
        "default_domain_name", "application_credential_id", "application_credential_name", "application_credential_secret", "token",
        "system_scope", "trust_id",
    };

    /// <summary>Whether a key belongs under <c>auth</c>.</summary>
    public static bool IsAuthentication(string key) => Authentication.Contains(Canonical(key));

    /// <summary>The key as the rest of the code knows it: with underscores, and without the tenants of old.</summary>
    public static string Canonical(string key)
    {
        string name = key.Replace('-', '_');
        return name switch
        {
            "user_name" => "username",
            _ when name.StartsWith("tenant_", StringComparison.Ordinal) => "project_" + name["tenant_".Length..],
            _ => name,
        };
    }
}
