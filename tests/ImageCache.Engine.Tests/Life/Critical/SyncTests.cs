using System.Diagnostics;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Critical;

/// <summary>Bringing critical images in order, with Glance and without.</summary>
public sealed class SyncTests : IAsyncDisposable
{
    private readonly CriticalBed _bed = new();
    private readonly FakeImage _image;

    public SyncTests() => _image = _bed.Node.Cloud.Add(new FakeImage { Name = "debian", Data = TestData.Noise(512 * 100) });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private EngineBed Node => _bed.Node;

    private string BasePath => Node.BasePath(_image.Id);

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task No_critical_image_needs_no_service()
    {
        _bed.CutOff();
        Assert.Empty(await _bed.TrySyncAsync());
        Assert.Empty(Node.Warnings);
    }

    [Fact]
    public async Task What_is_missing_is_fetched()
    {
        await _bed.RegisterAsync(_image.Id);
        File.Delete(BasePath);
        CriticalImage image = await _bed.SyncAsync();
        Assert.Equal(CriticalStatus.Present, image.Status);
        Assert.Null(image.Reason);
        Node.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task What_is_present_is_kept_from_novas_aging_and_keeps_its_proof_and_counts_as_no_use()
    {
        await _bed.RegisterAsync(_image.Id);
        File.SetLastWriteTimeUtc(BasePath, DateTime.UtcNow.AddDays(-30));
        await Node.Open().VerifyAsync(new VerifyRequest(), Node.Monitor, Token).ToListAsync(Token);
        long uses = Node.RecordOf(_image.Id).Record!.UseCount;
        await _bed.SyncAsync();
        Assert.InRange(File.GetLastWriteTimeUtc(BasePath), DateTime.UtcNow.AddHours(-1), DateTime.UtcNow.AddHours(1));
        Assert.Equal(uses, Node.RecordOf(_image.Id).Record!.UseCount);
        Assert.Equal(1, Node.DataRequests(_image.Id));
    }

    [Fact]
    public async Task A_file_of_another_length_is_fetched_again()
    {
        await _bed.RegisterAsync(_image.Id);
        await File.AppendAllTextAsync(BasePath, "x", Token);
        Assert.Equal(CriticalStatus.Damaged, _bed.Listed(_image.Id).Status);
        Assert.Equal(CriticalStatus.Present, (await _bed.SyncAsync()).Status);
        Node.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task Bytes_that_changed_are_found_by_reading_and_fetched_again()
    {
        await _bed.RegisterAsync(_image.Id);
        Flip();
        Assert.Equal(CriticalStatus.Present, (await _bed.SyncAsync(new CriticalSyncRequest { Verify = true })).Status);
        Node.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task A_damaged_file_is_left_and_told_while_nothing_can_take_its_place()
    {
        await _bed.RegisterAsync(_image.Id);
        Flip();
        _bed.CutOff();
        CriticalOutcome outcome = Assert.Single(await _bed.TrySyncAsync(new CriticalSyncRequest { Verify = true }));
        Assert.Equal(CriticalStatus.Damaged, outcome.Image!.Status);
        Assert.IsType<VerificationException>(outcome.Error);
        Assert.True(File.Exists(BasePath));
    }

    [Fact]
    public async Task A_damaged_file_under_a_disk_is_left_and_told()
    {
        await _bed.RegisterAsync(_image.Id);
        await Qemu.OverlayAsync(Node.Directory["instances/one/disk"], BasePath);
        Flip();
        CriticalOutcome outcome = Assert.Single(await _bed.TrySyncAsync(new CriticalSyncRequest { Verify = true }));
        Assert.Equal(CriticalStatus.Damaged, outcome.Image!.Status);
        Assert.Equal(ErrorIds.ImageInUse, outcome.Error!.ErrorId);
    }

    [Fact]
    public async Task Targets_are_made_when_it_is_registered_and_again_when_they_are_gone()
    {
        CriticalImage image = await _bed.RegisterAsync(new CriticalRequest { Image = _image.Id, TargetSizes = [1 << 20, 4 << 20] });
        Assert.Equal(CriticalStatus.Present, image.Status);
        Assert.Empty(image.MissingTargets);
        string target = Node.Layout.TargetPath(Path.GetFileName(BasePath), 1 << 20);
        File.Delete(target);
        Assert.Equal([1 << 20], _bed.Listed(_image.Id).MissingTargets);
        Assert.Equal(CriticalStatus.Incomplete, _bed.Listed(_image.Id).Status);
        _bed.CutOff();
        Assert.Equal(CriticalStatus.Present, (await _bed.SyncAsync()).Status);
        Assert.True(File.Exists(target));
    }

    [Fact]
    public async Task A_target_smaller_than_the_image_is_an_error_and_the_image_is_here()
    {
        CriticalOutcome outcome = Assert.Single(await _bed.TryRegisterAsync(new CriticalRequest { Image = _image.Id, TargetSizes = [512] }));
        Assert.Equal(ErrorIds.DiskSmallerThanImage, outcome.Error!.ErrorId);
        Assert.Equal(CriticalStatus.Incomplete, outcome.Image!.Status);
        Assert.True(outcome.Image.IsCached);
    }

    [Fact]
    public async Task A_changed_record_is_told_once()
    {
        await _bed.RegisterAsync(_image.Id);
        Node.Cloud.Add(_image with { Name = "debian-old", Extra = new() { ["updated_at"] = "2026-05-05T05:05:05Z" } });
        CriticalImage image = await _bed.SyncAsync();
        Assert.Equal(CriticalStatus.Present, image.Status);
        Assert.Equal("debian-old", image.Name);
        Assert.Contains("2026-05-05T05:05:05Z", image.Reason, StringComparison.Ordinal);
        Assert.Null((await _bed.SyncAsync()).Reason);
    }

    [Fact]
    public async Task A_deactivated_image_stays_and_is_told()
    {
        await _bed.RegisterAsync(_image.Id);
        DateTimeOffset? synced = _bed.Listed(_image.Id).SyncedAt;
        Node.Cloud.Add(_image with { Status = "deactivated" });
        CriticalImage image = await _bed.SyncAsync();
        Assert.Equal(CriticalStatus.Deactivated, image.Status);
        Assert.False(image.IsFresh);
        Assert.Equal(synced, image.SyncedAt);
        Node.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task An_image_that_is_gone_from_Glance_stays_and_is_told()
    {
        await _bed.RegisterAsync(_image.Id);
        Node.Cloud.Remove(_image.Id);
        Assert.Equal(CriticalStatus.GoneFromGlance, (await _bed.SyncAsync()).Status);
        Node.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task Other_data_under_the_id_are_told_and_replace_only_what_no_disk_uses_and_only_when_wanted()
    {
        await _bed.RegisterAsync(_image.Id);
        byte[] other = TestData.Noise(512 * 200);
        Node.Cloud.Add(_image with { Data = other });
        Assert.Equal(CriticalStatus.Stale, (await _bed.SyncAsync()).Status);
        Node.AssertWhole(_image.Id, _image.Data);

        string disk = Node.Directory["instances/one/disk"];
        await Qemu.OverlayAsync(disk, BasePath);
        CriticalOutcome refused = Assert.Single(await _bed.TrySyncAsync(new CriticalSyncRequest { Update = true }));
        Assert.Equal(ErrorIds.ImageInUse, refused.Error!.ErrorId);
        Assert.Equal(CriticalStatus.Stale, refused.Image!.Status);
        Node.AssertWhole(_image.Id, _image.Data);

        File.Delete(disk);
        CriticalImage replaced = await _bed.SyncAsync(new CriticalSyncRequest { Update = true });
        Assert.Equal(CriticalStatus.Present, replaced.Status);
        Node.AssertWhole(_image.Id, other);
        CriticalImage after = await _bed.SyncAsync();
        Assert.Equal(CriticalStatus.Present, after.Status);
        Assert.Null(after.Reason);
    }

    [Fact]
    public async Task A_newer_image_of_the_name_is_told_and_comes_beside_the_old_one_when_wanted()
    {
        await _bed.RegisterAsync("debian");
        FakeImage newer = Node.Cloud.Add(new FakeImage { Name = "debian", Data = TestData.Noise(512 * 50), Extra = new() { ["created_at"] = "2026-06-06T06:06:06Z" } });
        CriticalImage stale = await _bed.SyncAsync();
        Assert.Equal(CriticalStatus.Stale, stale.Status);
        Assert.Contains(newer.Id, stale.Reason, StringComparison.Ordinal);

        IReadOnlyList<CriticalOutcome> outcomes = await _bed.TrySyncAsync(new CriticalSyncRequest { Update = true });
        Assert.All(outcomes, static outcome => Assert.Null(outcome.Error));
        Assert.Equal(CriticalStatus.Present, outcomes.Single(outcome => outcome.Image!.Id == newer.Id).Image!.Status);
        Node.AssertWhole(_image.Id, _image.Data);
        Node.AssertWhole(newer.Id, newer.Data);
        Assert.Equal(newer.Id, _bed.Listed("debian").Id);
    }

    [Fact]
    public async Task The_old_image_stays_critical_until_the_newer_one_is_here()
    {
        await _bed.RegisterAsync("debian");
        FakeImage newer = Node.Cloud.Add(new FakeImage { Name = "debian", Data = TestData.Noise(512), Extra = new() { ["created_at"] = "2026-06-06T06:06:06Z" } });
        Node.Server.Always("GET", FakeCloud.DataPath(newer.Id), static _ => FaultAnswer.Of(404));
        IReadOnlyList<CriticalOutcome> outcomes = await _bed.TrySyncAsync(new CriticalSyncRequest { Update = true });
        Assert.NotNull(outcomes.Single(outcome => outcome.Image!.Id == newer.Id).Error);
        Assert.Contains(Node.Open().ListCritical(null), image => image.Id == _image.Id);
    }

    [Fact]
    public async Task Without_a_cloud_all_that_is_here_is_kept_and_that_is_no_failure()
    {
        await _bed.RegisterAsync(_image.Id);
        File.SetLastWriteTimeUtc(BasePath, DateTime.UtcNow.AddDays(-30));
        _bed.CutOff();
        CriticalImage image = await _bed.SyncAsync();
        Assert.Equal(CriticalStatus.Present, image.Status);
        Assert.Null(image.IsFresh);
        Assert.Contains("Glance could not be asked", image.Reason, StringComparison.Ordinal);
        Assert.Single(Node.Warnings);
        Assert.True(File.GetLastWriteTimeUtc(BasePath) > DateTime.UtcNow.AddHours(-1));
    }

    [Fact]
    public async Task Without_a_cloud_what_is_missing_is_unavailable_and_nobody_is_asked_twice()
    {
        FakeImage[] images = [.. Enumerable.Range(0, 5).Select(i => Node.Cloud.Add(new FakeImage { Name = $"image-{i}", Data = TestData.Noise(512 * (i + 1)) }))];
        await _bed.TryRegisterAsync([.. images.Select(static image => new CriticalRequest { Image = image.Id, Fetch = false })]);
        Node.Server.Always("POST", FakeCloud.TokensPath, static _ => FaultAnswer.Of(503));
        Node.Settings["retries"] = "3";
        int before = Node.Server.CountOf("POST", FakeCloud.TokensPath);
        IReadOnlyList<CriticalOutcome> outcomes = await _bed.TrySyncAsync();
        Assert.Equal(5, outcomes.Count);
        Assert.All(outcomes, static outcome =>
        {
            Assert.Equal(CriticalStatus.Missing, outcome.Image!.Status);
            Assert.Equal(ErrorIds.ServiceUnavailable, outcome.Error!.ErrorId);
        });
        Assert.Equal(2, Node.Server.CountOf("POST", FakeCloud.TokensPath) - before);
    }

    [Fact]
    public async Task A_cloud_that_only_hangs_costs_one_wait()
    {
        await _bed.RegisterAsync(_image.Id);
        await Node.FetchAsync(Node.Cloud.Add(new FakeImage { Name = "second", Data = TestData.Noise(512) }).Id);
        await _bed.RegisterAsync("second");
        Node.Server.Always("POST", FakeCloud.TokensPath, static answer => answer with { StallBeforeHeaders = true });
        Node.Settings["connect_timeout"] = "0.5";
        Node.Settings["idle_timeout"] = "600";
        long started = Stopwatch.GetTimestamp();
        IReadOnlyList<CriticalOutcome> outcomes = await _bed.TrySyncAsync();
        Assert.All(outcomes, static outcome => Assert.Equal(CriticalStatus.Present, outcome.Image!.Status));
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(1), "it waited for each of them");
    }

    [Fact]
    public async Task A_name_that_is_not_critical_stops_no_other()
    {
        await _bed.RegisterAsync(_image.Id);
        IReadOnlyList<CriticalOutcome> outcomes = await _bed.TrySyncAsync(new CriticalSyncRequest { Images = ["nobody", "debian"] });
        Assert.Equal(ErrorIds.ImageNotCritical, outcomes[0].Error!.ErrorId);
        Assert.Equal(CriticalStatus.Present, outcomes[1].Image!.Status);
    }

    [Fact]
    public async Task An_initialization_fetches_what_is_missing_and_only_reports_what_cannot_be_had()
    {
        await _bed.RegisterAsync(_image.Id);
        File.Delete(BasePath);
        InitializationResult planned = await InitializeAsync(dryRun: true);
        Assert.Equal(InitializationAction.Fetched, planned.Action);
        Assert.False(File.Exists(BasePath));
        string url = Node.Cloud.AuthUrl;
        _bed.CutOff();
        Assert.Equal(InitializationAction.Reported, (await InitializeAsync(dryRun: false)).Action);
        Node.Variables["OS_AUTH_URL"] = url;
        Assert.Equal(InitializationAction.Fetched, (await InitializeAsync(dryRun: false)).Action);
        Node.AssertWhole(_image.Id, _image.Data);
    }

    private async Task<InitializationResult> InitializeAsync(bool dryRun)
        => Assert.Single(
            await Node.Open().InitializeAsync(create: false, dryRun, Node.Monitor, Token).ToListAsync(Token),
            result => result.Action is InitializationAction.Fetched or InitializationAction.Reported);

    private void Flip()
    {
        using FileStream file = File.Open(BasePath, FileMode.Open, FileAccess.ReadWrite);
        file.Position = 1000;
        int value = file.ReadByte();
        file.Position = 1000;
        file.WriteByte((byte)~value);
    }
}
