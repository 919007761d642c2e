using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Life;

/// <summary>Repairing what a check found.</summary>
public sealed class RepairTests : IAsyncDisposable
{
    private readonly EngineBed _bed = new();
    private readonly FakeImage _image;

    public RepairTests() => _image = _bed.Cloud.Add(new FakeImage { Name = "mended", Data = TestData.Noise(300_000) });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string BasePath => _bed.BasePath(_image.Id);

    private string RecordPath => _bed.Layout.RecordPath(Path.GetFileName(BasePath));

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_damaged_file_is_set_aside_and_fetched_again()
    {
        await _bed.FetchAsync(_image.Id);
        Flip();
        byte[] damaged = File.ReadAllBytes(BasePath);

        IntegrityResult result = await RepairAsync(await FindAsync(IntegrityStatus.Damaged));

        Assert.True(result.Repaired, result.Reason);
        Assert.Equal((IntegrityStatus.Damaged, _image.Id), (result.Status, result.Id));
        _bed.AssertWhole(_image.Id, _image.Data);
        Assert.Contains(Directory.GetFiles(_bed.Layout.QuarantinePath), file => File.ReadAllBytes(file).SequenceEqual(damaged));
        Assert.Contains(_bed.Events(), static told => told.GetProperty("event").GetString() == "quarantined" && told.TryGetProperty("reason", out _));
        await FindAsync(IntegrityStatus.Intact);
    }

    [Fact]
    public async Task A_file_of_another_length_and_a_link_are_repaired_alike()
    {
        await _bed.FetchAsync(_image.Id);
        File.Move(BasePath, _bed.Directory["elsewhere"]);
        File.CreateSymbolicLink(BasePath, _bed.Directory["elsewhere"]);
        Assert.True((await RepairAsync(await FindAsync(IntegrityStatus.Damaged))).Repaired);
        _bed.AssertWhole(_image.Id, _image.Data);
        File.WriteAllBytes(BasePath, [1]);
        Assert.True((await RepairAsync(await FindAsync(IntegrityStatus.Damaged))).Repaired);
        _bed.AssertWhole(_image.Id, _image.Data);
        Assert.Equal(_image.Data, File.ReadAllBytes(_bed.Directory["elsewhere"]));
    }

