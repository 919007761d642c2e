using System.Globalization;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Life.Critical;

/// <summary>
/// Compares an image as it was registered with what Glance has. The data of an image never change (Images API v2), so that other data under
/// an id mean that the id was used again (OSSN-0075); other metadata mean nothing for the file.
/// </summary>
internal static class Freshness
{
    /// <summary>Judges.</summary>
    /// <param name="entry">The image as it was registered.</param>
    /// <param name="now">What Glance has under its id; <see langword="null"/> when that is nothing.</param>
    /// <param name="namesakes">The images that have the name by which it was registered, if it was by name.</param>
    public static GlanceWord Judge(CriticalEntry entry, ImageDescriptor? now, IReadOnlyList<ImageDescriptor> namesakes)
    {
        ImageDescriptor then = entry.Descriptor;
        ImageDescriptor? successor = Newest(entry, namesakes);
        GlanceWord word = now switch
        {
            null => new(CriticalStatus.GoneFromGlance, "Glance has no image with this id any more", then),
            { Status: "deactivated" } => new(CriticalStatus.Deactivated, "it is deactivated in Glance", then),
            { Status: not "active" } => new(CriticalStatus.GoneFromGlance, $"its status in Glance is '{now.Status}'", then),
            _ when OtherData(then, now) is { } difference
                => new(CriticalStatus.Stale, $"Glance has other data under this id, which was used again: {difference}", then, now),
            _ when now.UpdatedAt != then.UpdatedAt => new(CriticalStatus.Present, $"its record was changed in Glance{At(now.UpdatedAt)}; the data are the same", now),
            _ => new(CriticalStatus.Present, null, now),
        };
        return successor is null ? word : word with
        {
            Status = word.IsSame ? CriticalStatus.Stale : word.Status,
            Reason = $"{(word.Reason is { } reason ? reason + "; " : string.Empty)}the name '{entry.RegisteredAs}' means the image {successor.Id} by now",
            Successor = successor,
        };
    }

    // The newest active image of the name, if it came after ours; an older one that was renamed is no successor.
    private static ImageDescriptor? Newest(CriticalEntry entry, IReadOnlyList<ImageDescriptor> namesakes)
        => namesakes
            .Where(image => image.Status == "active" && image.Name == entry.RegisteredAs && image.Id != entry.Id && image.CreatedAt > entry.Descriptor.CreatedAt)
            .MaxBy(static image => image.CreatedAt);

    private static string? OtherData(ImageDescriptor then, ImageDescriptor now)
    {
        ImageDigest? former = DigestOf(then);
        ImageDigest? current = DigestOf(now);
        return former?.Algorithm == current?.Algorithm && former != current ? $"{current}, not {former}"
            : then.Size > 0 && now.Size > 0 && then.Size != now.Size ? string.Create(CultureInfo.InvariantCulture, $"{now.Size} bytes, not {then.Size}")
            : null;
    }

    // What is no digest cannot be compared; a fetch refuses it.
    private static ImageDigest? DigestOf(ImageDescriptor image)
    {
        try
        {
            return DigestExpectation.Of(image).Expected;
        }
        catch (VerificationException)
        {
            return null;
        }
    }

    private static string At(DateTimeOffset? time)
        => time is { } known ? string.Create(CultureInfo.InvariantCulture, $" at {known.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}") : string.Empty;
}
