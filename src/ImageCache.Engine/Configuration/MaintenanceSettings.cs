namespace ImageCache.Engine.Configuration;

/// <summary>The settings of maintenance.</summary>
internal static class MaintenanceSettings
{
    /// <summary>The name of the setting with the parts to run.</summary>
    public const string StepsName = "maintain_steps";

    /// <summary>The name of the setting that says how many of the most popular images are fetched.</summary>
    public const string PrecacheName = "maintain_precache";

    /// <summary>The name of the setting that says how much is read again in one run.</summary>
    public const string SliceName = "verify_slice";

    private static readonly string[] s_words = [.. Enum.GetNames<MaintenanceStep>().Select(static name => name.ToLowerInvariant())];

    /// <summary>The settings, in the order in which they are shown.</summary>
    public static IEnumerable<SettingDefinition> All() =>
    [
        new SettingDefinition<IReadOnlyList<string>>(StepsName, "What maintenance does.", SettingFormats.WordsOf(s_words))
        {
            Get = static c => [.. c.MaintenanceSteps.Select(static step => step.ToString().ToLowerInvariant())],
            Set = static (c, value) => c with { MaintenanceSteps = [.. value.Select(static word => Enum.Parse<MaintenanceStep>(word, ignoreCase: true))] },
        },
        new SettingDefinition<int>(PrecacheName, "How many of the most popular images maintenance fetches.", SettingFormats.Count(0, 10_000))
        {
            Get = static c => c.MaintenancePrecache,
            Set = static (c, value) => c with { MaintenancePrecache = value },
        },
        new SettingDefinition<long>(SliceName, "Bytes that maintenance reads again in one run, the oldest proof first; 0 is nothing.", SettingFormats.Size())
        {
            Get = static c => c.VerifySlice,
            Set = static (c, value) => c with { VerifySlice = value },
        },
        new SettingDefinition<TimeSpan>("verify_age", "How old a proof is before maintenance reads the file again.", SettingFormats.Age)
        {
            Get = static c => c.VerifyAge,
            Set = static (c, value) => c with { VerifyAge = value },
        },
    ];
}
