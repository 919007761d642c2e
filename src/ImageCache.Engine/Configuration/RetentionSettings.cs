using System.Globalization;

namespace ImageCache.Engine.Configuration;

/// <summary>The settings of what leaves the cache; those that nova has too bear nova's names.</summary>
internal static class RetentionSettings
{
    private static readonly NovaOption s_removeUnused = new("image_cache", "remove_unused_base_images")
    {
        Deprecated = [new(NovaOption.DefaultGroup, "remove_unused_base_images")],
    };

    private static readonly NovaOption s_originalAge = new("image_cache", "remove_unused_original_minimum_age_seconds")
    {
        Deprecated = [new(NovaOption.DefaultGroup, "remove_unused_original_minimum_age_seconds")],
    };

    private static readonly NovaOption s_resizedAge = new("image_cache", "remove_unused_resized_minimum_age_seconds")
    {
        Deprecated = [new("libvirt", "remove_unused_resized_minimum_age_seconds")],
    };

    // Longer than any timer: these are compared with the times of files.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(36_500);

    private static readonly SettingFormat<TimeSpan> s_age = new(
        "a time of up to 36500 days, in seconds or with a unit (3600, 12h, 7d),",
        static raw => ParseAge(raw.Text));

    private static readonly SettingFormat<TimeSpan?> s_ownAge = new(
        "a time of up to 36500 days, in seconds or with a unit (3600, 12h, 7d), or none,",
        static raw => IsNone(raw) ? null : ParseAge(raw.Text));

    private static readonly SettingFormat<int?> s_score = WholeOrNone(1, 1_000_000);
    private static readonly SettingFormat<int?> s_percent = WholeOrNone(1, 100);

    /// <summary>The settings, in the order in which they are shown.</summary>
    public static IEnumerable<SettingDefinition> All() => [.. Ages(), .. Ways(), .. Room()];

    private static IEnumerable<SettingDefinition> Ages() =>
    [
        new SettingDefinition<bool>("remove_unused_base_images", "Whether maintenance removes what is unused; a prune that is asked for does so in any case.", SettingFormats.Flag)
        {
            Get = static c => c.Retention.RemoveUnusedBaseImages,
            Set = static (c, value) => c with { Retention = c.Retention with { RemoveUnusedBaseImages = value } },
            FromNova = NovaSource.Option(s_removeUnused, SettingFormats.Flag),
        },
        new SettingDefinition<TimeSpan>("remove_unused_original_minimum_age_seconds", "How long unused base images, swap and ephemeral files stay.", s_age)
        {
            Get = static c => c.Retention.OriginalMinimumAge,
            Set = static (c, value) => c with { Retention = c.Retention with { OriginalMinimumAge = value } },
            FromNova = NovaSource.Option(s_originalAge, s_age),
        },
        new SettingDefinition<TimeSpan>("remove_unused_resized_minimum_age_seconds", "How long unused base images that old versions of nova resized stay.", s_age)
        {
            Get = static c => c.Retention.ResizedMinimumAge,
            Set = static (c, value) => c with { Retention = c.Retention with { ResizedMinimumAge = value } },
            FromNova = NovaSource.Option(s_resizedAge, s_age),
        },
        new SettingDefinition<TimeSpan?>("prune_minimum_age", "The same for ImageCache alone, in place of nova's two ages; none leaves it to them.", s_ownAge)
        {
            Get = static c => c.Retention.MinimumAge,
            Set = static (c, value) => c with { Retention = c.Retention with { MinimumAge = value } },
        },
        new SettingDefinition<TimeSpan>("prune_orphan_age", "How long downloads, conversions and records that belong to nothing stay.", s_age)
        {
            Get = static c => c.Retention.OrphanAge,
            Set = static (c, value) => c with { Retention = c.Retention with { OrphanAge = value } },
        },
        new SettingDefinition<TimeSpan>("prune_target_age", "How long unused targets stay.", s_age)
        {
            Get = static c => c.Retention.TargetAge,
            Set = static (c, value) => c with { Retention = c.Retention with { TargetAge = value } },
        },
    ];

    private static IEnumerable<SettingDefinition> Ways() =>
    [
        new SettingDefinition<bool>("prune_quarantine", "Whether unused base images are set aside first.", SettingFormats.Flag)
        {
            Get = static c => c.Retention.Quarantine,
            Set = static (c, value) => c with { Retention = c.Retention with { Quarantine = value } },
        },
        new SettingDefinition<TimeSpan>("prune_quarantine_grace", "How long what was set aside is kept.", s_age)
        {
            Get = static c => c.Retention.QuarantineGrace,
            Set = static (c, value) => c with { Retention = c.Retention with { QuarantineGrace = value } },
        },
        new SettingDefinition<bool>("prune_when_needed", "Whether unused base images stay, past their age, until room is needed.", SettingFormats.Flag)
        {
            Get = static c => c.Retention.WhenNeeded,
            Set = static (c, value) => c with { Retention = c.Retention with { WhenNeeded = value } },
        },
        new SettingDefinition<int?>("prune_popular_score", "The popularity from which on an unused image stays until room is needed, or none.", s_score)
        {
            Get = static c => c.Retention.PopularScore,
            Set = static (c, value) => c with { Retention = c.Retention with { PopularScore = value } },
        },
    ];

    private static IEnumerable<SettingDefinition> Room() =>
    [
        new SettingDefinition<int?>("prune_high_watermark", "Percent of the file system in use above which a prune makes room, or none.", s_percent)
        {
            Get = static c => c.Retention.HighWatermark,
            Set = static (c, value) => c with { Retention = c.Retention with { HighWatermark = value } },
        },
        new SettingDefinition<int?>("prune_low_watermark", "Percent of the file system in use at which enough room was made; none is the high one.", s_percent)
        {
            Get = static c => c.Retention.LowWatermark,
            Set = static (c, value) => c with { Retention = c.Retention with { LowWatermark = value } },
        },
    ];

    private static TimeSpan ParseAge(string text)
        => TimeText.TryParse(text.Trim(), out TimeSpan age) && age >= TimeSpan.Zero && age <= s_longest ? age : throw new FormatException();

    // Here nought is a value of its own: no age at all.
    private static bool IsNone(RawSetting raw) => raw.Text.Trim().Equals("none", StringComparison.OrdinalIgnoreCase);

    private static SettingFormat<int?> WholeOrNone(int minimum, int maximum) => new(
        $"a whole number from {minimum} to {maximum}, or none,",
        raw => IsNone(raw) ? null
            : int.TryParse(raw.Text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= minimum && number <= maximum ? number
            : throw new FormatException());
}
