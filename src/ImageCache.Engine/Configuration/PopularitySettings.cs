namespace ImageCache.Engine.Configuration;

/// <summary>The settings of the popularity of images, and of bringing popular ones early.</summary>
internal static class PopularitySettings
{
    private static readonly string[] Visibilities = ["public", "community", "shared", "private"];

    private static readonly SettingFormat<TimeSpan> HalfLife = new(
        "a time from 1 minute to 10 years, in seconds or with a unit (12h, 7d),",
        static raw => TimeText.TryParse(raw.Text, out TimeSpan time) && time >= TimeSpan.FromMinutes(1) && time <= TimeSpan.FromDays(3653)
            ? time
            : throw new FormatException());

    /// <summary>All of them.</summary>
    public static IEnumerable<SettingDefinition> All { get; } =
    [
        new SettingDefinition<TimeSpan>("popularity_half_life", "The time after which a use of an image counts half.", HalfLife)
        {
            Get = static c => c.PopularityHalfLife,
            Set = static (c, value) => c with { PopularityHalfLife = value },
        },
        new SettingDefinition<int>("precache_count", "How many of the most popular images are brought when nothing else is said.", SettingFormats.Count(0, 1000))
        {
            Get = static c => c.PrecacheCount,
            Set = static (c, value) => c with { PrecacheCount = value },
        },
        new SettingDefinition<IReadOnlyList<string>>(
            "precache_owners", "Projects whose images are brought for their popularity; none, or *, is every project.", SettingFormats.Words)
        {
            Get = static c => c.PrecacheOwners,
            Set = static (c, value) => c with { PrecacheOwners = value },
        },
        new SettingDefinition<IReadOnlyList<string>>(
            "precache_visibilities", "Visibilities of the images that are brought for their popularity.", SettingFormats.WordsOf(Visibilities))
        {
            Get = static c => c.PrecacheVisibilities,
            Set = static (c, value) => c with { PrecacheVisibilities = value },
        },
        new SettingDefinition<TimeSpan>("precache_jitter", "The longest random delay before images are brought early, or none.", SettingFormats.TimeOrNone)
        {
            Get = static c => c.PrecacheJitter,
            Set = static (c, value) => c with { PrecacheJitter = value },
        },
    ];
}
