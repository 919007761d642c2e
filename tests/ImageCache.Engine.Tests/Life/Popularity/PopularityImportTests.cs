using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Life.Popularity;
using ImageCache.Engine.Store;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Popularity;

/// <summary>What other nodes told comes back from JSON, CSV or anywhere.</summary>
public sealed class PopularityImportTests
{
    [Fact]
    public void Text_stands_for_numbers_and_times()
    {
        ImagePopularity read = Read(new() { ["Id"] = "a", ["Score"] = "1.5", ["Uses"] = "3", ["TotalUses"] = "12.0", ["Node"] = "n", ["MeasuredAt"] = "2026-11-21T12:00:00Z", ["LastUsedAt"] = "", ["Size"] = null });
        Assert.Equal((1.5, 3, 12, "n"), (read.Score, read.Uses, read.TotalUses, read.Node));
        Assert.Equal(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero), read.MeasuredAt);
        Assert.Equal((CacheLayout.BaseName("a"), 1), (read.BaseName, read.Nodes));
        Assert.Null(read.LastUsedAt);
    }

    [Fact]
    public void A_file_of_an_image_without_an_id_is_known_by_its_name()
        => Assert.Equal(CacheLayout.BaseName("a"), Read(new() { ["BaseName"] = CacheLayout.BaseName("a"), ["Score"] = 1 }).BaseName);

    [Fact]
    public void The_file_of_an_id_is_its_hash_whatever_was_told()
        => Assert.Equal(CacheLayout.BaseName("a"), Read(new() { ["Id"] = "a", ["BaseName"] = CacheLayout.BaseName("b"), ["Score"] = 1 }).BaseName);

    public static TheoryData<string, object?> Nonsense => new()
    {
        { "Score", "much" }, { "Score", -1 }, { "Score", double.NaN }, { "Score", double.PositiveInfinity }, { "Score", "1e300" }, { "Score", true }, { "Score", null },
        { "Uses", "-3" }, { "TotalUses", "99999999999999999999" }, { "Size", new object() }, { "LastUsedAt", "once" }, { "MeasuredAt", 7 },
        { "Id", "../../etc/passwd" }, { "Id", "a\nb" }, { "Id", null },
    };

    [Theory]
    [MemberData(nameof(Nonsense))]
    public void What_tells_nothing_is_an_error(string property, object? value)
    {
        InvalidInputException error = Assert.Throws<InvalidInputException>(() => Read(new() { ["Id"] = "a", ["Score"] = 1, [property] = value }));
        Assert.Equal(ErrorIds.PopularityInvalid, error.ErrorId);
    }

    [Fact]
    public void Whatever_it_is_told_it_gives_an_image_or_the_one_error()
        => Prop.ForAll<string, string, string>((score, number, time) =>
        {
            try
            {
                ImagePopularity read = Read(new() { ["Id"] = "a", ["Score"] = score, ["Uses"] = number, ["LastUsedAt"] = time });
                return double.IsFinite(read.Score) && read.Score >= 0 && read.Uses >= 0;
            }
            catch (InvalidInputException)
            {
                return true;
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Numbers_of_another_culture_are_read()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo.CurrentCulture = comma;
        try
        {
            Assert.Equal(1.5, Read(new() { ["Id"] = "a", ["Score"] = "1,5" }).Score);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static ImagePopularity Read(Dictionary<string, object?> properties) => PopularityImport.Read(name => properties.GetValueOrDefault(name));
}
