using System.Diagnostics.CodeAnalysis;

namespace ImageCache.Engine.OpenStack.Identity;

/// <summary>A token and what came with it.</summary>
internal sealed record KeystoneToken
{
    private const int LongestValue = 64 << 10;

    public required Secret Value { get; init; }

    /// <summary>When it came, by this machine's clock.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>When it ends, by this machine's clock: the server's may go differently.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The project that it is for; <see langword="null"/> for other scopes.</summary>
    public string? ProjectId { get; init; }

    public string? UserId { get; init; }

    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>The endpoints; of a kept token only those that this cloud's clients would choose.</summary>
    public ServiceCatalog Catalog { get; init; } = ServiceCatalog.Empty;

    /// <summary>Whether an earlier login, of whichever process, got it.</summary>
    public bool IsKept { get; init; }

    /// <summary>Whether a text can be a token: it goes into a header.</summary>
    public static bool IsValue([NotNullWhen(true)] string? text)
        => text is { Length: > 0 and <= LongestValue } && !text.Any(static character => character is <= ' ' or > '~');
}
