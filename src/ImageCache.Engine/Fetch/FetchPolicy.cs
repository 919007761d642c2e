using ImageCache.Engine.Configuration;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Fetch;

/// <summary>What may be fetched, decided from what is known before any byte moves. Pure: the same facts, the same answer.</summary>
internal static class FetchPolicy
{
    /// <summary>Whether the caller's project must be known to decide.</summary>
    public static bool NeedsProject(ImageDescriptor image, ImageCacheConfiguration configuration)
        => image.Visibility == "private" && image.Owner is not null && !AllowsOwner(image.Owner, configuration);

    /// <summary>Refuses what must not be fetched, or not be used from the cache.</summary>
    /// <param name="image">The image.</param>
    /// <param name="configuration">The settings in force.</param>
    /// <param name="projectId">The caller's project; <see langword="null"/> when no cloud is configured at all.</param>
    /// <param name="requireSignature">Whether this request asks for a signature.</param>
    /// <exception cref="PolicyException">It is refused, and why.</exception>
    public static void Require(ImageDescriptor image, ImageCacheConfiguration configuration, string? projectId, bool requireSignature)
    {
        RequireActive(image);
        RequireVisible(image, configuration, projectId);
        RequireVerifiable(image, configuration, requireSignature);
    }

    private static void RequireActive(ImageDescriptor image)
    {
        if (image.Status != "active")
        {
            throw Refuse(ErrorIds.ImageNotActive, image, $"its status is '{image.Status}', and only active images have data to use",
                "Look at it with 'openstack image show'; reactivate it or choose another one.");
        }
    }

    private static void RequireVisible(ImageDescriptor image, ImageCacheConfiguration configuration, string? projectId)
    {
        if (image.Visibility is { } visibility && !configuration.AllowedVisibilities.Contains(visibility, StringComparer.OrdinalIgnoreCase))
        {
            throw Refuse(ErrorIds.ImageNotAllowed, image, $"its visibility is '{visibility}'", "allowed_visibilities lists what may be cached.");
        }

        if (NeedsProject(image, configuration) && projectId is not null && image.Owner != projectId)
        {
            throw Refuse(ErrorIds.ImageNotAllowed, image, "it is the private image of another project",
                "Name the owner in allowed_owners ('*' is every project), or share the image.");
        }
    }

    private static void RequireVerifiable(ImageDescriptor image, ImageCacheConfiguration configuration, bool requireSignature)
    {
        DigestStatus digest = DigestExpectation.Of(image).Status;
        if (configuration.RequireChecksum && digest == DigestStatus.Unverifiable)
        {
            throw Refuse(ErrorIds.VerificationRequired, image, "it has no digest to compare with, and one is required",
                "Images registered by location have none: upload the data through Glance, or set checksum: allow_unverifiable.");
        }

        if (!configuration.AllowWeakDigest && digest == DigestStatus.Weak)
        {
            throw Refuse(ErrorIds.VerificationRequired, image, "its only digest that can be compared is a weak one (MD5 or SHA-1)", "Upload it again, or set allow_weak_digest: true.");
        }

        if ((requireSignature || configuration.RequireSignature) && !image.IsSigned)
        {
            throw Refuse(ErrorIds.VerificationRequired, image, "it is not signed, and a signature is required", "Sign the image, or do not require it.");
        }
    }

    private static bool AllowsOwner(string owner, ImageCacheConfiguration configuration)
        => configuration.AllowedOwners.Contains("*") || configuration.AllowedOwners.Contains(owner, StringComparer.OrdinalIgnoreCase);

    private static PolicyException Refuse(string errorId, ImageDescriptor image, string reason, string? nextStep)
        => new(errorId, $"The image '{image.Id}' ({image.Name ?? "no name"}) is refused: {reason}.", image.Id, nextStep);
}
