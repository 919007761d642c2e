using ImageCache.Engine.Configuration;
using ImageCache.Engine.Formats;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Transfer;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Life;

/// <summary>
/// Compares a file without a record with what Glance has. The file's name is a hash of the image's id, so that all ids are asked for
/// once; only bytes that nova left as Glance has them can be compared.
/// </summary>
internal sealed class GlanceComparison(ImageCacheConfiguration configuration, CloudConnection cloud, ContentCheck content)
{
    private Dictionary<string, ImageDescriptor>? _images;

    /// <summary>Finds the image whose file this would be; all images are asked for once.</summary>
    /// <exception cref="ImageCacheException">Glance cannot be asked.</exception>
    public async Task<ImageDescriptor?> FindAsync(string baseName, CancellationToken cancellationToken)
    {
        if (_images is null)
        {
            Dictionary<string, ImageDescriptor> images = new(StringComparer.Ordinal);
            await foreach (ImageDescriptor image in cloud.Glance.ListAsync(new FindRequest { Visibility = "all" }, cancellationToken).ConfigureAwait(false))
            {
                images[CacheLayout.BaseName(image.Id)] = image;
            }

            _images = images;
        }

        return _images.GetValueOrDefault(baseName);
    }

    /// <summary>Compares.</summary>
    /// <param name="entry">The file.</param>
    /// <param name="image">The image, as Glance has it.</param>
    /// <param name="result">What is known of the file.</param>
    /// <param name="limiter">The rate limit, if any.</param>
    /// <param name="progress">Counts the bytes.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ImageCacheException">The file cannot be read.</exception>
    public async Task<IntegrityResult> RunAsync(
        CacheEntry entry, ImageDescriptor? image, IntegrityResult result, RateLimiter? limiter, WorkProgress progress, CancellationToken cancellationToken)
    {
        if (image is null)
        {
            return result with { Reason = "no record tells of it, and Glance shows no image whose file it would be" };
        }

        result = result with { Id = image.Id, Name = image.Name };
        DigestExpectation expectation = DigestExpectation.Of(image);
        if (expectation.Expected is not { } expected)
        {
            return result with { Reason = "no record tells of it, and Glance has no digest of the image" };
        }

        if (IsConverted(image))
        {
            return result with { Reason = $"no record tells of it; nova converts {image.DiskFormat} images, and what came out cannot be compared with what Glance has" };
        }

        result = result with { Expected = expected.ToString() };
        if (image.Size is { } size && size != entry.Status.Size)
        {
            return result with { Status = IntegrityStatus.Damaged, Reason = $"no record tells of it; the file has {entry.Status.Size} bytes, the image in Glance {size}" };
        }

        ContentComparison seen = await content
            .CompareInBackgroundAsync(entry.Path, expected, limiter, progress, cancellationToken)
            .ConfigureAwait(false);
        string weakly = expectation.Status == DigestStatus.Weak ? ", an MD5 only" : string.Empty;
        return result with
        {
            Status = seen.IsIntact ? IntegrityStatus.Intact : IntegrityStatus.Damaged,
            Actual = seen.Actual?.ToString(),
            Reason = seen.IsIntact
                ? $"no record tells of it; it has the digest of the image in Glance{weakly}"
                : $"no record tells of it, and it differs from the image in Glance{weakly}",
        };
    }

    private bool IsConverted(ImageDescriptor image)
        => configuration.ForceRawImages
            && !(DiskFormatNames.TryParse(image.DiskFormat, out ImageFormat? format) && DiskFormatNames.IsRawData(format.Value));
}
