using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Maintenance;

/// <summary>All that keeps a cache in good order, in one go.</summary>
public sealed class MaintenanceTests : IAsyncDisposable
{
    private readonly EngineBed _bed = new();
    private readonly FakeImage _image;

    public MaintenanceTests() => _image = _bed.Cloud.Add(new FakeImage { Name = "kept in order", Data = TestData.Noise(200_000) });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task Every_part_tells_of_itself_in_its_order()
    {
        await _bed.FetchAsync(_image.Id);
        MaintenanceResult[] results = [.. (await MaintainAsync()).Select(static outcome => outcome.Result)];
        Assert.Equal(Enum.GetValues<MaintenanceStep>(), results.Select(static result => result.Step));
        Assert.DoesNotContain(results, static result => result.Status == MaintenanceStatus.Failed);
        Assert.All(results.Where(static result => result.Status == MaintenanceStatus.Skipped), static result => Assert.False(string.IsNullOrEmpty(result.Reason)));
        Assert.Empty(_bed.Leftovers());
    }

    [Fact]
    public async Task Only_the_parts_that_the_configuration_names_are_run()
    {
        _bed.Settings["maintain_steps"] = "verify, initialize";
        Assert.Equal(
            [MaintenanceStep.Initialize, MaintenanceStep.Verify],
            (await MaintainAsync()).Where(static outcome => outcome.Result.Status == MaintenanceStatus.Done).Select(static outcome => outcome.Result.Step));
    }

    [Fact]
    public async Task A_second_one_at_a_time_is_refused()
    {
        await MaintainAsync();
        using BaseFileLock held = Assert.IsType<BaseFileLock>(BaseFileLock.TryAcquire(_bed.Layout.MaintenanceLockPath));
        BusyException refused = await Assert.ThrowsAsync<BusyException>(() => MaintainAsync());
        Assert.Equal(ErrorIds.MaintenanceRunning, refused.ErrorId);
    }

    [Fact]
    public async Task What_a_killed_fetch_left_goes_and_what_is_damaged_is_repaired()
    {
        await _bed.FetchAsync(_image.Id);
        FileDamage.Flip(_bed.BasePath(_image.Id));
        Directory.CreateDirectory(Path.Join(_bed.Layout.TemporaryPath, "1.dead"));

        MaintenanceResult[] results = [.. (await MaintainAsync()).Select(static outcome => outcome.Result)];

        Assert.Empty(_bed.Leftovers());
        _bed.AssertWhole(_image.Id, _image.Data);
        Assert.Equal(1, results.Single(static result => result.Step == MaintenanceStep.Verify).Changed);
        Assert.DoesNotContain(results, static result => result.Status == MaintenanceStatus.Failed);
    }

    [Fact]
    public async Task What_is_damaged_and_cannot_be_repaired_fails_its_part_alone()
    {
        await _bed.FetchAsync(_image.Id);
        await Qemu.OverlayAsync(_bed.Directory["instances/one/disk"], _bed.BasePath(_image.Id));
        FileDamage.Flip(_bed.BasePath(_image.Id));

        MaintenanceResult[] results = [.. (await MaintainAsync()).Select(static outcome => outcome.Result)];

        MaintenanceResult verify = results.Single(static result => result.Step == MaintenanceStep.Verify);
        Assert.Equal((MaintenanceStatus.Failed, 1L), (verify.Status, verify.Failures));
        Assert.Contains("instances/one/disk", verify.Reason, StringComparison.Ordinal);
        Assert.Equal(MaintenanceStatus.Done, results.Single(static result => result.Step == MaintenanceStep.Initialize).Status);
    }

    [Fact]
    public async Task A_run_reads_a_slice_and_the_next_one_goes_on_where_it_stopped()
    {
        string[] ids = [_image.Id, .. Enumerable.Range(2, 3).Select(seed => _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(200_000, seed) }).Id)];
        foreach (string id in ids)
        {
            await _bed.FetchAsync(id);

            // A file that somebody touched has no proof.
            File.SetLastWriteTimeUtc(_bed.BasePath(id), DateTime.UtcNow.AddMinutes(-1));
        }

        _bed.Settings["verify_slice"] = "300000";
        _bed.Settings["maintain_steps"] = "verify";
        Assert.Equal(2, await VerifiedAsync());
        Assert.Equal(2, await VerifiedAsync());
        Assert.Equal(0, await VerifiedAsync());
        Assert.All(ids, id => Assert.NotNull(_bed.RecordOf(id).Record!.Proof));
    }

    [Fact]
    public async Task A_rehearsal_changes_nothing()
    {
        await _bed.FetchAsync(_image.Id);
        File.Delete(_bed.BasePath(_image.Id));
        MaintenanceResult first = (await MaintainAsync(dryRun: true))[0].Result;
        Assert.Equal((MaintenanceStep.Initialize, 1L), (first.Step, first.Changed));
        Assert.Equal(RecordState.Valid, _bed.RecordOf(_image.Id).State);
    }

    private async Task<long> VerifiedAsync()
        => (await MaintainAsync()).Single(static outcome => outcome.Result.Step == MaintenanceStep.Verify).Result.Items;

    private async Task<IReadOnlyList<MaintenanceOutcome>> MaintainAsync(bool dryRun = false)
    {
        List<MaintenanceOutcome> outcomes = [];
        await foreach (MaintenanceOutcome outcome in _bed.Open().MaintainAsync(dryRun, _bed.Monitor, Token))
        {
            outcomes.Add(outcome);
        }

        return outcomes;
    }
}
