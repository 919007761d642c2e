namespace ImageCache.Engine.Configuration;

/// <summary>What was written for settings, level by level, the strongest first.</summary>
/// <param name="Levels">Parameters, environment, imagecache.yaml: raw settings by name.</param>
/// <param name="Nova">What nova.conf says, below them.</param>
internal sealed record SettingLayers(IReadOnlyList<IReadOnlyDictionary<string, RawSetting>> Levels, NovaConf Nova)
{
    /// <summary>What the strongest level says about a setting.</summary>
    public RawSetting? Find(string name)
    {
        foreach (IReadOnlyDictionary<string, RawSetting> level in Levels)
        {
            if (level.TryGetValue(name, out RawSetting? raw))
            {
                return raw;
            }
        }

        return null;
    }
}
