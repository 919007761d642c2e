using System.Text.Json.Serialization;

namespace ImageCache.Cli.Output;

/// <summary>
/// The objects of <c>--json</c>: the cmdlets' property names in camelCase, enums as their names, sizes in bytes, lengths of time in
/// seconds, points of time as RFC 3339 writes them. A property without a value is null.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    Converters = [typeof(SecondsConverter), typeof(SettingValueConverter)])]
[JsonSerializable(typeof(ImageDescriptor))]
[JsonSerializable(typeof(BaseImage))]
[JsonSerializable(typeof(InitializationResult))]
[JsonSerializable(typeof(SignatureResult))]
[JsonSerializable(typeof(IntegrityResult))]
[JsonSerializable(typeof(InstanceDisk))]
[JsonSerializable(typeof(ImagePopularity))]
[JsonSerializable(typeof(CriticalImage))]
[JsonSerializable(typeof(PruneDecision))]
[JsonSerializable(typeof(MaintenanceResult))]
[JsonSerializable(typeof(EffectiveSetting))]
[JsonSerializable(typeof(NodeCheckResult))]
[JsonSerializable(typeof(ErrorLine))]
[JsonSerializable(typeof(WarningLine))]
[JsonSerializable(typeof(VerboseLine))]
internal sealed partial class JsonContext : JsonSerializerContext;
