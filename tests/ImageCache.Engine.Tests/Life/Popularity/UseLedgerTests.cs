using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Life.Popularity;
using ImageCache.Engine.Store;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Popularity;

/// <summary>How uses are counted and fade.</summary>
public sealed class UseLedgerTests
{
    private static readonly DateTimeOffset s_start = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly UseDecay s_decay = new(TimeSpan.FromDays(7));
    private static readonly string s_base = CacheLayout.BaseName("a");

    [Fact]
    public void A_use_counts_half_after_a_half_life()
    {
        UseLedger ledger = new(s_decay, []);
        ledger.NoteUse("a", s_start);
        Assert.Equal(1, Score(ledger, s_start), 9);
        Assert.Equal(0.5, Score(ledger, s_start.AddDays(7)), 9);
        ledger.NoteUse("a", s_start.AddDays(7));
        Assert.Equal(1.5, Score(ledger, s_start.AddDays(7)), 9);
        Assert.Equal(2, Entry(ledger).TotalUses);
    }

    [Fact]
    public void Fading_never_makes_a_score_larger_negative_or_no_number()
        => Prop.ForAll<double, DateTime, (DateTime, DateTime)>((score, at, moments) =>
        {
            (DateTime one, DateTime other) = moments;
            DateTimeOffset early = Utc(one < other ? one : other);
            DateTimeOffset late = Utc(one < other ? other : one);
            double before = s_decay.At(score, Utc(at), early);
            double after = s_decay.At(score, Utc(at), late);
            return after <= before && after >= 0 && double.IsFinite(before) && (!(score > 0) || before <= score);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Whatever_the_clock_does_a_use_adds_to_the_score_and_none_is_lost()
        => Prop.ForAll<DateTime[]>(times =>
        {
            UseLedger ledger = new(s_decay, []);
            foreach (DateTime time in times)
            {
                double before = ledger.Entries.Count == 0 ? 0 : Score(ledger, Utc(time));
                ledger.NoteUse("a", Utc(time));
                if (Math.Abs(Score(ledger, Utc(time)) - before - 1) > 1e-6)
                {
                    return false;
                }
            }

            return times.Length == 0 || Entry(ledger).TotalUses == times.Length;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_same_disk_is_counted_once_however_often_it_is_seen()
        => Prop.ForAll<byte[][]>(scans =>
        {
            UseLedger ledger = new(s_decay, []);
            HashSet<ulong> there = [];
            long expected = 0;
            DateTimeOffset now = s_start;
            foreach (byte[] scan in scans)
            {
                HashSet<ulong> seen = [.. scan.Select(static disk => (ulong)disk)];
                expected += seen.Count(disk => !there.Contains(disk));
                there = seen;
                now = now.AddHours(1);
                ledger.NoteDisks(Disks(seen), isComplete: true, now);
                // What is written and read again counts the same.
                ledger = new UseLedger(s_decay, ledger.Worthwhile(now));
            }

            return (ledger.Entries.SingleOrDefault()?.TotalUses ?? 0) == expected
                && DiskMarks.Count(ledger.Entries.SingleOrDefault()?.Disks ?? []) == there.Count;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_disk_that_could_not_be_read_for_a_while_is_no_new_use()
    {
        UseLedger ledger = new(s_decay, []);
        ledger.NoteDisks(Disks([1, 2]), isComplete: true, s_start);
        ledger.NoteDisks(Disks([1]), isComplete: false, s_start);
        ledger.NoteDisks(Disks([]), isComplete: false, s_start);
        ledger.NoteDisks(Disks([1, 2]), isComplete: true, s_start);
        Assert.Equal(2, Entry(ledger).TotalUses);
        ledger.NoteDisks(Disks([]), isComplete: true, s_start);
        ledger.NoteDisks(Disks([1, 2]), isComplete: true, s_start);
        Assert.Equal(4, Entry(ledger).TotalUses);
    }

    [Fact]
    public void What_has_faded_is_forgotten_unless_disks_are_on_it()
    {
        UseLedger ledger = new(s_decay, []);
        ledger.NoteUse("asked for", s_start);
        ledger.NoteDisks(Disks([1]), isComplete: true, s_start);
        Assert.Equal(2, ledger.Worthwhile(s_start.AddDays(60)).Count);
        Assert.Equal(s_base, Assert.Single(ledger.Worthwhile(s_start.AddDays(80))).BaseName);
    }

    [Fact]
    public void No_more_is_kept_than_there_is_room_for_and_the_most_popular_stay()
    {
        UseLedger ledger = new(s_decay, []);
        for (int index = 0; index < UseLedger.MostImages + 50; index++)
        {
            ledger.NoteUse($"image-{index}", s_start.AddMinutes(index));
        }

        ledger.NoteDisks(Disks([.. Enumerable.Range(0, UseLedger.MostDisks + 9).Select(static disk => (ulong)disk)]), isComplete: true, s_start);
        IReadOnlyList<PopularityEntry> kept = ledger.Worthwhile(s_start.AddDays(1));
        Assert.Equal(UseLedger.MostImages, kept.Count);
        Assert.Equal(UseLedger.MostDisks, kept.Sum(static entry => DiskMarks.Count(entry.Disks)));
        Assert.Contains(kept, static entry => entry.Id == $"image-{UseLedger.MostImages + 49}");
        Assert.DoesNotContain(kept, static entry => entry.Id == "image-0");
    }

    [Fact]
    public void A_full_statistic_is_small_enough_to_be_read_again()
    {
        string name = new('ж', 255);
        IEnumerable<PopularityEntry> entries = Enumerable.Range(0, UseLedger.MostImages).Select(index => new PopularityEntry
        {
            BaseName = CacheLayout.BaseName($"{index}"), Id = $"{index}", Name = name, Owner = name, Visibility = name, Score = index, ScoredAt = s_start, LastUsedAt = s_start,
        });
        byte[] bytes = PopularityBytes.Of(new PopularityDocument { Images = new UseLedger(s_decay, entries).Worthwhile(s_start) });
        Assert.InRange(bytes.Length, 1, DocumentBytes.Largest);
        PopularityDocument read = StoredJson.Parse<PopularityDocument>(bytes);
        Assert.NotEmpty(read.Images);
        Assert.Equal($"{UseLedger.MostImages - 1}", read.Images[0].Id);
    }

    [Fact]
    public void A_time_to_come_that_a_wrong_clock_left_behind_does_not_last()
    {
        UseLedger ledger = new(s_decay, []);
        ledger.NoteUse("a", s_start.AddYears(10));
        PopularityEntry kept = Assert.Single(ledger.Worthwhile(s_start));
        Assert.Equal((s_start, s_start), (kept.ScoredAt, kept.LastUsedAt));
        Assert.Equal(0.5, s_decay.At(kept.Score, kept.ScoredAt, s_start.AddDays(7)), 9);
    }

    [Fact]
    public void A_renamed_disk_is_the_same_and_a_reused_inode_is_not()
    {
        Assert.Equal(DiskMarks.Of("/i/one/disk", 7, 100), DiskMarks.Of("/i/one_resize/disk", 7, 100));
        Assert.NotEqual(DiskMarks.Of("/i/one/disk", 7, 100), DiskMarks.Of("/i/one/disk", 7, 101));
        Assert.NotEqual(DiskMarks.Of("/i/one/disk", 7, null), DiskMarks.Of("/i/two/disk", 7, null));
    }

    private static Dictionary<string, IReadOnlySet<ulong>> Disks(HashSet<ulong> disks)
        => disks.Count == 0 ? [] : new() { [s_base] = disks };

    private static PopularityEntry Entry(UseLedger ledger) => Assert.Single(ledger.Entries);

    private static double Score(UseLedger ledger, DateTimeOffset now) => ledger.ScoreOf(Entry(ledger), now);

    private static DateTimeOffset Utc(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
