using System.Globalization;
using ImageCache.Engine.OpenStack.Images;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Popularity;

/// <summary>
/// Reads what another node told of an image, out of an object that went through JSON, CSV or CLIXML: numbers and times may be text by now,
/// and nothing of it is trusted.
/// </summary>
public static class PopularityImport
{
    private const int LongestText = 255;

    /// <summary>Reads one object.</summary>
    /// <param name="property">Gives a property's value by its name; <see langword="null"/> when there is none.</param>
    /// <exception cref="InvalidInputException">It tells of no image's popularity.</exception>
    public static ImagePopularity Read(Func<string, object?> property)
    {
        ArgumentNullException.ThrowIfNull(property);
        string? id = Text(property(nameof(ImagePopularity.Id)));
        string? baseName = id is null ? Text(property(nameof(ImagePopularity.BaseName))) : null;
        if (id is null ? baseName is null || !CacheLayout.IsBaseName(baseName) : !ImageReference.IsPossibleId(id))
        {
            throw Invalid("it has no Id, and no BaseName in its place", null);
        }

        return new ImagePopularity
        {
            Id = id,
            BaseName = baseName ?? CacheLayout.BaseName(id!),
            Name = Text(property(nameof(ImagePopularity.Name))),
            Owner = Text(property(nameof(ImagePopularity.Owner))),
            Visibility = Text(property(nameof(ImagePopularity.Visibility))),
            Node = Text(property(nameof(ImagePopularity.Node))),
            Nodes = (int)Math.Clamp(Number(property, nameof(ImagePopularity.Nodes), id) ?? 1, 1, int.MaxValue),
            Score = Score(property(nameof(ImagePopularity.Score)), id),
            Uses = Number(property, nameof(ImagePopularity.Uses), id) ?? 0,
            TotalUses = Number(property, nameof(ImagePopularity.TotalUses), id) ?? 0,
            LastUsedAt = Time(property, nameof(ImagePopularity.LastUsedAt), id),
            Size = Number(property, nameof(ImagePopularity.Size), id),
            MeasuredAt = Time(property, nameof(ImagePopularity.MeasuredAt), id),
        };
    }

    /// <summary>The error of a file that cannot be read as such objects.</summary>
    public static InvalidInputException Unreadable(string file, Exception cause)
    {
        ArgumentNullException.ThrowIfNull(cause);
        return new(ErrorIds.PopularityInvalid, $"'{file}' cannot be read: {cause.Message}", null, "Give what 'imagecache popularity --json' wrote: one object a line.", cause);
    }

    private static string? Text(object? value)
        => Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 and <= LongestText } text && !text.Any(char.IsControl) ? text : null;

    private static double Score(object? value, string? id)
        => Decimal(value) is { } score and >= 0 and < 1e12 ? score : throw Invalid("its Score is no number", id);

    // A spreadsheet or a locale may have written 12 as 12.0.
    private static long? Number(Func<string, object?> property, string name, string? id)
    {
        object? value = property(name);
        return value is null or "" ? null
            : Decimal(value) is { } number and >= 0 and < 9e18 ? (long)number
            : throw Invalid($"its {name} is no number", id);
    }

    private static double? Decimal(object? value) => value switch
    {
        null or "" or bool or DateTime or DateTimeOffset => null,
        string text => Parse(text, CultureInfo.InvariantCulture) ?? Parse(text, CultureInfo.CurrentCulture),
        IConvertible number => Parse(Convert.ToString(number, CultureInfo.InvariantCulture)!, CultureInfo.InvariantCulture),
        _ => null,
    };

    private static double? Parse(string text, CultureInfo culture)
        => double.TryParse(text, NumberStyles.Float, culture, out double number) && double.IsFinite(number) ? number : null;

    private static DateTimeOffset? Time(Func<string, object?> property, string name, string? id) => property(name) switch
    {
        null or "" => null,
        DateTimeOffset time => time,
        DateTime { Kind: DateTimeKind.Unspecified } time => new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)),
        DateTime time => new DateTimeOffset(time.ToUniversalTime()),
        string text => ParseTime(text, CultureInfo.InvariantCulture) ?? ParseTime(text, CultureInfo.CurrentCulture) ?? throw Invalid($"its {name} is no time", id),
        _ => throw Invalid($"its {name} is no time", id),
    };

    private static DateTimeOffset? ParseTime(string text, CultureInfo culture)
        => DateTimeOffset.TryParse(text, culture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time : null;

    private static InvalidInputException Invalid(string why, string? id) => new(
        ErrorIds.PopularityInvalid,
        $"An object{(id is null ? string.Empty : $" for the image '{id}'")} does not tell of an image's popularity: {why}.",
        id,
        "Give what Get-ImagePopularity (imagecache popularity --json) wrote on other nodes.");
}
