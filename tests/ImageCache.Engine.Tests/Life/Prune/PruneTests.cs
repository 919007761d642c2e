using System.Globalization;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Prune;

/// <summary>What is unused and old leaves; what is needed stays, and stays from nova too.</summary>
public sealed class PruneTests : IAsyncDisposable
{
    private static readonly TimeSpan s_old = TimeSpan.FromDays(3);

    private readonly EngineBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task What_is_unused_and_old_goes_with_its_record_and_all_else_stays_with_its_reason()
    {
        string unused = await FetchOldAsync("unused");
        string used = await FetchOldAsync("used");
        await Qemu.OverlayAsync(Disk("one"), _bed.BasePath(used));
        Age(_bed.BasePath(used));
        string critical = await FetchOldAsync("critical");
        MakeCritical(critical);
        string young = await FetchAsync("young");
        string foreign = Write(new string('0', 40));
        string unknown = Write("README", s_old);

        IReadOnlyList<PruneDecision> decisions = await PruneAsync();

        AssertDecision(decisions, _bed.BasePath(unused), PruneAction.Remove, "unused for 3d");
        AssertDecision(decisions, _bed.BasePath(used), PruneAction.Keep, $"in use by {Disk("one")}");
        AssertDecision(decisions, _bed.BasePath(critical), PruneAction.Keep, "critical");
        AssertDecision(decisions, _bed.BasePath(young), PruneAction.Keep, "too young");
        AssertDecision(decisions, foreign, PruneAction.Keep, "too young");
        AssertDecision(decisions, unknown, PruneAction.Keep, "unknown file");
        Assert.Equal(6, decisions.Count);
        Assert.All(decisions, static decision => Assert.True(decision.Done));
        Assert.Equal([Disk("one")], decisions.Single(decision => decision.Path == _bed.BasePath(used)).UsedBy);
        Assert.False(File.Exists(_bed.BasePath(unused)));
        Assert.Equal(RecordState.Missing, _bed.RecordOf(unused).State);
        Assert.All([used, critical], id => Assert.True(AgeOf(_bed.BasePath(id)) < TimeSpan.FromMinutes(5), "nova would take it"));
        Assert.True(AgeOf(unknown) > TimeSpan.FromDays(2), "what is unknown was touched");
        Assert.Contains(_bed.Events(), told => told.GetProperty("event").GetString() == "pruned" && told.GetProperty("path").GetString() == _bed.BasePath(unused));
        Assert.Empty(_bed.Leftovers());
    }

    [Fact]
    public async Task A_plan_changes_nothing_and_is_what_is_done()
    {
        string unused = await FetchOldAsync("unused");
        string used = await FetchOldAsync("used");
        await Qemu.OverlayAsync(Disk("one"), _bed.BasePath(used));
        Age(_bed.BasePath(used));
        ImageCacheEngine engine = _bed.Open();

        PrunePlan plan = await engine.PlanPruneAsync(describe: false, _bed.Monitor, Token);

        Assert.True(AgeOf(_bed.BasePath(used)) > TimeSpan.FromDays(2), "a plan touched a file");
        _bed.AssertWhole(unused, await File.ReadAllBytesAsync(_bed.BasePath(unused), Token));
        IReadOnlyList<PruneDecision> done = await RunAsync(engine, plan);
        Assert.Equal(Told(plan.Decisions), Told(done));
    }

    [Fact]
    public async Task What_nova_never_cleans_goes_when_nobody_writes_it()
    {
        string image = new('a', 40);
        string part = Write(image + ".part", s_old);
        string converted = Write(image + ".converted", s_old);
        string resized = Write(image + "_20", s_old);
        string small = Write(image + "_5", s_old);
        string swap = Write("swap_1024", s_old);
        string ephemeral = Write("ephemeral_20_40d1d2c", s_old);
        string young = Write(new string('b', 40) + ".part");
        string open = Write(new string('c', 40) + ".part", s_old);
        string almost = Write("swap_x", s_old);
        using FileStream writer = new(open, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);

        IReadOnlyList<PruneDecision> decisions = await PruneAsync();

        AssertDecision(decisions, part, PruneAction.Remove, "orphaned temporary");
        AssertDecision(decisions, converted, PruneAction.Remove, "orphaned temporary");
        AssertDecision(decisions, resized, PruneAction.Remove, "legacy resized");
        AssertDecision(decisions, small, PruneAction.Remove, "legacy resized");
        AssertDecision(decisions, swap, PruneAction.Remove, "unused for");
        AssertDecision(decisions, ephemeral, PruneAction.Remove, "unused for");
        AssertDecision(decisions, young, PruneAction.Keep, "too young");
        AssertDecision(decisions, open, PruneAction.Keep, "a process has it open");
        AssertDecision(decisions, almost, PruneAction.Keep, "unknown file");
    }

