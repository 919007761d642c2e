using ImageCache.Engine.Configuration;

namespace ImageCache.Engine.Requests;

/// <summary>An image to be registered as critical.</summary>
public sealed record CriticalRequest
{
    /// <summary>An image id or a unique name.</summary>
    public required string Image { get; init; }

    /// <summary>How it is fetched, now and later; <see langword="null"/> takes the configuration's method.</summary>
    public FetchMethod? Method { get; init; }

    /// <summary>Whether it must have a valid signature, whatever the configuration says.</summary>
    public bool RequireSignature { get; init; }

    /// <summary>The disk sizes, in bytes, for which targets are kept ready.</summary>
    public IReadOnlyList<long> TargetSizes { get; init; } = [];

    /// <summary>Whether it is fetched at once.</summary>
    public bool Fetch { get; init; } = true;

    /// <summary>Reads a size as the configuration writes sizes: bytes, or a number with a unit such as 20GiB.</summary>
    /// <returns><see langword="null"/> when it is none.</returns>
    public static long? ParseSize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ByteSize.TryParse(text, out long bytes) && bytes > 0 ? bytes : null;
    }
}
