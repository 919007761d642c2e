using System.Text.Json.Nodes;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Popularity;

/// <summary>The uses of images on this node as they are kept in <c>popularity.json</c>.</summary>
internal sealed record PopularityDocument : IStoredDocument<PopularityDocument>
{
    /// <summary>The schema that this engine writes.</summary>
    public const int CurrentSchema = 1;

    public int SchemaVersion { get; init => field = value is 0 ? CurrentSchema : value; } = CurrentSchema;

    public IReadOnlyList<PopularityEntry> Images { get; init => field = value ?? []; } = [];

    public JsonObject? Original { get; init; }

    static int IStoredDocument<PopularityDocument>.NewestSchema => CurrentSchema;

    public PopularityDocument WithOriginal(JsonObject? original) => this with { Original = original };
}
