using ImageCache.Engine.Configuration;

namespace ImageCache.Engine.OpenStack.Http;

/// <summary>Limits and TLS settings of a <see cref="ServiceHttp"/>.</summary>
internal sealed record ServiceHttpOptions
{
    /// <summary>The longest wait for a connection.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest silence: until the headers come, and between two pieces of a body.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest time of one attempt whose body is not streamed.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Attempts after the first.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>Whether the server's certificate is checked.</summary>
    public bool VerifyCertificate { get; init; } = true;

    /// <summary>A PEM file with the only authorities to trust; <see langword="null"/> trusts the system's.</summary>
    public string? AuthorityPath { get; init; }

    /// <summary>A PEM file with our own certificate.</summary>
    public string? CertificatePath { get; init; }

    /// <summary>The PEM file of its key, when that is not in the same file.</summary>
    public string? KeyPath { get; init; }

    /// <summary>The limits of a configuration, with the system's authorities.</summary>
    public static ServiceHttpOptions From(ImageCacheConfiguration configuration) => new()
    {
        ConnectTimeout = configuration.ConnectTimeout,
        IdleTimeout = configuration.IdleTimeout,
        TotalTimeout = configuration.TotalTimeout,
        Retries = configuration.Retries,
    };
}
