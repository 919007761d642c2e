using ImageCache.Engine.Life.Critical;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Critical;

/// <summary>What Glance's record of today means for an image that was registered.</summary>
public sealed class FreshnessTests
{
    private static readonly DateTimeOffset s_then = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly ImageDescriptor s_image = new()
    {
        Id = "one",
        Name = "debian",
        Size = 100,
        HashAlgorithm = "sha512",
        HashValue = new string('a', 128),
        CreatedAt = s_then,
        UpdatedAt = s_then,
    };

    private static readonly CriticalEntry s_entry = new() { Id = "one", Descriptor = s_image, RegisteredAt = s_then, RegisteredAs = "debian" };

    [Fact]
    public void The_same_record_is_fresh()
    {
        GlanceWord word = Freshness.Judge(s_entry, s_image, []);
        Assert.True(word.IsSame);
        Assert.Null(word.Reason);
    }

    [Fact]
    public void Other_metadata_are_told_and_taken_over()
    {
        GlanceWord word = Freshness.Judge(s_entry, s_image with { UpdatedAt = s_then.AddHours(1), Name = "debian-old" }, []);
        Assert.True(word.IsSame);
        Assert.Contains("2026-01-02T04:04:05Z", word.Reason, StringComparison.Ordinal);
        Assert.Equal("debian-old", word.Descriptor.Name);
    }

    [Fact]
    public void No_record_is_gone_and_the_snapshot_stays()
    {
        GlanceWord word = Freshness.Judge(s_entry, null, []);
        Assert.Equal(CriticalStatus.GoneFromGlance, word.Status);
        Assert.Same(s_image, word.Descriptor);
    }

    [Theory]
    [InlineData("deactivated", CriticalStatus.Deactivated)]
    [InlineData("pending_delete", CriticalStatus.GoneFromGlance)]
    [InlineData("queued", CriticalStatus.GoneFromGlance)]
    public void Another_status_is_told_and_the_snapshot_stays(string status, CriticalStatus expected)
    {
        GlanceWord word = Freshness.Judge(s_entry, s_image with { Status = status }, []);
        Assert.Equal(expected, word.Status);
        Assert.Equal("active", word.Descriptor.Status);
    }

    [Fact]
    public void Other_data_under_the_id_are_stale_and_the_snapshot_stays()
    {
        ImageDescriptor now = s_image with { HashValue = new string('b', 128) };
        GlanceWord word = Freshness.Judge(s_entry, now, []);
        Assert.Equal(CriticalStatus.Stale, word.Status);
        Assert.Same(s_image, word.Descriptor);
        Assert.Same(now, word.Successor);
    }

    [Fact]
    public void Another_size_is_other_data_where_no_digests_can_be_compared()
        => Assert.Equal(CriticalStatus.Stale, Freshness.Judge(s_entry, s_image with { HashAlgorithm = "md6", HashValue = "x", Size = 101 }, []).Status);

    [Fact]
    public void A_digest_that_is_none_ends_nothing()
        => Assert.True(Freshness.Judge(s_entry, s_image with { HashValue = "no digest" }, []).IsSame);

    [Fact]
    public void A_newer_image_of_the_registered_name_takes_its_place()
    {
        ImageDescriptor newer = s_image with { Id = "two", CreatedAt = s_then.AddDays(1) };
        ImageDescriptor newest = s_image with { Id = "three", CreatedAt = s_then.AddDays(2) };
        GlanceWord word = Freshness.Judge(s_entry, s_image, [newer, s_image, newest]);
        Assert.Equal(CriticalStatus.Stale, word.Status);
        Assert.Same(newest, word.Successor);
        Assert.Contains("three", word.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, "active", "debian")]
    [InlineData(1, "queued", "debian")]
    [InlineData(1, "active", "Debian")]
    public void What_is_older_not_active_or_named_otherwise_takes_nobodys_place(int days, string status, string name)
        => Assert.True(Freshness.Judge(s_entry, s_image, [s_image with { Id = "two", CreatedAt = s_then.AddDays(days), Status = status, Name = name }]).IsSame);
}
