using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Life;

/// <summary>Putting a cache in order. Base files are never touched.</summary>
public sealed class InitializationTests : IAsyncDisposable
{
    private readonly EngineBed _bed = new();
    private readonly FakeImage _image;

    public InitializationTests() => _image = _bed.Cloud.Add(new FakeImage { Name = "initial", Data = TestData.Noise(50_000) });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string RecordPath => _bed.Layout.RecordPath(CacheLayout.BaseName(_image.Id));

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_whole_image_is_kept()
    {
        await _bed.FetchAsync(_image.Id);
        InitializationResult result = Assert.Single(await InitializeAsync());
        Assert.Equal((InitializationAction.Kept, _image.Id, "initial"), (result.Action, result.Id, result.Name));
        _bed.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task What_dead_processes_left_goes()
    {
        await _bed.FetchAsync(_image.Id);
        LeaveOver();
        Assert.Contains(await InitializeAsync(), static result => result.Action == InitializationAction.RemovedLeftover);
        Assert.Empty(_bed.Leftovers());
        Assert.Contains(_bed.Events(), static told => told.GetProperty("event").GetString() == "leftoverRemoved");
        _bed.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task A_record_without_a_file_goes()
    {
        await _bed.FetchAsync(_image.Id);
        File.Delete(_bed.BasePath(_image.Id));
        InitializationResult result = Assert.Single(await InitializeAsync());
        Assert.Equal((InitializationAction.RemovedRecord, _image.Id), (result.Action, result.Id));
        Assert.Equal(RecordState.Missing, _bed.RecordOf(_image.Id).State);
        Assert.Empty(await InitializeAsync());
    }

    [Fact]
    public async Task A_damaged_record_is_made_anew_from_the_file_and_proves_nothing()
    {
        await _bed.FetchAsync(_image.Id);
        string whole = File.ReadAllText(RecordPath);
        File.WriteAllText(RecordPath, whole[..(whole.Length / 2)]);

        InitializationResult result = Assert.Single(await InitializeAsync());

        Assert.Equal((InitializationAction.RebuiltRecord, _image.Id), (result.Action, result.Id));
        ImageRecord record = _bed.RecordOf(_image.Id).Record!;
        Assert.Equal((BaseImageMethod.Foreign, DigestStatus.Unverifiable), (record.Method, record.DigestStatus));
        Assert.Null(record.SourceDigest);
        Assert.Equal(_image.Data.Length, record.Size);
        Assert.StartsWith("sha256:", record.Digest, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_bed.Layout.QuarantinePath));
        _bed.AssertWhole(_image.Id, _image.Data);
        Assert.Equal(InitializationAction.Kept, Assert.Single(await InitializeAsync()).Action);
    }

    [Fact]
    public async Task A_rebuilt_record_is_proven_by_the_next_fetch()
    {
        await _bed.FetchAsync(_image.Id);
        string whole = File.ReadAllText(RecordPath);
        File.WriteAllText(RecordPath, whole[..(whole.Length / 2)]);
        await InitializeAsync();
        BaseImage proven = await _bed.FetchAsync(_image.Id);
        Assert.Equal(DigestStatus.Verified, proven.DigestStatus);
        Assert.True((await _bed.FetchAsync(_image.Id)).Hit);
    }

    [Fact]
    public async Task A_record_damaged_beyond_its_id_is_set_aside_and_the_file_stays()
    {
        await _bed.FetchAsync(_image.Id);
        File.WriteAllText(RecordPath, "\0\0\0");
        Assert.Equal(InitializationAction.RebuiltRecord, Assert.Single(await InitializeAsync()).Action);
        Assert.Equal(RecordState.Missing, _bed.RecordOf(_image.Id).State);
        Assert.Equal(_image.Data, File.ReadAllBytes(_bed.BasePath(_image.Id)));
        Assert.Empty(await InitializeAsync());
    }

    [Fact]
    public async Task A_record_of_a_newer_version_is_reported_and_kept()
    {
        await _bed.FetchAsync(_image.Id);
        string newer = File.ReadAllText(RecordPath).Replace("\"schemaVersion\": 1", "\"schemaVersion\": 99", StringComparison.Ordinal);
        File.WriteAllText(RecordPath, newer);
        InitializationResult result = Assert.Single(await InitializeAsync());
        Assert.Equal(InitializationAction.Reported, result.Action);
        Assert.Contains("99", result.Reason, StringComparison.Ordinal);
        Assert.Equal(newer, File.ReadAllText(RecordPath));
    }

    [Fact]
    public async Task A_record_of_a_newer_version_is_kept_without_its_file_too()
    {
        await _bed.FetchAsync(_image.Id);
        string newer = File.ReadAllText(RecordPath).Replace("\"schemaVersion\": 1", "\"schemaVersion\": 99", StringComparison.Ordinal);
        File.WriteAllText(RecordPath, newer);
        File.Delete(_bed.BasePath(_image.Id));
        Assert.Equal(InitializationAction.Reported, Assert.Single(await InitializeAsync()).Action);
        Assert.Equal(newer, File.ReadAllText(RecordPath));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_is_not_as_recorded_is_reported_and_kept(bool shorter)
    {
        await _bed.FetchAsync(_image.Id);
        byte[] other = TestData.Noise(shorter ? 10 : _image.Data.Length, seed: 6);
        File.WriteAllBytes(_bed.BasePath(_image.Id) + ".x", other);
        File.Move(_bed.BasePath(_image.Id) + ".x", _bed.BasePath(_image.Id), overwrite: true);
        Assert.Equal(InitializationAction.Reported, Assert.Single(await InitializeAsync()).Action);
        Assert.Equal(other, File.ReadAllBytes(_bed.BasePath(_image.Id)));
    }

    [Fact]
    public async Task A_dry_run_tells_and_changes_nothing()
    {
        FakeImage lost = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(1000) });
        await _bed.FetchAsync(_image.Id);
        await _bed.FetchAsync(lost.Id);
        File.Delete(_bed.BasePath(lost.Id));
        File.WriteAllText(RecordPath, "{");
        LeaveOver();
        string[] before = Everything();

        List<InitializationResult> results = await InitializeAsync(dryRun: true);

        Assert.Equal(
            [InitializationAction.RemovedLeftover, InitializationAction.RemovedRecord, InitializationAction.RebuiltRecord],
            results.Select(static result => result.Action).Order());
        Assert.Equal(before, Everything());
    }

