namespace ImageCache.Engine.Life.Critical;

/// <summary>One critical image while it is brought in order.</summary>
internal sealed class CriticalWork(string subject, CriticalEntry entry)
{
    /// <summary>What the user calls it.</summary>
    public string Subject { get; } = subject;

    public CriticalEntry Entry { get; set; } = entry;

    /// <summary>What Glance says; <see langword="null"/> when it could not be asked.</summary>
    public GlanceWord? Word { get; set; }

    /// <summary>Whether a file that no disk uses is replaced by what Glance has now.</summary>
    public bool Replace { get; set; }

    /// <summary>Whether its link is to give way to a file, because the volume cannot be reached.</summary>
    public bool WithoutLink { get; set; }

    /// <summary>What was found wrong with the bytes.</summary>
    public string? Damage { get; set; }

    /// <summary>What went wrong.</summary>
    public ImageCacheException? Error { get; set; }

    /// <summary>Whether a fetch was tried.</summary>
    public bool WasFetched { get; set; }
}
