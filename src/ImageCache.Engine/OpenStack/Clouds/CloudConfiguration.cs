using ImageCache.Engine.OpenStack.Http;

namespace ImageCache.Engine.OpenStack.Clouds;

/// <summary>One cloud, ready to be used.</summary>
internal sealed record CloudConfiguration
{
    /// <summary>The entry's name.</summary>
    public required string Name { get; init; }

    /// <summary>Where the entry stands, for messages.</summary>
    public required string Origin { get; init; }

    public required CloudCredentials Credentials { get; init; }

    /// <summary>The region; <see langword="null"/> takes the first that the catalog has.</summary>
    public string? Region { get; init; }

    /// <summary>public, internal or admin.</summary>
    public string Interface { get; init; } = "public";

    /// <summary>Whether certificates are checked.</summary>
    public bool VerifyCertificate { get; init; } = true;

    public string? AuthorityPath { get; init; }

    public string? CertificatePath { get; init; }

    public string? KeyPath { get; init; }

    /// <summary>The longest time of an API call (api_timeout).</summary>
    public TimeSpan? ApiTimeout { get; init; }

    /// <summary>The other keys with text values, such as <c>image_endpoint_override</c>.</summary>
    public IReadOnlyDictionary<string, ConfigNode> Settings { get; init; } = new Dictionary<string, ConfigNode>();

    /// <summary>A service's own setting: <c>image</c> and <c>endpoint_override</c> make <c>image_endpoint_override</c>.</summary>
    public ConfigNode? ServiceSetting(string service, string setting)
        => Settings.GetValueOrDefault($"{service.Replace('-', '_')}_{setting}");

    /// <summary>The limits and TLS settings for this cloud.</summary>
    public ServiceHttpOptions Apply(ServiceHttpOptions options) => options with
    {
        VerifyCertificate = VerifyCertificate,
        AuthorityPath = AuthorityPath,
        CertificatePath = CertificatePath,
        KeyPath = KeyPath,
        TotalTimeout = ApiTimeout ?? options.TotalTimeout,
    };
}
