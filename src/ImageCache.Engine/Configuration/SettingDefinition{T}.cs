namespace ImageCache.Engine.Configuration;

/// <summary>A setting whose values have a type.</summary>
internal sealed class SettingDefinition<T>(string name, string description, SettingFormat<T> format) : SettingDefinition(name, description)
{
    /// <summary>Reads the value in force back, so that what is shown is what is used.</summary>
    public required Func<ImageCacheConfiguration, T> Get { get; init; }

    /// <summary>Sets the value.</summary>
    public required Func<ImageCacheConfiguration, T, ImageCacheConfiguration> Set { get; init; }

    /// <summary>Reads it out of nova.conf; <see langword="null"/> for settings that nova does not know.</summary>
    public Func<NovaConf, NovaValue<T>?>? FromNova { get; init; }

    /// <summary>Turns the value into what a person is shown.</summary>
    public Func<T, object?> Show { get; init; } = static value => value;

    /// <inheritdoc/>
    public override void Check(RawSetting raw) => Parse(raw);

    /// <inheritdoc/>
    public override ImageCacheConfiguration Apply(ImageCacheConfiguration configuration, SettingLayers layers)
    {
        if (layers.Find(Name) is { } raw)
        {
            return Shown(Set(configuration, Parse(raw)), raw.Source, raw.Origin);
        }

        return FromNova?.Invoke(layers.Nova) is { } nova
            ? Shown(Set(configuration, nova.Value), SettingSource.NovaConf, nova.Origin)
            : Shown(configuration, SettingSource.Default, null);
    }

    private ImageCacheConfiguration Shown(ImageCacheConfiguration configuration, SettingSource source, string? origin)
    {
        EffectiveSetting setting = new()
        {
            Name = Name,
            Value = Show(Get(configuration)),
            Source = source,
            Origin = origin,
            Description = Description,
        };
        return configuration with { Settings = [.. configuration.Settings, setting] };
    }

    private T Parse(RawSetting raw)
    {
        try
        {
            return format.Parse(raw);
        }
        catch (FormatException)
        {
            throw ConfigurationErrors.BadValue(raw, format.Expected);
        }
    }
}
