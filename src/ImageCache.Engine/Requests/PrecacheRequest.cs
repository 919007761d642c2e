using ImageCache.Engine.Configuration;

namespace ImageCache.Engine.Requests;

/// <summary>Which images to bring before they are asked for. What is named comes first, then criticals, then a query, else the most popular.</summary>
public sealed record PrecacheRequest
{
    /// <summary>No jitter is longer: timers of the platform have an end.</summary>
    public static TimeSpan LongestJitter { get; } = TimeSpan.FromDays(7);

    /// <summary>Ids or unique names.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>The critical images.</summary>
    public bool Critical { get; init; }

    /// <summary>What Glance is searched for; <see langword="null"/> searches for nothing.</summary>
    public FindRequest? Query { get; init; }

    /// <summary>At most so many; <see langword="null"/> is what is configured for the most popular, and all of anything else.</summary>
    public int? First { get; init; }

    /// <summary>What other nodes told of their images' popularity, summed with this node's.</summary>
    public IReadOnlyList<ImagePopularity> Imported { get; init; } = [];

    /// <summary>Bytes that this run may bring, as Glance tells the images' sizes; <see langword="null"/> sets no limit.</summary>
    public long? MaximumSize { get; init; }

    /// <summary>The longest random delay before anything begins; <see langword="null"/> takes the configuration's.</summary>
    public TimeSpan? Jitter { get; init; }

    /// <summary>How many images come at once; <see langword="null"/> takes the configuration's.</summary>
    public int? ThrottleLimit { get; init; }

    /// <summary>The method; <see langword="null"/> takes the configuration's, and for a critical image its own.</summary>
    public FetchMethod? Method { get; init; }

    /// <summary>Refuse what has no valid signature.</summary>
    public bool RequireSignature { get; init; }

    /// <summary>Reads a size as the configuration writes them: bytes, or a number with a unit.</summary>
    /// <returns><see langword="null"/> when it is none.</returns>
    public static long? ParseSize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ByteSize.TryParse(text, out long bytes) ? bytes : null;
    }

    /// <summary>Reads a jitter: seconds, or a number with ms, s, m, h or d, of up to 7 days.</summary>
    /// <returns><see langword="null"/> when it is none.</returns>
    public static TimeSpan? ParseJitter(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TimeText.TryParse(text, out TimeSpan jitter) && jitter >= TimeSpan.Zero && jitter <= LongestJitter ? jitter : null;
    }

    /// <summary>Whether images are chosen for their popularity alone.</summary>
    internal bool IsByPopularity => Images.Count == 0 && !Critical && Query is null;
}