    [Fact]
    public async Task Templates_that_disks_use_stay_and_become_young()
    {
        string swap = Write("swap_1024", s_old);
        string resized = Write(new string('a', 40) + "_20", s_old);
        await Qemu.OverlayAsync(_bed.Directory["instances/one/disk.swap"], swap);
        await Qemu.OverlayAsync(Disk("one"), resized);
        Age(swap);
        Age(resized);
        IReadOnlyList<PruneDecision> decisions = await PruneAsync();
        Assert.All([swap, resized], path => AssertDecision(decisions, path, PruneAction.Keep, "in use by"));
        Assert.All([swap, resized], path => Assert.True(AgeOf(path) < TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public async Task An_unused_target_goes_before_its_base_and_a_young_one_keeps_it()
    {
        string first = await FetchOldAsync("first");
        string second = await FetchOldAsync("second");
        string old = await TargetAsync(first, 1 << 20);
        Age(old);
        string young = await TargetAsync(second, 1 << 20);
        IReadOnlyList<PruneDecision> decisions = await PruneAsync();
        AssertDecision(decisions, old, PruneAction.Remove, "target of first");
        AssertDecision(decisions, _bed.BasePath(first), PruneAction.Remove, "unused");
        AssertDecision(decisions, young, PruneAction.Keep, "too young");
        AssertDecision(decisions, _bed.BasePath(second), PruneAction.Keep, "its target");
    }

    [Fact]
    public async Task A_disk_on_a_target_keeps_both_files_below_it()
    {
        string image = await FetchOldAsync("image");
        string target = await TargetAsync(image, 1 << 20);
        await Qemu.OverlayAsync(Disk("one"), target, "qcow2");
        Age(target);
        Age(_bed.BasePath(image));
        IReadOnlyList<PruneDecision> decisions = await PruneAsync();
        Assert.All([target, _bed.BasePath(image)], path => AssertDecision(decisions, path, PruneAction.Keep, "in use by"));
        Assert.All([target, _bed.BasePath(image)], path => Assert.True(AgeOf(path) < TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public async Task An_unreadable_disk_keeps_all_that_it_might_use()
    {
        string image = await FetchOldAsync("image");
        Directory.CreateDirectory(_bed.Directory["instances/broken"]);
        await File.WriteAllBytesAsync(Disk("broken"), [0x51, 0x46, 0x49, 0xfb, 0, 0, 0, 9], Token);
        string part = Write(new string('a', 40) + ".part", s_old);
        IReadOnlyList<PruneDecision> decisions = await PruneAsync();
        AssertDecision(decisions, _bed.BasePath(image), PruneAction.Keep, "disk unreadable");
        AssertDecision(decisions, part, PruneAction.Remove, "orphaned");
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{\"schemaVersion\": 99}")]
    public async Task An_unreadable_list_of_critical_images_keeps_everything(string content)
    {
        string image = await FetchOldAsync("image");
        string part = Write(new string('a', 40) + ".part", s_old);
        await File.WriteAllTextAsync(Path.Join(_bed.Layout.PrivatePath, CacheLayout.CriticalName), content, Token);
        IReadOnlyList<PruneDecision> decisions = await PruneAsync();
        Assert.All([_bed.BasePath(image), part], path => AssertDecision(decisions, path, PruneAction.Keep, "critical list unreadable"));
    }

    [Fact]
    public async Task A_file_of_the_future_is_kept()
    {
        string path = Write(new string('0', 40), TimeSpan.FromDays(-2));
        AssertDecision(await PruneAsync(), path, PruneAction.Keep, "ahead of the clock");
    }

    [Fact]
    public async Task A_locked_image_is_kept_in_the_plan_and_while_it_is_carried_out()
    {
        string before = await FetchOldAsync("before");
        string after = await FetchOldAsync("after");
        ImageCacheEngine engine = _bed.Open();
        using BaseFileLock first = BaseFileLock.TryAcquire(_bed.Layout.LockPath(CacheLayout.BaseName(before)))!;
        PrunePlan plan = await engine.PlanPruneAsync(describe: false, _bed.Monitor, Token);
        AssertDecision(plan.Decisions, _bed.BasePath(before), PruneAction.Keep, "locked");
        AssertDecision(plan.Decisions, _bed.BasePath(after), PruneAction.Remove, "unused");
        using BaseFileLock second = BaseFileLock.TryAcquire(_bed.Layout.LockPath(CacheLayout.BaseName(after)))!;
        IReadOnlyList<PruneDecision> done = await RunAsync(engine, plan);
        Assert.All([before, after], id => AssertDecision(done, _bed.BasePath(id), PruneAction.Keep, "locked"));
        Assert.True(File.Exists(_bed.BasePath(after)));
    }

    [Theory]
    [InlineData("disk", "in use by")]
    [InlineData("touch", "it changed")]
    [InlineData("replace", "it changed")]
    [InlineData("critical", "critical")]
    [InlineData("target", "its target")]
    public async Task What_changes_after_the_plan_saves_the_file(string change, string reason)
    {
        string image = await FetchOldAsync("image");
        string path = _bed.BasePath(image);
        ImageCacheEngine engine = _bed.Open();
        PrunePlan plan = await engine.PlanPruneAsync(describe: false, _bed.Monitor, Token);
        AssertDecision(plan.Decisions, path, PruneAction.Remove, "unused");
        await (change switch
        {
            "disk" => Qemu.OverlayAsync(Disk("late"), path),
            "target" => TargetAsync(image, 1 << 20),
            _ => Task.CompletedTask,
        });
        switch (change)
        {
            case "touch":
                File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
                break;
            case "replace":
                byte[] content = await File.ReadAllBytesAsync(path, Token);
                File.Delete(path);
                await File.WriteAllBytesAsync(path, content, Token);
                Age(path);
                break;
            case "critical":
                MakeCritical(image);
                break;
        }

        AssertDecision(await RunAsync(engine, plan), path, PruneAction.Keep, reason);
        Assert.True(File.Exists(path));
    }

    [Fact]
    public async Task What_nova_removes_meanwhile_is_no_failure()
    {
        string image = await FetchOldAsync("image");
        ImageCacheEngine engine = _bed.Open();
        PrunePlan plan = await engine.PlanPruneAsync(describe: false, _bed.Monitor, Token);
        File.Delete(_bed.BasePath(image));
        PruneDecision decision = Assert.Single(await RunAsync(engine, plan));
        Assert.Equal((PruneAction.Remove, true, null), (decision.Action, decision.Done, decision.Error));
        Assert.Contains("somebody else removed it first", decision.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_declined_stays()
    {
        string kept = await FetchOldAsync("kept");
        string unused = await FetchOldAsync("unused");
        ImageCacheEngine engine = _bed.Open();
        PrunePlan plan = await engine.PlanPruneAsync(describe: false, _bed.Monitor, Token);
        IReadOnlyList<PruneDecision> done = await RunAsync(engine, plan.Keeping([plan.Decisions.Single(decision => decision.ImageId == kept)]));
        AssertDecision(done, _bed.BasePath(kept), PruneAction.Keep, "kept by request");
        Assert.True(File.Exists(_bed.BasePath(kept)) && !File.Exists(_bed.BasePath(unused)));
    }

    [Fact]
    public async Task A_symbolic_link_that_is_not_ours_is_neither_followed_nor_removed()
    {
        string target = _bed.Directory["elsewhere"];
        await File.WriteAllTextAsync(target, "precious", Token);
        string link = Path.Join(_bed.CachePath, new string('0', 40));
        File.CreateSymbolicLink(link, target);
        Directory.CreateDirectory(Path.Join(_bed.CachePath, new string('1', 40)));
        IReadOnlyList<PruneDecision> decisions = await PruneAsync();
        AssertDecision(decisions, link, PruneAction.Keep, "a link that is not ours");
        AssertDecision(decisions, Path.Join(_bed.CachePath, new string('1', 40)), PruneAction.Keep, "a directory");
        Assert.Equal("precious", await File.ReadAllTextAsync(target, Token));
    }

    [Fact]
    public async Task A_record_without_a_file_goes_after_its_age()
    {
        string image = await FetchAsync("image");
        File.Delete(_bed.BasePath(image));
        AssertDecision(await PruneAsync(), _bed.Layout.RecordPath(CacheLayout.BaseName(image)), PruneAction.Keep, "too young");
        Age(_bed.Layout.RecordPath(CacheLayout.BaseName(image)));
        AssertDecision(await PruneAsync(), _bed.Layout.RecordPath(CacheLayout.BaseName(image)), PruneAction.Remove, "record without a file");
        Assert.Equal(RecordState.Missing, _bed.RecordOf(image).State);
    }

    [Fact]
    public async Task A_record_of_a_newer_version_keeps_its_image()
    {
        string image = await FetchOldAsync("image");
        string record = _bed.Layout.RecordPath(CacheLayout.BaseName(image));
        await File.WriteAllTextAsync(record, (await File.ReadAllTextAsync(record, Token)).Replace("\"schemaVersion\": 1", "\"schemaVersion\": 99", StringComparison.Ordinal), Token);
        AssertDecision(await PruneAsync(), _bed.BasePath(image), PruneAction.Keep, "a newer version");
    }

    [Fact]
    public async Task Over_the_cap_only_as_much_goes_as_must_and_nothing_young()
    {
        _bed.Settings["prune_when_needed"] = "true";
        string[] images = [await FetchOldAsync("one"), await FetchOldAsync("two"), await FetchAsync("young")];
        Assert.All(await PruneAsync(), static decision => Assert.Equal(PruneAction.Keep, decision.Action));
        Assert.All(images, id => Assert.True(File.Exists(_bed.BasePath(id))));
        long each = FileSize(_bed.BasePath(images[0]));
        _bed.Settings["maximum_size"] = (2 * each).ToString(CultureInfo.InvariantCulture);
        Assert.Contains("over cap", Assert.Single(await PruneAsync(), static decision => decision.Action == PruneAction.Remove).Reason, StringComparison.Ordinal);
        _bed.Settings["maximum_size"] = "1";
        Assert.Single(await PruneAsync(), static decision => decision.Action == PruneAction.Remove);
        Assert.True(File.Exists(_bed.BasePath(images[2])), "a young one went for room");
    }

    [Fact]
    public async Task A_cache_that_cannot_be_written_can_be_planned_and_is_not_touched()
    {
        using SmallFileSystem disk = SmallFileSystem.Mount(_bed.Directory["small"], "size=8m");
        _bed.CachePath = Path.Join(disk.FullPath, "_base");
        Directory.CreateDirectory(_bed.CachePath);
        string image = await FetchOldAsync("image");
        disk.MakeReadOnly();
        ImageCacheEngine engine = _bed.Open();
        PrunePlan plan = await engine.PlanPruneAsync(describe: false, _bed.Monitor, Token);
        AssertDecision(plan.Decisions, _bed.BasePath(image), PruneAction.Remove, "unused");
        IReadOnlyList<PruneDecision> done = await RunAsync(engine, plan);
        Assert.All(done, static decision => Assert.False(decision.Done));
        Assert.All(done, static decision => Assert.NotNull(decision.Error));
        Assert.True(File.Exists(_bed.BasePath(image)));
    }

    private string Disk(string instance) => _bed.Directory[$"instances/{instance}/disk"];

    private async Task<string> FetchAsync(string name)
    {
        FakeImage image = _bed.Cloud.Add(new FakeImage { Name = name, Data = TestData.Noise(512 * 100, seed: name.Length) });
        await _bed.FetchAsync(image.Id);
        return image.Id;
    }

    private async Task<string> FetchOldAsync(string name)
    {
        string id = await FetchAsync(name);
        Age(_bed.BasePath(id));
        return id;
    }

    private string Write(string name, TimeSpan age = default)
    {
        string path = Path.Join(_bed.CachePath, name);
        File.WriteAllBytes(path, TestData.Noise(4096));
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow - age);
        return path;
    }

    private async Task<string> TargetAsync(string image, long size)
    {
        string path = _bed.Layout.TargetPath(CacheLayout.BaseName(image), size);
        await Qemu.OverlayAsync(path, _bed.BasePath(image));
        return path;
    }

    private void MakeCritical(string image)
    {
        string path = Path.Join(_bed.Layout.PrivatePath, CacheLayout.CriticalName);
        File.WriteAllText(path, $$"""{"schemaVersion":1,"images":[{"id":"{{image}}","descriptor":{"id":"{{image}}"},"registeredAt":"2026-01-01T00:00:00Z"}]}""");
    }

    private async Task<IReadOnlyList<PruneDecision>> PruneAsync()
    {
        ImageCacheEngine engine = _bed.Open();
        return await RunAsync(engine, await engine.PlanPruneAsync(describe: false, _bed.Monitor, Token));
    }

    private async Task<IReadOnlyList<PruneDecision>> RunAsync(ImageCacheEngine engine, PrunePlan plan)
    {
        List<PruneDecision> decisions = [];
        await foreach (PruneDecision decision in engine.PruneAsync(plan, _bed.Monitor, Token))
        {
            decisions.Add(decision);
        }

        return decisions;
    }

    private static IEnumerable<(string, PruneAction, string)> Told(IEnumerable<PruneDecision> decisions)
        => decisions.Select(static decision => (decision.Path, decision.Action, decision.Reason));

    private static void Age(string path) => File.SetLastWriteTimeUtc(path, DateTime.UtcNow - s_old);

    private static TimeSpan AgeOf(string path) => DateTime.UtcNow - File.GetLastWriteTimeUtc(path);

    private static long FileSize(string path) => Native.Posix.FileStatus.OfPath(path)!.Value.Allocated;

    private static void AssertDecision(IReadOnlyList<PruneDecision> decisions, string path, PruneAction action, string reason)
    {
        PruneDecision decision = Assert.Single(decisions, decision => decision.Path == path);
        Assert.Equal(action, decision.Action);
        Assert.Contains(reason, decision.Reason, StringComparison.Ordinal);
        Assert.Null(decision.Error);
    }
}
