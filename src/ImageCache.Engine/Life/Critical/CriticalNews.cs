using ImageCache.Engine.Requests;

namespace ImageCache.Engine.Life.Critical;

/// <summary>Asks Glance what it says of critical images now: one question for all ids, and one for each name that was registered.</summary>
internal static class CriticalNews
{
    /// <summary>Asks.</summary>
    /// <returns>Glance's word by the image's id; <see langword="null"/> when it cannot be asked, which <paramref name="reach"/> explains.</returns>
    public static async Task<IReadOnlyDictionary<string, GlanceWord>?> AskAsync(
        IReadOnlyList<CriticalEntry> entries, GlanceReach reach, CancellationToken cancellationToken)
    {
        List<CriticalEntry> known = [.. entries.Where(static entry => entry.SourceUri is null)];
        if (known.Count == 0)
        {
            return new Dictionary<string, GlanceWord>();
        }

        FindRequest byId = new() { ImageIds = [.. known.Select(static entry => entry.Id)] };
        if (await ListAsync(byId, reach, cancellationToken).ConfigureAwait(false) is not { } images)
        {
            return null;
        }

        Dictionary<string, GlanceWord> words = new(StringComparer.Ordinal);
        foreach (CriticalEntry entry in known)
        {
            List<ImageDescriptor> namesakes = [];
            if (entry.RegisteredAs is { } name)
            {
                if (await ListAsync(new FindRequest { Name = Literal(name) }, reach, cancellationToken).ConfigureAwait(false) is not { } found)
                {
                    return null;
                }

                namesakes = found;
            }

            ImageDescriptor? now = images.Find(image => string.Equals(image.Id, entry.Id, StringComparison.OrdinalIgnoreCase));
            words[entry.Id] = Freshness.Judge(entry, now, namesakes);
        }

        return words;
    }

    private static Task<List<ImageDescriptor>?> ListAsync(FindRequest request, GlanceReach reach, CancellationToken cancellationToken)
        => reach.AskAsync(async glance =>
        {
            List<ImageDescriptor> images = [];
            await foreach (ImageDescriptor image in glance.ListAsync(request, cancellationToken).ConfigureAwait(false))
            {
                images.Add(image);
            }

            return images;
        });

    // The name as it is: what would be a wildcard stands for itself.
    private static string Literal(string name) => string.Concat(name.Select(static c => c is '*' or '?' or '[' or ']' or '`' ? $"`{c}" : c.ToString()));
}
