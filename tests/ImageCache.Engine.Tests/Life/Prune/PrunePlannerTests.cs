using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Life.Prune;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Prune;

/// <summary>What holds of every plan, whatever lies in the cache and whatever is configured.</summary>
public sealed class PrunePlannerTests
{
    [Fact]
    public void Nothing_goes_that_is_in_use_or_critical_or_locked_or_unknown_or_open_or_young()
        => ForAll(static world => Leaving(world).All(file => !IsProtected(file, world)));

    [Fact]
    public void Nothing_goes_while_a_disk_cannot_be_read_that_may_be_built_on_it()
        => ForAll(static world => world.Facts.Usage.Unreadable.Count == 0 || Leaving(world).All(static file => !file.MayHaveDisks));

    [Fact]
    public void Nothing_goes_while_nobody_can_tell_what_is_critical()
        => ForAll(static world => world.Facts.Critical.IsComplete || !Leaving(world).Any());

    [Fact]
    public void A_base_image_stays_as_long_as_a_target_on_it()
        => ForAll(static world =>
        {
            IReadOnlyList<PruneStep> plan = Plan(world);
            HashSet<string?> kept = [.. plan.Where(static step => step.File.Kind == PruneKind.Target && step.Decision.Action == PruneAction.Keep).Select(static step => step.File.BaseName)];
            return plan.Where(static step => step.File.IsBase && step.Decision.Action != PruneAction.Keep).All(step => !kept.Contains(step.File.BaseName));
        });

    [Fact]
    public void The_cap_is_met_when_it_can_be()
        => ForAll(static world =>
        {
            IReadOnlyList<PruneStep> plan = Plan(world);
            long held = plan.Where(static step => step.Decision.Action != PruneAction.Remove).Sum(static step => step.File.Allocated);
            return world.Policy.MaximumSize is not { } cap || held <= cap || !Spare(plan).Any();
        });

    [Fact]
    public void The_low_watermark_is_met_when_it_can_be()
        => ForAll(static world =>
        {
            if (world.Policy.Retention.HighWatermark is not { } high || world.Facts.Capacity == 0)
            {
                return true;
            }

            IReadOnlyList<PruneStep> plan = Plan(world);
            long leaving = plan.Where(static step => step.Decision.Action == PruneAction.Remove).Sum(static step => step.File.Allocated);
            long used = world.Facts.Capacity - world.Facts.Free - leaving;
            return used * 100 <= world.Facts.Capacity * high || !Spare(plan).Any();
        });

    [Fact]
    public void No_more_goes_for_room_than_is_needed()
        => ForAll(static world =>
        {
            PrunePolicy roomy = world.Policy with { MaximumSize = null, Retention = world.Policy.Retention with { HighWatermark = null } };
            long before = PrunePlanner.Plan(world.Facts, roomy).Where(static step => step.Decision.Action != PruneAction.Remove).Sum(static step => step.File.Allocated);
            PrunePolicy capped = roomy with { MaximumSize = before };
            return PrunePlanner.Plan(world.Facts, capped).Select(static step => (step.File, step.Decision.Action))
                .SequenceEqual(PrunePlanner.Plan(world.Facts, roomy).Select(static step => (step.File, step.Decision.Action)));
        });

    [Fact]
    public void The_same_facts_give_the_same_plan_in_whatever_order_they_come()
        => ForAll(static world =>
        {
            PruneFile[] files = [.. world.Facts.Files.DistinctBy(static file => (file.Place, file.Name))];
            IEnumerable<(string, PruneAction, string)> Told(IReadOnlyList<PruneFile> order) => PrunePlanner.Plan(world.Facts with { Files = order }, world.Policy)
                .Select(static step => (step.File.Name, step.Decision.Action, step.Decision.Reason));
            return Told(files).SequenceEqual(Told([.. files.Reverse()]));
        });

    [Fact]
    public void Every_file_has_one_decision_with_a_reason()
        => ForAll(static world =>
        {
            IReadOnlyList<PruneStep> plan = Plan(world);
            return plan.Count == world.Facts.Files.Count && plan.All(static step => step.Decision.Reason.Length > 0 && !step.Decision.Done);
        });

    [Fact]
    public void Where_hosts_share_a_directory_no_age_is_below_novas()
        => ForAll(static world => PrunePlanner.Plan(world.Facts with { IsShared = true }, world.Policy)
            .Where(static step => step.Decision.Action != PruneAction.Keep && step.File.IsBase)
            .All(step => world.Facts.Now - step.File.Since >= world.Policy.Retention.OriginalMinimumAge));

    [Fact]
    public void The_least_valuable_goes_first()
    {
        PruneWorld any = new(1);
        PruneFile cheap = Base("cheap", BaseImageMethod.RbdExport);
        PruneFile dear = Base("dear", BaseImageMethod.Download);
        PruneFile lost = Base("lost", method: null);
        PruneFacts facts = any.Facts with
        {
            Files = [lost, dear, cheap],
            Usage = new(new Dictionary<string, IReadOnlyList<string>>(), new Dictionary<string, string>()),
            Critical = new(ImageCache.Engine.Store.RecordState.Missing, new Dictionary<string, Engine.Life.Critical.CriticalEntry>()),
            Popularity = Engine.Life.Popularity.PopularityReading.Empty,
            Locked = new HashSet<string>(),
        };
        PrunePolicy policy = new(new() { WhenNeeded = true }, 200);
        Assert.Equal(["cheap"], Going(facts, policy));
        Assert.Equal(["cheap", "dear"], Going(facts, policy with { MaximumSize = 100 }));
        Assert.Equal([], Going(facts, policy with { MaximumSize = 300 }));

        PruneFile Base(string name, BaseImageMethod? method) => new()
        {
            Name = name, BaseName = name, Place = PrunePlace.Base, Path = name, Kind = PruneKind.BaseImage, Size = 100, Allocated = 100, Method = method,
            Since = any.Facts.Now.AddDays(-3),
        };
    }

    private static IEnumerable<string> Going(PruneFacts facts, PrunePolicy policy)
        => PrunePlanner.Plan(facts, policy).Where(static step => step.Decision.Action == PruneAction.Remove).Select(static step => step.File.Name);

    private static bool IsProtected(PruneFile file, PruneWorld world)
    {
        PruneFacts facts = world.Facts;
        return file.Kind == PruneKind.Unknown
            || file.Problem is not null
            || file.IsOpen
            || facts.Locked.Contains(file.LockName)
            || facts.Usage.IsUsed(file.UsageName)
            || (file.MayHaveDisks && file.BaseName is { } image && facts.Critical.Images.ContainsKey(image))
            || file.Since > facts.Now
            || facts.Now - file.Since < world.Policy.AgeOf(file.Kind, facts.IsShared);
    }

    private static IEnumerable<PruneFile> Leaving(PruneWorld world)
        => Plan(world).Where(static step => step.Decision.Action != PruneAction.Keep).Select(static step => step.File);

    // What might still have gone for room.
    private static IEnumerable<PruneStep> Spare(IReadOnlyList<PruneStep> plan)
        => plan.Where(static step => step.Verdict.IsSpare && step.Decision.Action != PruneAction.Remove && step.File.Allocated > 0);

    private static IReadOnlyList<PruneStep> Plan(PruneWorld world) => PrunePlanner.Plan(world.Facts, world.Policy);

    private static void ForAll(Func<PruneWorld, bool> holds)
        => Prop.ForAll<int>(seed => holds(new PruneWorld(seed))).Check(Config.QuickThrowOnFailure.WithMaxTest(1500).WithEndSize(int.MaxValue));
}
