using ImageCache.Engine.OpenStack.Http;

namespace ImageCache.Engine.Requests;

/// <summary>One image to be brought into the cache: by reference to Glance, or by URI.</summary>
public sealed record FetchRequest
{
    /// <summary>An image id or a unique name; <see langword="null"/> when <see cref="Uri"/> is given.</summary>
    public string? Image { get; init; }

    /// <summary>A file:, http: or https: URI.</summary>
    public string? Uri { get; init; }

    /// <summary><c>algorithm:hex</c>, or the URI of a SHA256SUMS or SHA512SUMS file; for <see cref="Uri"/> only.</summary>
    public string? Checksum { get; init; }

    /// <summary>The method; <see langword="null"/> takes the configuration's.</summary>
    public FetchMethod? Method { get; init; }

    /// <summary>Fetch again what is here already.</summary>
    public bool Force { get; init; }

    /// <summary>Refuse what has no valid signature.</summary>
    public bool RequireSignature { get; init; }

    /// <summary>Made to keep the cache in order, not because somebody wants to use the image: it does not make the image more popular.</summary>
    public bool IsUpkeep { get; init; }

    /// <summary>The image as it was registered, when Glance was found not to answer; it is not asked then.</summary>
    internal ImageDescriptor? Snapshot { get; init; }

    /// <summary>Methods that are ruled out.</summary>
    internal IReadOnlyList<FetchMethod> Without { get; init; } = [];

    /// <summary>What to call the request in messages.</summary>
    public string Subject => Image ?? (Uri is null ? "(nothing)" : Redactor.Url(Uri));
}
