using System.Text.Json.Serialization;
using ImageCache.Engine.Life.Critical;
using ImageCache.Engine.Life.Disks;
using ImageCache.Engine.Life.Popularity;
using ImageCache.Engine.Volumes;

namespace ImageCache.Engine.Store;

/// <summary>
/// Everything of ours that is stored as JSON, known when it is compiled: looking types up by reflection and making code for them costs a
/// command that lives for a moment more than its work. What the JSON looks like is said by who uses it.
/// </summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ImageRecord))]
[JsonSerializable(typeof(CriticalList))]
[JsonSerializable(typeof(PopularityDocument))]
[JsonSerializable(typeof(TargetRecord))]
[JsonSerializable(typeof(VolumeHold))]
[JsonSerializable(typeof(CacheEvent))]
[JsonSerializable(typeof(NotedUse))]
internal sealed partial class StoredJsonContext : JsonSerializerContext;
