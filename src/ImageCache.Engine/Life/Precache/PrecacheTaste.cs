using ImageCache.Engine.Configuration;

namespace ImageCache.Engine.Life.Precache;

/// <summary>Which images are brought for their popularity: whose they are and who may see them. Named images are brought whatever they are.</summary>
internal sealed class PrecacheTaste(ImageCacheConfiguration configuration)
{
    private readonly bool _takesEveryOwner = configuration.PrecacheOwners.Count == 0 || configuration.PrecacheOwners.Contains("*");

    /// <summary>Whether an image is wanted; <see langword="null"/> when more must be known of it.</summary>
    public bool? Wants(string? owner, string? visibility)
        => visibility is not null && !configuration.PrecacheVisibilities.Contains(visibility, StringComparer.OrdinalIgnoreCase) ? false
            : !_takesEveryOwner && owner is not null && !configuration.PrecacheOwners.Contains(owner, StringComparer.OrdinalIgnoreCase) ? false
            : visibility is null || (!_takesEveryOwner && owner is null) ? null
            : true;
}