    [Fact]
    public async Task A_missing_cache_is_made_only_on_request()
    {
        _bed.CachePath = _bed.Directory["new/_base"];
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(() => InitializeAsync());
        Assert.Equal(ErrorIds.CacheUnavailable, error.ErrorId);
        Assert.False(Directory.Exists(_bed.CachePath), "it was made unasked");
        Assert.Equal(InitializationAction.Created, Assert.Single(await InitializeAsync(create: true)).Action);
        await _bed.FetchAsync(_image.Id);
    }

    private void LeaveOver()
    {
        string dead = Path.Join(_bed.Layout.TemporaryPath, "host-1-dead");
        Directory.CreateDirectory(dead);
        File.WriteAllText(Path.Join(dead, TemporaryDirectory.LockName), "");
        File.WriteAllText(Path.Join(dead, "data"), "half");
    }

    // Locks may be taken, and left, by who only looks.
    private string[] Everything()
        => [.. Directory.EnumerateFiles(_bed.CachePath, "*", SearchOption.AllDirectories)
            .Where(static path => !path.EndsWith(".lock", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(static path => $"{path}: {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)))}")];

    private async Task<List<InitializationResult>> InitializeAsync(bool create = false, bool dryRun = false)
    {
        List<InitializationResult> results = [];
        await foreach (InitializationResult result in _bed.Open().InitializeAsync(create, dryRun, _bed.Monitor, Token))
        {
            results.Add(result);
        }

        return results;
    }
}
