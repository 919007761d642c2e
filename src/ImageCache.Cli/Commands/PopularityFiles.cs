using System.Text.Json;
using ImageCache.Engine.Life.Popularity;

namespace ImageCache.Cli.Commands;

/// <summary>Reads files with what <c>popularity --json</c> wrote on other nodes: one object a line.</summary>
internal static class PopularityFiles
{
    private const int LongestLine = 64 << 10;

    /// <summary>Reads them; a line that tells nothing is reported, and the others count.</summary>
    public static async Task<IReadOnlyList<ImagePopularity>> ReadAsync(IEnumerable<string> files, Invocation invocation, CancellationToken cancellationToken)
    {
        List<ImagePopularity> images = [];
        foreach (string file in files)
        {
            try
            {
                using TextReader reader = file == "-" ? Console.In : new StreamReader(file);
                while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
                {
                    Take(line, file, images, invocation);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                invocation.Fail(PopularityImport.Unreadable(file, e), file);
            }
        }

        return images;
    }

    private static void Take(string line, string file, List<ImagePopularity> images, Invocation invocation)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(line.Length <= LongestLine ? line : string.Empty);
            JsonElement root = document.RootElement;
            images.Add(PopularityImport.Read(name => root.ValueKind == JsonValueKind.Object && root.TryGetProperty(JsonNamingPolicy.CamelCase.ConvertName(name), out JsonElement value)
                ? Plain(value)
                : null));
        }
        catch (JsonException e)
        {
            invocation.Fail(PopularityImport.Unreadable(file, e), file);
        }
        catch (InvalidInputException e)
        {
            invocation.Fail(e, e.ImageId ?? file);
        }
    }

    private static string? Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.Null => null,
        _ => value.ValueKind.ToString(),
    };
}
