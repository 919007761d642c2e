using ImageCache.Engine.OpenStack.Http;

namespace ImageCache.Engine.OpenStack.Clouds;

/// <summary>Lays the values of the chosen region over an entry that lists <c>regions</c>.</summary>
internal static class CloudRegion
{
    /// <summary>The entry as it is in its region.</summary>
    /// <param name="cloud">The cloud's name.</param>
    /// <param name="entry">Its entry.</param>
    /// <param name="preferred">The region to take when the entry lists several and names none.</param>
    /// <exception cref="InvalidInputException">The region is not one of those listed.</exception>
    public static ConfigNode Select(string cloud, ConfigNode entry, string? preferred)
    {
        if (entry["regions"] is not { Items: { Count: > 0 } regions } list)
        {
            return entry;
        }

        string? wanted = entry["region_name"]?.Text is { Length: > 0 } named ? named : preferred;
        ConfigNode? region = wanted is null ? regions[0] : regions.FirstOrDefault(item => Name(item) == wanted);
        if (region is null || Name(region) is not { } name)
        {
            throw new InvalidInputException(
                ErrorIds.CloudNotConfigured,
                Redactor.Printable($"The cloud '{cloud}' has no region '{wanted}' ({list.Position}); it has {string.Join(", ", regions.Select(Name))}."),
                nextStep: "Correct region_name in the entry, or OS_REGION_NAME.");
        }

        ConfigNode chosen = new(region.File, region.Line) { Text = name };
        Dictionary<string, ConfigNode> map = new(entry.Under(region["values"]).Map!, StringComparer.Ordinal) { ["region_name"] = chosen };
        return new ConfigNode(entry.File, entry.Line) { Map = map };
    }

    private static string? Name(ConfigNode region) => region.Text ?? region["name"]?.Text;
}
