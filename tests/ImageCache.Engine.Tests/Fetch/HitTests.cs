using System.Text.Json.Nodes;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch;

/// <summary>Images that are here already, whole or not.</summary>
public sealed class HitTests : IAsyncDisposable
{
    private readonly EngineBed _bed = new();
    private readonly FakeImage _image;

    public HitTests() => _image = _bed.Cloud.Add(new FakeImage { Name = "kept", Data = TestData.Noise(500_000) });

    private string BasePath => _bed.BasePath(_image.Id);

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData("public")]
    [InlineData("private")]
    public async Task A_hit_asks_nobody(string visibility)
    {
        FakeImage image = _bed.Cloud.Add(new FakeImage { Visibility = visibility, Data = TestData.Noise(1000) });
        await _bed.FetchAsync(image.Id);
        int before = _bed.Server.ConnectionCount;

        BaseImage hit = await _bed.FetchAsync(image.Id);

        Assert.True(hit.Hit);
        Assert.Equal(0, hit.BytesTransferred);
        Assert.Equal(before, _bed.Server.ConnectionCount);
    }

    [Fact]
    public async Task A_hit_needs_no_cloud_at_all()
    {
        await _bed.FetchAsync(_image.Id);
        foreach (string name in _bed.Cloud.Environment().Keys)
        {
            _bed.Variables[name] = "";
        }

        Assert.True((await _bed.FetchAsync(_image.Id)).Hit);
    }

    [Fact]
    public async Task A_hit_does_not_wait_for_a_cloud_that_hangs()
    {
        await _bed.FetchAsync(_image.Id);
        Hang();
        Assert.True((await _bed.FetchAsync(_image.Id)).Hit);
    }

    [Fact]
    public async Task A_hit_counts_the_use_and_keeps_novas_cleaner_away()
    {
        await _bed.FetchAsync(_image.Id);
        File.SetLastWriteTimeUtc(BasePath, DateTime.UtcNow.AddDays(-3));
        DateTime before = DateTime.UtcNow.AddSeconds(-2);

        BaseImage first = await _bed.FetchAsync(_image.Id);
        BaseImage second = await _bed.FetchAsync(_image.Id);

        Assert.Equal((1, 2), (first.UseCount, second.UseCount));
        Assert.True(File.GetLastWriteTimeUtc(BasePath) >= before, "the file's time is old");
        Assert.True(second.LastUsedAt >= before, "the use was not noted");
        Assert.Equal(2, _bed.RecordOf(_image.Id).Record!.UseCount);
        Assert.Empty(_bed.Leftovers());
    }

    [Fact]
    public async Task An_image_asked_for_by_name_is_a_hit()
    {
        await _bed.FetchAsync("kept");
        Assert.True((await _bed.FetchAsync("kept")).Hit);
        Assert.Equal(1, _bed.DataRequests(_image.Id));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_name_that_one_record_has_asks_nobody(bool hangs)
    {
        await _bed.FetchAsync(_image.Id);
        if (hangs)
        {
            Hang();
        }
        else
        {
            _bed.Variables["OS_AUTH_URL"] = "http://127.0.0.1:1/";
        }

        Assert.True((await _bed.FetchAsync("kept")).Hit);
        Assert.Empty(_bed.Warnings);
    }

    [Fact]
    public async Task By_force_a_name_that_Glance_does_not_know_any_more_is_not_found()
    {
        await _bed.FetchAsync(_image.Id);
        _bed.Cloud.Remove(_image.Id);
        Assert.Equal(ErrorIds.ImageNotFound, (await _bed.TryFetchAsync("kept", force: true)).Error?.ErrorId);
        Assert.True((await _bed.FetchAsync(_image.Id)).Hit);
    }

    [Fact]
    public async Task By_force_a_name_that_moved_to_another_image_brings_that_one()
    {
        await _bed.FetchAsync("kept");
        _bed.Cloud.Remove(_image.Id);
        FakeImage next = _bed.Cloud.Add(new FakeImage { Name = "kept", Data = TestData.Noise(1000, seed: 9) });
        Assert.Equal(_image.Id, (await _bed.FetchAsync("kept")).Id);
        BaseImage fetched = await _bed.FetchAsync("kept", force: true);
        Assert.Equal(next.Id, fetched.Id);
        Assert.False(fetched.Hit);
    }

    [Fact]
    public async Task A_name_that_several_records_have_is_asked_of_Glance()
    {
        await _bed.FetchAsync(_image.Id);
        FakeImage other = _bed.Cloud.Add(new FakeImage { Name = "kept", Data = TestData.Noise(1000, seed: 9) });
        await _bed.FetchAsync(other.Id);
        Assert.Equal(ErrorIds.AmbiguousImage, (await _bed.TryFetchAsync("kept")).Error?.ErrorId);
        _bed.Cloud.Remove(_image.Id);
        Assert.Equal(other.Id, (await _bed.FetchAsync("kept")).Id);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(499_999)]
    [InlineData(500_001)]
    public async Task A_file_of_another_length_is_set_aside_and_fetched_again(int length)
    {
        await _bed.FetchAsync(_image.Id);
        Resize(length);

        BaseImage again = await _bed.FetchAsync(_image.Id);

        Assert.False(again.Hit);
        _bed.AssertWhole(_image.Id, _image.Data);
        Assert.Equal(2, Directory.GetFiles(_bed.Layout.QuarantinePath).Length);
        Assert.Contains(_bed.Events(), static told => told.GetProperty("event").GetString() == "quarantined");
        Assert.NotEmpty(_bed.Warnings);
    }

    [Fact]
    public async Task A_file_replaced_by_other_bytes_of_the_same_length_is_found_out()
    {
        await _bed.FetchAsync(_image.Id);
        Replace(TestData.Noise(_image.Data.Length, seed: 77));
        Assert.False((await _bed.FetchAsync(_image.Id)).Hit);
        _bed.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task A_file_restored_from_a_copy_is_a_hit_once_its_bytes_are_compared()
    {
        await _bed.FetchAsync(_image.Id);
        Replace(_image.Data);
        Assert.True((await _bed.FetchAsync(_image.Id)).Hit);
        Assert.True((await _bed.FetchAsync(_image.Id)).Hit);
        Assert.Equal(1, _bed.DataRequests(_image.Id));
    }

    [Fact]
    public async Task A_damaged_file_that_a_disk_uses_is_left_alone()
    {
        await _bed.FetchAsync(_image.Id);
        await Qemu.OverlayAsync(_bed.Directory["instances/one/disk"], BasePath);
        Resize(1000);

        FetchOutcome outcome = await _bed.TryFetchAsync(_image.Id);

        Assert.Equal(ErrorIds.ImageInUse, Assert.IsType<BusyException>(outcome.Error).ErrorId);
        Assert.Equal(1000, new FileInfo(BasePath).Length);
        Assert.Contains("instances/one/disk", outcome.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_file_whose_image_is_gone_stays_out_of_the_way()
    {
        await _bed.FetchAsync(_image.Id);
        Resize(1000);
        _bed.Cloud.Remove(_image.Id);
        Assert.Equal(ErrorIds.ImageNotFound, (await _bed.TryFetchAsync(_image.Id)).Error?.ErrorId);
        _bed.AssertNothingLeft(_image.Id, ErrorIds.ImageNotFound);
    }

    [Fact]
    public async Task A_name_that_means_another_image_by_the_time_it_must_be_fetched_brings_that_one_under_its_own_lock()
    {
        await _bed.FetchAsync("kept");
        Resize(1000);
        _bed.Cloud.Remove(_image.Id);
        FakeImage next = _bed.Cloud.Add(new FakeImage { Name = "kept", Data = TestData.Noise(1000, seed: 9) });
        _bed.Server.Next("GET", FakeCloud.DataPath(next.Id), answer =>
        {
            using BaseFileLock? its = BaseFileLock.TryAcquire(_bed.Layout.LockPath(CacheLayout.BaseName(next.Id)));
            using BaseFileLock? former = BaseFileLock.TryAcquire(_bed.Layout.LockPath(CacheLayout.BaseName(_image.Id)));
            return its is null && former is not null ? answer : FaultAnswer.Of(404);
        });
        Assert.Equal(next.Id, (await _bed.FetchAsync("kept")).Id);
        _bed.AssertWhole(next.Id, next.Data);
    }

    [Fact]
    public async Task A_record_without_its_file_brings_the_image_on_Glances_word_of_now()
    {
        await _bed.FetchAsync(_image.Id);
        File.Delete(BasePath);
        _bed.Cloud.Add(_image with { Status = "deactivated" });
        Assert.Equal(ErrorIds.ImageNotActive, (await _bed.TryFetchAsync(_image.Id)).Error?.ErrorId);
        _bed.Cloud.Add(_image);
        Assert.False((await _bed.FetchAsync(_image.Id)).Hit);
        _bed.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task A_hit_without_a_valid_signature_is_refused_where_one_is_required()
    {
        await _bed.FetchAsync(_image.Id);
        FetchOutcome outcome = await _bed.TryFetchAsync(new FetchRequest { Image = _image.Id, RequireSignature = true });
        Assert.Equal(ErrorIds.VerificationRequired, Assert.IsType<PolicyException>(outcome.Error).ErrorId);
        _bed.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task A_hit_honours_the_policy_of_now()
    {
        FakeImage image = _bed.Cloud.Add(new FakeImage { HasDigests = false, Data = TestData.Noise(1000) });
        await _bed.FetchAsync(image.Id);
        _bed.Settings["checksum"] = "require";
        Assert.Equal(ErrorIds.VerificationRequired, (await _bed.TryFetchAsync(image.Id)).Error?.ErrorId);
    }

    [Fact]
    public async Task A_record_of_a_newer_version_serves_a_hit_and_is_not_rewritten()
    {
        await _bed.FetchAsync(_image.Id);
        Change(_image.Id, static record =>
        {
            record["schemaVersion"] = ImageRecord.CurrentSchema + 1;
            record["fromTheFuture"] = true;
        });
        string before = File.ReadAllText(_bed.Layout.RecordPath(Path.GetFileName(BasePath)));
        Assert.True((await _bed.FetchAsync(_image.Id)).Hit);
        Assert.Equal(before, File.ReadAllText(_bed.Layout.RecordPath(Path.GetFileName(BasePath))));
    }

    [Theory]
    [InlineData("checksum", "require")]
    [InlineData("checksum", "allow_unverifiable")]
    public async Task A_flipped_bit_is_found_where_digests_are_required(string setting, string value)
    {
        await _bed.FetchAsync(_image.Id);
        Flip();
        _bed.Settings[setting] = value;
        BaseImage again = await _bed.FetchAsync(_image.Id);
        Assert.Equal(value != "require", again.Hit);
        if (value == "require")
        {
            _bed.AssertWhole(_image.Id, _image.Data);
            Assert.Contains(_bed.Events(), static told => told.GetProperty("event").GetString() == "quarantined");
        }
    }

    [Fact]
    public async Task A_file_that_only_we_touched_is_not_read_again()
    {
        _bed.Settings["checksum"] = "require";
        await _bed.FetchAsync(_image.Id);
        DateTimeOffset proved = _bed.RecordOf(_image.Id).Record!.Proof!.At;
        await _bed.FetchAsync(_image.Id);
        await _bed.FetchAsync(_image.Id);
        ContentProof proof = _bed.RecordOf(_image.Id).Record!.Proof!;
        Assert.Equal(proved, proof.At);
        Assert.True(proof.HoldsFor(FileFingerprint.Of(Native.Posix.FileStatus.OfPath(BasePath)!.Value)), "our own touch ended the proof");
    }

    [Fact]
    public async Task A_file_that_nova_touched_is_read_once_and_proved_again()
    {
        _bed.Settings["checksum"] = "require";
        await _bed.FetchAsync(_image.Id);
        DateTimeOffset first = _bed.RecordOf(_image.Id).Record!.Proof!.At;
        File.SetLastWriteTimeUtc(BasePath, DateTime.UtcNow.AddMinutes(-1));
        Assert.True((await _bed.FetchAsync(_image.Id)).Hit);
        DateTimeOffset second = _bed.RecordOf(_image.Id).Record!.Proof!.At;
        Assert.True(second > first, "it was not read");
        Assert.True((await _bed.FetchAsync(_image.Id)).Hit);
        Assert.Equal(second, _bed.RecordOf(_image.Id).Record!.Proof!.At);
    }

    [Fact]
    public async Task A_record_of_before_there_were_proofs_is_proved_once_and_keeps_what_else_it_says()
    {
        await _bed.FetchAsync(_image.Id);
        Change(_image.Id, static record =>
        {
            record.Remove("proof");
            record["fromTheFuture"] = true;
        });
        _bed.Settings["checksum"] = "require";
        Assert.True((await _bed.FetchAsync(_image.Id)).Hit);
        Assert.True(_bed.RecordOf(_image.Id).Record!.Proof!.IsIntact);
        Assert.True((bool)_bed.RecordOf(_image.Id).Record!.Original!["fromTheFuture"]!);
    }

    [Fact]
    public async Task A_proof_of_a_newer_version_proves_nothing_here()
    {
        await _bed.FetchAsync(_image.Id);
        Change(_image.Id, static record => record["schemaVersion"] = ImageRecord.CurrentSchema + 1);
        Flip();
        _bed.Settings["checksum"] = "require";
        string before = File.ReadAllText(_bed.Layout.RecordPath(Path.GetFileName(BasePath)));

        FetchOutcome outcome = await _bed.TryFetchAsync(_image.Id);

        Assert.Equal(ErrorIds.RecordNewer, outcome.Error?.ErrorId);
        Assert.Equal(ErrorIds.RecordNewer, (await _bed.TryFetchAsync(_image.Id, force: true)).Error?.ErrorId);
        Assert.Equal(before, File.ReadAllText(_bed.Layout.RecordPath(Path.GetFileName(BasePath))));
        Assert.True(File.Exists(BasePath));
    }

    private void Flip()
    {
        using FileStream file = new(BasePath, FileMode.Open);
        file.Position = 1000;
        int value = file.ReadByte();
        file.Position = 1000;
        file.WriteByte((byte)(value ^ 1));
    }

    private void Hang()
    {
        foreach ((string method, string path) in ((string, string)[])[("POST", FakeCloud.TokensPath), ("GET", FakeCloud.ImagesPath), ("GET", FakeCloud.ImagePath(_image.Id)), ("GET", FakeCloud.DataPath(_image.Id))])
        {
            _bed.Server.Always(method, path, static answer => answer with { StallBeforeHeaders = true });
        }
    }

    private void Resize(long length)
    {
        using FileStream file = new(BasePath, FileMode.Open);
        file.SetLength(length);
    }

    private void Replace(byte[] content)
    {
        File.WriteAllBytes(_bed.Directory["other"], content);
        File.Copy(_bed.Directory["other"], BasePath + ".new");
        File.Move(BasePath + ".new", BasePath, overwrite: true);
    }

    private void Change(string id, Action<JsonObject> change)
    {
        string path = _bed.Layout.RecordPath(CacheLayout.BaseName(id));
        JsonObject record = (JsonObject)JsonNode.Parse(File.ReadAllText(path))!;
        change(record);
        File.WriteAllText(path, record.ToJsonString());
    }
}