    [Fact]
    public async Task A_missing_file_is_fetched()
    {
        await _bed.FetchAsync(_image.Id);
        File.Delete(BasePath);
        Assert.True((await RepairAsync(await FindAsync(IntegrityStatus.Missing))).Repaired);
        _bed.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task A_file_that_came_by_URI_comes_by_it_again()
    {
        File.WriteAllBytes(_bed.Directory["source.raw"], _image.Data);
        string checksum = "sha256:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(_image.Data));
        BaseImage fetched = await _bed.FetchAsync(new FetchRequest { Uri = new Uri(_bed.Directory["source.raw"]).AbsoluteUri, Checksum = checksum });
        File.WriteAllBytes(fetched.Path, [1]);
        Assert.True((await RepairAsync(await FindAsync(IntegrityStatus.Damaged))).Repaired);
        _bed.AssertWhole(fetched.Id!, _image.Data);
    }

    [Fact]
    public async Task A_damaged_file_that_a_disk_uses_is_left_alone()
    {
        await _bed.FetchAsync(_image.Id);
        await Qemu.OverlayAsync(_bed.Directory["instances/one/disk"], BasePath);
        Flip();
        byte[] damaged = File.ReadAllBytes(BasePath);
        DateTime time = File.GetLastWriteTimeUtc(BasePath);

        IntegrityResult result = await RepairAsync(await FindAsync(IntegrityStatus.Damaged));

        Assert.False(result.Repaired);
        Assert.Contains("instances/one/disk", result.Reason, StringComparison.Ordinal);
        Assert.Equal(damaged, File.ReadAllBytes(BasePath));
        Assert.Equal(time, File.GetLastWriteTimeUtc(BasePath));
        Assert.Equal(1, _bed.DataRequests(_image.Id));
    }

    [Fact]
    public async Task Without_Glance_the_damaged_file_is_still_taken_out_of_the_way()
    {
        await _bed.FetchAsync(_image.Id);
        Flip();
        IntegrityResult found = await FindAsync(IntegrityStatus.Damaged);
        _bed.Cloud.Remove(_image.Id);
        IntegrityResult result = await RepairAsync(found);
        Assert.False(result.Repaired);
        Assert.Contains(_bed.Layout.QuarantinePath, result.Reason, StringComparison.Ordinal);
        Assert.False(File.Exists(BasePath));
        Assert.Empty(_bed.Leftovers());
    }

    [Fact]
    public async Task What_changed_since_it_was_looked_at_is_left_alone()
    {
        await _bed.FetchAsync(_image.Id);
        Flip();
        IntegrityResult found = await FindAsync(IntegrityStatus.Damaged);
        File.WriteAllBytes(BasePath, _image.Data);
        IntegrityResult result = await RepairAsync(found);
        Assert.False(result.Repaired);
        Assert.Equal(_image.Data, File.ReadAllBytes(BasePath));
        Assert.False(Directory.EnumerateFileSystemEntries(_bed.Layout.QuarantinePath).Any(), "something was set aside");
    }

    [Fact]
    public async Task A_damaged_record_of_a_good_file_is_made_anew_and_proven()
    {
        await _bed.FetchAsync(_image.Id);
        Cut(RecordPath);
        IntegrityResult result = await RepairAsync(await FindAsync(IntegrityStatus.Damaged));
        Assert.True(result.Repaired, result.Reason);
        Assert.Equal(DigestStatus.Verified, _bed.RecordOf(_image.Id).Record!.DigestStatus);
        _bed.AssertWhole(_image.Id, _image.Data);
        await FindAsync(IntegrityStatus.Intact);
    }

    [Fact]
    public async Task A_damaged_record_is_made_anew_without_Glance_too_and_proves_less()
    {
        await _bed.FetchAsync(_image.Id);
        Cut(RecordPath);
        IntegrityResult found = await FindAsync(IntegrityStatus.Damaged);
        _bed.Variables["OS_AUTH_URL"] = "http://127.0.0.1:1/";
        _bed.Settings["retries"] = "0";
        IntegrityResult result = await RepairAsync(found);
        Assert.True(result.Repaired, result.Reason);
        Assert.Equal(DigestStatus.Unverifiable, _bed.RecordOf(_image.Id).Record!.DigestStatus);
        await FindAsync(IntegrityStatus.Intact);
    }

    [Fact]
    public async Task A_damaged_record_of_a_damaged_file_is_not_repaired_and_the_file_stays()
    {
        await _bed.FetchAsync(_image.Id);
        Cut(RecordPath);
        Flip();
        IntegrityResult result = await RepairAsync(await FindAsync(IntegrityStatus.Damaged));
        Assert.False(result.Repaired);
        Assert.True(File.Exists(BasePath));
    }

    [Fact]
    public async Task What_is_not_ours_or_from_a_newer_version_is_left_alone()
    {
        await _bed.FetchAsync(_image.Id);
        string newer = File.ReadAllText(RecordPath).Replace("\"schemaVersion\": 1", "\"schemaVersion\": 99", StringComparison.Ordinal);
        File.WriteAllText(RecordPath, newer);
        Flip();
        byte[] damaged = File.ReadAllBytes(BasePath);
        Assert.False((await RepairAsync(await FindAsync(IntegrityStatus.Damaged))).Repaired);
        Assert.Equal(newer, File.ReadAllText(RecordPath));
        File.Delete(RecordPath);
        Assert.False((await RepairAsync(await FindAsync(IntegrityStatus.Unrecorded))).Repaired);
        Assert.False((await RepairAsync(await FindAsync(IntegrityStatus.Damaged, new VerifyRequest { AskGlance = true }))).Repaired);
        Assert.Equal(damaged, File.ReadAllBytes(BasePath));
    }

    [Fact]
    public async Task A_result_of_another_cache_is_not_acted_on()
    {
        await _bed.FetchAsync(_image.Id);
        Flip();
        IntegrityResult found = await FindAsync(IntegrityStatus.Damaged);
        Assert.False((await RepairAsync(found with { Path = Path.Join("/elsewhere", Path.GetFileName(BasePath)) })).Repaired);
        Assert.True(File.Exists(BasePath));
    }

    private static void Cut(string path)
    {
        string whole = File.ReadAllText(path);
        File.WriteAllText(path, whole[..(whole.Length / 2)]);
    }

    private void Flip() => FileDamage.Flip(BasePath);

    private async Task<IntegrityResult> FindAsync(IntegrityStatus expected, VerifyRequest? request = null)
    {
        List<IntegrityResult> results = [];
        await foreach (IntegrityResult result in _bed.Open().VerifyAsync(request ?? new VerifyRequest(), _bed.Monitor, Token))
        {
            results.Add(result);
        }

        IntegrityResult only = Assert.Single(results);
        Assert.Equal(expected, only.Status);
        return only;
    }

    private Task<IntegrityResult> RepairAsync(IntegrityResult found) => _bed.Open().RepairAsync(found, _bed.Monitor, Token);
}
