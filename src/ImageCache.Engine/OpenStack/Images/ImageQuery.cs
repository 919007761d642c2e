using ImageCache.Engine.Requests;

namespace ImageCache.Engine.OpenStack.Images;

/// <summary>Writes the query of an image list. Source: Images API v2, "List images".</summary>
internal sealed class ImageQuery
{
    /// <summary>The most that Glance gives at once.</summary>
    public const int PageSize = 1000;

    // These steer the list itself; as the name of a property they would do something else than filter.
    private static readonly string[] Steering = ["limit", "marker", "sort", "sort_key", "sort_dir", "changes-since", "member_status", "tag"];

    private readonly List<string> _pairs = [$"limit={PageSize}"];

    /// <summary>What the service can filter by itself.</summary>
    /// <exception cref="InvalidInputException">A property has a name that cannot be searched by.</exception>
    public static ImageQuery From(FindRequest request)
    {
        ImageQuery query = new();
        query.AddIfAny("owner", request.Owner).AddIfAny("visibility", request.Visibility).AddIfAny("status", request.Status);
        foreach (string tag in request.Tags)
        {
            query.Add("tag", tag);
        }

        foreach ((string name, string value) in request.Properties)
        {
            query.Add(Searchable(name), value);
        }

        return query;
    }

    public ImageQuery Add(string name, string value)
    {
        _pairs.Add($"{Uri.EscapeDataString(name)}={Uri.EscapeDataString(value)}");
        return this;
    }

    /// <summary>Adds a filter for one exact value, also when it begins like the operator <c>in:</c>.</summary>
    public ImageQuery AddExact(string name, string value)
        => Add(name, value.StartsWith("in:", StringComparison.Ordinal) ? $"in:\"{value}\"" : value);

    /// <summary>Adds a filter for one of several values.</summary>
    public ImageQuery AddOneOf(string name, IEnumerable<string> values)
        => Add(name, "in:" + string.Join(',', values.Select(static value => $"\"{value}\"")));

    public override string ToString() => string.Join('&', _pairs);

    /// <summary>Whether a value can be given with the operator <c>in:</c>, or exactly when it begins like that.</summary>
    public static bool CanQuote(string value) => !value.Contains('"', StringComparison.Ordinal);

    private ImageQuery AddIfAny(string name, string? value) => string.IsNullOrEmpty(value) ? this : Add(name, value);

    private static string Searchable(string property) => Steering.Contains(property) || property.Length == 0
        ? throw new InvalidInputException(ErrorIds.InvalidReference, $"Images cannot be searched by a property named '{property}'.", nextStep: "Search by another property.")
        : property;
}
