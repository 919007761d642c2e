namespace ImageCache.Engine.OpenStack.Identity;

/// <summary>A token and what came with it.</summary>
internal sealed record KeystoneToken
{
    public required Secret Value { get; init; }

    /// <summary>When it ends, by this machine's clock: the server's may go differently.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The project that it is for; <see langword="null"/> for other scopes.</summary>
    public string? ProjectId { get; init; }

    public string? UserId { get; init; }

    public IReadOnlyList<string> Roles { get; init; } = [];

    public ServiceCatalog Catalog { get; init; } = ServiceCatalog.Empty;
}
