using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Popularity;

/// <summary>
/// Tells names, owners and sizes of the images of the statistic, without a service: from the records, and for images that nova brought from
/// what searches last saw, for the name of a base file is the hash of the image's id.
/// </summary>
/// <param name="layout">The cache.</param>
/// <param name="records">What is recorded.</param>
/// <param name="remembered">The images that searches last saw.</param>
internal sealed class ImageDescriber(CacheLayout layout, RecordStore records, Func<IEnumerable<ImageFacts>> remembered)
{
    /// <summary>Describes the images that are not fully described.</summary>
    public void Describe(UseLedger ledger)
    {
        List<string> strange = [.. ledger.Entries
            .Where(static entry => entry.Id is null || entry.Visibility is null)
            .Select(static entry => entry.BaseName)
            .Where(baseName => !TryDescribe(ledger, baseName))];
        if (strange.Count == 0)
        {
            return;
        }

        ILookup<string, ImageFacts> known = remembered().Where(static facts => facts.Id is not null).ToLookup(static facts => CacheLayout.BaseName(facts.Id!), StringComparer.Ordinal);
        foreach (string baseName in strange)
        {
            ledger.Describe(baseName, known[baseName].FirstOrDefault() ?? new ImageFacts(null, null, null, null, LengthOf(baseName)));
        }
    }

    private bool TryDescribe(UseLedger ledger, string baseName)
    {
        if (records.Read(baseName).Record is not { } record)
        {
            return false;
        }

        ledger.Describe(baseName, ImageFacts.Of(record.Descriptor) with { Size = record.Descriptor.Size ?? record.Size });
        return true;
    }

    private long? LengthOf(string baseName)
    {
        try
        {
            return FileStatus.OfPath(layout.BasePath(baseName)) is { IsRegular: true } status ? status.Size : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
