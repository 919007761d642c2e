namespace ImageCache.Engine.Tests.Faults;

/// <summary>A request that the server has seen.</summary>
public sealed record FaultRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    /// <summary>The path, without the query and not decoded.</summary>
    public string Path => Target.Split('?', 2)[0];

    /// <summary>The query's pairs, decoded, in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Query { get; } = ParseQuery(Target);

    /// <summary>The first value of a query parameter.</summary>
    public string? QueryValue(string name)
        => Query.Where(pair => pair.Key == name).Select(static pair => pair.Value).FirstOrDefault();

    /// <summary>A header's value.</summary>
    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>The body as text.</summary>
    public string Text => System.Text.Encoding.UTF8.GetString(Body);

    private static List<KeyValuePair<string, string>> ParseQuery(string target)
    {
        string[] halves = target.Split('?', 2);
        List<KeyValuePair<string, string>> pairs = [];
        if (halves.Length < 2)
        {
            return pairs;
        }

        foreach (string part in halves[1].Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] sides = part.Split('=', 2);
            pairs.Add(new(Decode(sides[0]), sides.Length > 1 ? Decode(sides[1]) : string.Empty));
        }

        return pairs;
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
