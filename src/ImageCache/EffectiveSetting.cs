namespace ImageCache;

/// <summary>A setting with the value in force and where it came from.</summary>
public sealed record EffectiveSetting
{
    /// <summary>The name, as <c>imagecache.yaml</c> has it.</summary>
    public required string Name { get; init; }

    /// <summary>The value in force; secrets are masked.</summary>
    public required object? Value { get; init; }

    /// <summary>Parameter, Environment, imagecache.yaml, nova.conf or Default.</summary>
    public required SettingSource Source { get; init; }

    /// <summary>The parameter, variable, or file with its line, that gave it.</summary>
    public string? Origin { get; init; }

    /// <summary>What it means, in a sentence.</summary>
    public required string Description { get; init; }
}
