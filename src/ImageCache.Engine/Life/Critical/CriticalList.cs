using System.Text.Json.Nodes;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Critical;

/// <summary>The critical set as it is kept in <c>critical.json</c>.</summary>
internal sealed record CriticalList : IStoredDocument<CriticalList>
{
    /// <summary>The schema that this engine writes.</summary>
    public const int CurrentSchema = 1;

    public int SchemaVersion { get; init => field = value is 0 ? CurrentSchema : value; } = CurrentSchema;

    public IReadOnlyList<CriticalEntry> Images { get; init => field = value ?? []; } = [];

    public JsonObject? Original { get; init; }

    static int IStoredDocument<CriticalList>.NewestSchema => CurrentSchema;

    public CriticalList WithOriginal(JsonObject? original) => this with { Original = original };
}
