using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using ImageCache.Engine.Tests.Lab;
using Xunit;

namespace ImageCache.Engine.Tests.Ceph;

/// <summary>What happens to Ceph in the middle of a fetch.</summary>
[Collection(LabTests.Name)]
public sealed class RbdFaultTests(LabCloud lab) : IAsyncDisposable
{
    private const int MiB = 1 << 20;

    private readonly RbdBed _bed = new(lab);

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task An_OSD_that_goes_and_comes_again_is_survived()
    {
        FakeImage image = await _bed.AddAsync(TestData.Noise(96 * MiB));
        using RunningFetch fetch = await StartSlowlyAsync(image, FetchMethod.RbdExport);
        await using (await LabOutage.StopAsync("ceph-osd"))
        {
            await fetch.StandStillAsync();
        }

        Assert.Equal(BaseImageMethod.RbdExport, (await fetch.EndAsync()).Image?.Method);
        _bed.Node.AssertWhole(image.Id, image.Data);
    }

    [Fact]
    public async Task An_OSD_that_stays_silent_is_given_up()
    {
        _bed.Node.Settings["idle_timeout"] = "1";
        _bed.Node.Settings["retries"] = "1";
        FakeImage image = await _bed.AddAsync(TestData.Noise(48 * MiB));
        using RunningFetch fetch = await StartSlowlyAsync(image, FetchMethod.Auto);
        await using LabOutage outage = await LabOutage.PauseAsync("ceph-osd");
        await AssertFellBackAsync(fetch, image, "silent");
    }

    [Fact]
    public async Task A_silent_monitor_disturbs_no_one_who_reads()
    {
        FakeImage image = await _bed.AddAsync(TestData.Noise(24 * MiB));
        using RunningFetch fetch = await StartSlowlyAsync(image, FetchMethod.RbdExport);
        await using LabOutage outage = await LabOutage.PauseAsync("ceph-mon");
        Assert.Equal(BaseImageMethod.RbdExport, (await fetch.EndAsync()).Image?.Method);
        _bed.Node.AssertWhole(image.Id, image.Data);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task A_removed_snapshot_is_found_out_also_without_a_digest(bool library, bool another)
    {
        _bed.Node.HasRbdLibrary = library;
        string name = await _bed.Ceph.ImportAsync(TestData.Noise(24 * MiB));
        FakeImage image = _bed.Add(name, TestData.Noise(24 * MiB), static image => image with { HasDigests = false });
        using RunningFetch fetch = await StartSlowlyAsync(image, FetchMethod.RbdExport);
        await _bed.Ceph.RemoveSnapAsync(name);
        if (another)
        {
            await _bed.Ceph.SnapAsync(name);
        }

        UnavailableException error = Assert.IsType<UnavailableException>((await fetch.EndAsync()).Error);

        Assert.Equal((ErrorIds.ImageDataNotFound, FailureCategory.ObjectNotFound), (error.ErrorId, error.Category));
        _bed.Node.AssertNothingLeft(image.Id, ErrorIds.ImageDataNotFound);
    }

    [Fact]
    public async Task A_client_that_is_shut_out_says_so_and_downloads()
    {
        await using TestUser user = await TestUser.CreateAsync(_bed.Ceph, _bed.Node.Directory);
        await _bed.UseAsync(user);
        FakeImage image = await _bed.AddAsync(TestData.Noise(48 * MiB));
        using RunningFetch fetch = await StartSlowlyAsync(image, FetchMethod.Auto);
        await user.ShutOutAsync();
        await AssertFellBackAsync(fetch, image, "shut this client out");
    }

    [Fact]
    public async Task A_revoked_key_ends_no_read_that_was_let_in_and_lets_no_other_in()
    {
        await using TestUser user = await TestUser.CreateAsync(_bed.Ceph, _bed.Node.Directory);
        await _bed.UseAsync(user);
        FakeImage image = await _bed.AddAsync(TestData.Noise(24 * MiB));
        using RunningFetch fetch = await StartSlowlyAsync(image, FetchMethod.RbdExport);
        await user.RevokeAsync();
        Assert.Equal(BaseImageMethod.RbdExport, (await fetch.EndAsync()).Image?.Method);

        FakeImage next = _bed.Node.Cloud.Add(image with { Id = Guid.NewGuid().ToString() });
        foreach (bool library in (bool[])[true, false])
        {
            _bed.Node.HasRbdLibrary = library;
            UnavailableException error = await _bed.FailsAsync<UnavailableException>(next);
            Assert.Equal((ErrorIds.AccessDenied, FailureCategory.PermissionDenied), (error.ErrorId, error.Category));
        }

        await _bed.FallsBackAsync(next, user.Name);
    }

    // By the real clock and slowly; begun when this returns.
    private async Task<RunningFetch> StartSlowlyAsync(FakeImage image, FetchMethod method)
    {
        _bed.Node.Settings["rate_limit"] = "16MiB";
        RunningFetch fetch = RunningFetch.Start(_bed.Node, new FetchRequest { Image = image.Id, Method = method }, _bed.Node.Monitor);
        await fetch.ReachAsync(WorkStage.Transferring, MiB);
        return fetch;
    }

    private async Task AssertFellBackAsync(RunningFetch fetch, FakeImage image, string reason)
    {
        FetchOutcome outcome = await fetch.EndAsync();
        Assert.True(outcome.Image?.Method == BaseImageMethod.Download, outcome.Error?.ToString());
        Assert.Contains(_bed.Node.Warnings, warning => warning.Contains("RbdExport did not bring", StringComparison.Ordinal) && warning.Contains(reason, StringComparison.Ordinal));
        _bed.Node.AssertWhole(image.Id, image.Data);
    }
}
