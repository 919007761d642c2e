namespace ImageCache.Engine.Configuration;

/// <summary>One setting: its name, what it means, how it is read, and where it goes.</summary>
internal abstract class SettingDefinition(string name, string description)
{
    /// <summary>The key in imagecache.yaml.</summary>
    public string Name { get; } = name;

    /// <summary>What it means, in a sentence.</summary>
    public string Description { get; } = description;

    /// <summary>Environment variables that set it; an earlier one wins.</summary>
    public IReadOnlyList<string> Variables => [$"IMAGECACHE_{Name.ToUpperInvariant()}", .. OtherVariables];

    /// <summary>Variables of other programs that mean the same.</summary>
    public IReadOnlyList<string> OtherVariables { get; init; } = [];

    /// <summary>Reads a text without using it, so that an error is not hidden by a stronger level.</summary>
    /// <exception cref="InvalidInputException">It cannot be read.</exception>
    public abstract void Check(RawSetting raw);

    /// <summary>Puts the strongest value into a configuration that holds the defaults, and tells where it came from.</summary>
    /// <exception cref="InvalidInputException">nova.conf has a value that cannot be read.</exception>
    public abstract ImageCacheConfiguration Apply(ImageCacheConfiguration configuration, SettingLayers layers);
}
