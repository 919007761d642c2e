using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Life;

/// <summary>Reading the cache again: what is found, and what is left as it was.</summary>
public sealed class IntegrityTests : IAsyncDisposable
{
    private readonly EngineBed _bed = new();
    private readonly FakeImage _image;

    public IntegrityTests() => _image = _bed.Cloud.Add(new FakeImage { Name = "proved", Data = TestData.Noise(3_000_000) });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string BasePath => _bed.BasePath(_image.Id);

    private string BaseName => Path.GetFileName(BasePath);

    private string RecordPath => _bed.Layout.RecordPath(BaseName);

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_whole_file_is_intact_and_no_service_is_asked()
    {
        BaseImage fetched = await _bed.FetchAsync(_image.Id);
        int before = _bed.Server.ConnectionCount;

        IntegrityResult result = Assert.Single(await VerifyAsync());

        Assert.Equal((IntegrityStatus.Intact, _image.Id, "proved", BasePath), (result.Status, result.Id, result.Name, result.Path));
        Assert.Equal(fetched.Digest, result.Expected);
        Assert.Equal(fetched.Digest, result.Actual);
        Assert.Null(result.Reason);
        Assert.False(result.Repaired);
        Assert.Equal(before, _bed.Server.ConnectionCount);
        Assert.Empty(_bed.Leftovers());
        Assert.Empty(_bed.Warnings);
    }

    [Fact]
    public async Task A_flipped_bit_is_found_with_its_times_set_back()
    {
        await _bed.FetchAsync(_image.Id);
        DateTime time = File.GetLastWriteTimeUtc(BasePath);
        Flip();
        File.SetLastWriteTimeUtc(BasePath, time);

        IntegrityResult result = Assert.Single(await VerifyAsync());

        Assert.Equal(IntegrityStatus.Damaged, result.Status);
        Assert.NotEqual(result.Expected, result.Actual);
        Assert.NotNull(result.Reason);
        Assert.Contains(_bed.Events(), static told => told.GetProperty("event").GetString() == "damaged");
    }

    [Fact]
    public async Task What_decayed_without_any_change_of_the_file_is_found_and_no_hit_any_more()
    {
        await _bed.FetchAsync(_image.Id);
        Decay();
        Assert.Equal(IntegrityStatus.Damaged, Assert.Single(await VerifyAsync()).Status);
        Assert.Equal(BaseImageState.Damaged, (await ListAsync()).State);
        Assert.False((await _bed.FetchAsync(_image.Id)).Hit);
        _bed.AssertWhole(_image.Id, _image.Data);
        Assert.Equal(IntegrityStatus.Intact, Assert.Single(await VerifyAsync()).Status);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2_999_999)]
    [InlineData(3_000_001)]
    public async Task Another_length_is_found_without_reading(int length)
    {
        await _bed.FetchAsync(_image.Id);
        Resize(length);
        IntegrityResult result = Assert.Single(await VerifyAsync());
        Assert.Equal((IntegrityStatus.Damaged, (long)length), (result.Status, result.Size!.Value));
        Assert.Contains($"{length} bytes", result.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, IntegrityStatus.Intact)]
    [InlineData(false, IntegrityStatus.Damaged)]
    public async Task Another_file_of_equal_length_and_time_is_told_by_its_bytes(bool sameBytes, IntegrityStatus expected)
    {
        await _bed.FetchAsync(_image.Id);
        DateTime time = File.GetLastWriteTimeUtc(BasePath);
        Replace(sameBytes ? _image.Data : TestData.Noise(_image.Data.Length, seed: 5));
        File.SetLastWriteTimeUtc(BasePath, time);
        IntegrityResult result = Assert.Single(await VerifyAsync());
        Assert.Equal(expected, result.Status);
        Assert.Equal(sameBytes, result.Reason is null);
    }

    [Fact]
    public async Task A_record_without_a_file_is_missing()
    {
        await _bed.FetchAsync(_image.Id);
        File.Delete(BasePath);
        IntegrityResult result = Assert.Single(await VerifyAsync());
        Assert.Equal((IntegrityStatus.Missing, _image.Id, BasePath), (result.Status, result.Id, result.Path));
        Assert.Equal(RecordState.Valid, _bed.RecordOf(_image.Id).State);
        Assert.Equal(IntegrityStatus.Missing, Assert.Single(await VerifyAsync(new VerifyRequest { Image = "proved" })).Status);
    }

    [Fact]
    public async Task A_file_without_a_record_is_unrecorded_and_not_read()
    {
        WriteAsNova(_image.Id, _image.Data);
        IntegrityResult result = Assert.Single(await VerifyAsync());
        Assert.Equal((IntegrityStatus.Unrecorded, (string?)null), (result.Status, result.Actual));
        Assert.Equal(0, _bed.Server.ConnectionCount);
        Assert.False(File.Exists(RecordPath));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"schemaVersion\":1,\"id\":\"another\"}")]
    public async Task A_damaged_record_is_damage_and_stays_where_it_is(string content)
    {
        await _bed.FetchAsync(_image.Id);
        File.WriteAllText(RecordPath, content);
        IntegrityResult result = Assert.Single(await VerifyAsync());
        Assert.Equal(IntegrityStatus.Damaged, result.Status);
        Assert.Contains("record", result.Reason, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(RecordPath));
    }

    [Fact]
    public async Task A_link_in_the_files_place_is_damage_and_not_followed()
    {
        await _bed.FetchAsync(_image.Id);
        File.Move(BasePath, _bed.Directory["elsewhere"]);
        File.CreateSymbolicLink(BasePath, _bed.Directory["elsewhere"]);
        IntegrityResult result = Assert.Single(await VerifyAsync());
        Assert.Equal((IntegrityStatus.Damaged, (string?)null), (result.Status, result.Actual));
    }

    [Fact]
    public async Task A_directory_in_the_files_place_is_damage()
    {
        await _bed.FetchAsync(_image.Id);
        File.Delete(BasePath);
        Directory.CreateDirectory(BasePath);
        Assert.Equal(IntegrityStatus.Damaged, Assert.Single(await VerifyAsync()).Status);
    }

    [Fact]
    public async Task A_record_of_a_newer_version_is_read_and_not_written()
    {
        await _bed.FetchAsync(_image.Id);
        string newer = File.ReadAllText(RecordPath).Replace("\"schemaVersion\": 1", "\"schemaVersion\": 99", StringComparison.Ordinal);
        File.WriteAllText(RecordPath, newer);
        Assert.Equal(IntegrityStatus.Intact, Assert.Single(await VerifyAsync()).Status);
        Flip();
        Assert.Equal(IntegrityStatus.Damaged, Assert.Single(await VerifyAsync()).Status);
        Assert.Equal(newer, File.ReadAllText(RecordPath));
    }

    [Fact]
    public async Task A_proof_is_kept_and_the_oldest_is_made_anew_first()
    {
        DateTimeOffset before = DateTimeOffset.UtcNow.AddSeconds(-1);
        FakeImage second = _bed.Cloud.Add(new FakeImage { Name = "second", Data = TestData.Noise(1000) });
        await _bed.FetchAsync(_image.Id);
        await _bed.FetchAsync(second.Id);
        WriteAsNova("nova's own", [1, 2, 3]);
        await VerifyAsync(new VerifyRequest { Image = _image.Id });

        List<IntegrityResult> all = await VerifyAsync();

        Assert.Equal([null, second.Id, _image.Id], all.Select(static result => result.Id));
        Assert.True(all[2].LastProvedAt >= before);
        Assert.True(all[2].LastProvedAt >= all[1].LastProvedAt);
        Assert.True(_bed.RecordOf(_image.Id).Record!.Proof!.At > all[2].LastProvedAt, "the new proof was not kept");
    }

    [Fact]
    public async Task Only_what_was_not_proved_lately_is_read_again()
    {
        await _bed.FetchAsync(_image.Id);
        Assert.Empty(await VerifyAsync(new VerifyRequest { OlderThan = TimeSpan.FromHours(1) }));
        Assert.Single(await VerifyAsync(new VerifyRequest { OlderThan = TimeSpan.Zero }));
        Flip();
        Assert.Equal(IntegrityStatus.Damaged, Assert.Single(await VerifyAsync(new VerifyRequest { OlderThan = TimeSpan.FromHours(1) })).Status);
        Assert.Equal(IntegrityStatus.Damaged, Assert.Single(await VerifyAsync(new VerifyRequest { OlderThan = TimeSpan.FromHours(1) })).Status);
    }

    [Fact]
    public async Task An_interrupted_scrub_goes_on_where_it_stopped()
    {
        FakeImage second = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(1000) });
        await _bed.FetchAsync(_image.Id);
        await _bed.FetchAsync(second.Id);
        await Task.Delay(20, Token);
        DateTimeOffset start = DateTimeOffset.UtcNow;
        await foreach (IntegrityResult first in _bed.Open().VerifyAsync(new VerifyRequest(), _bed.Monitor, Token))
        {
            Assert.Equal(_image.Id, first.Id);
            break;
        }

        IntegrityResult rest = Assert.Single(await VerifyAsync(new VerifyRequest { OlderThan = DateTimeOffset.UtcNow - start }));
        Assert.Equal(second.Id, rest.Id);
    }

    [Fact]
    public async Task An_image_that_is_not_here_is_not_found()
    {
        NotFoundException error = await Assert.ThrowsAsync<NotFoundException>(() => VerifyAsync(new VerifyRequest { Image = "nowhere" }));
        Assert.Equal(ErrorIds.ImageNotCached, error.ErrorId);
    }

    [Fact]
    public async Task Where_nothing_can_be_noted_it_is_told_once_and_proved_all_the_same()
    {
        FakeImage second = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(1000) });
        await _bed.FetchAsync(_image.Id);
        await _bed.FetchAsync(second.Id);
        Directory.Delete(_bed.Layout.LocksPath, recursive: true);
        File.WriteAllText(_bed.Layout.LocksPath, "no directory");
        Assert.All(await VerifyAsync(), static result => Assert.Equal(IntegrityStatus.Intact, result.Status));
        Assert.Single(_bed.Warnings);
    }

    [Fact]
    public async Task The_files_lock_is_free_while_it_is_read()
    {
        await _bed.FetchAsync(_image.Id);
        _bed.Settings["verify_rate_limit"] = "1MiB";
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<List<IntegrityResult>> running = VerifyAsync(new VerifyRequest(), TimeProvider.System, stop.Token);
        await UntilReadingAsync();
        using (BaseFileLock? held = BaseFileLock.TryAcquire(_bed.Layout.LockPath(BaseName)))
        {
            Assert.NotNull(held);
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Empty(_bed.Leftovers());
    }

    [Fact]
    public async Task A_file_written_to_while_it_is_read_is_not_proved()
    {
        await _bed.FetchAsync(_image.Id);
        ContentProof before = _bed.RecordOf(_image.Id).Record!.Proof!;
        _bed.Settings["verify_rate_limit"] = "2MiB";
        Task<List<IntegrityResult>> running = VerifyAsync(new VerifyRequest(), TimeProvider.System, Token);
        await UntilReadingAsync();
        File.SetLastWriteTimeUtc(BasePath, DateTime.UtcNow.AddMinutes(-5));

        IntegrityResult result = Assert.Single(await running);

        Assert.Equal(IntegrityStatus.Intact, result.Status);
        Assert.NotNull(result.Reason);
        Assert.Equal(before.At, _bed.RecordOf(_image.Id).Record!.Proof!.At);
    }

    [Fact]
    public async Task A_rate_limit_is_kept()
    {
        await _bed.FetchAsync(_image.Id);
        _bed.Settings["verify_rate_limit"] = "1MiB";
        Assert.Equal(IntegrityStatus.Intact, Assert.Single(await VerifyAsync()).Status);
        Assert.True(_bed.Time.Waits.Sum(static wait => wait.TotalSeconds) > 1, "it did not wait");
    }

    [Theory]
    [InlineData(false, IntegrityStatus.Intact)]
    [InlineData(true, IntegrityStatus.Damaged)]
    public async Task Novas_own_raw_file_is_compared_with_Glance_on_request(bool flipped, IntegrityStatus expected)
    {
        WriteAsNova(_image.Id, _image.Data);
        if (flipped)
        {
            Flip();
        }

        IntegrityResult result = Assert.Single(await VerifyAsync(new VerifyRequest { AskGlance = true }));
        Assert.Equal((expected, _image.Id, "proved"), (result.Status, result.Id, result.Name));
        Assert.False(File.Exists(RecordPath));
        Assert.Equal(0, _bed.DataRequests(_image.Id));
    }

    [Fact]
    public async Task What_nova_converted_stays_unrecorded_with_the_reason()
    {
        FakeImage qcow2 = _bed.Cloud.Add(new FakeImage { DiskFormat = "qcow2", Data = TestData.Noise(1000) });
        WriteAsNova(qcow2.Id, [1, 2, 3]);
        WriteAsNova("unknown to Glance", [1, 2, 3]);
        List<IntegrityResult> results = await VerifyAsync(new VerifyRequest { AskGlance = true });
        Assert.All(results, static result => Assert.Equal(IntegrityStatus.Unrecorded, result.Status));
        Assert.Contains("convert", results.Single(result => result.Id == qcow2.Id).Reason, StringComparison.Ordinal);
        Assert.Contains("Glance shows no image", results.Single(static result => result.Id is null).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sparse_file_is_intact()
    {
        byte[] data = new byte[40 << 20];
        TestData.Noise(70_000).CopyTo(data, 20 << 20);
        FakeImage sparse = _bed.Cloud.Add(new FakeImage { Data = data });
        await _bed.FetchAsync(sparse.Id);
        Assert.Equal(IntegrityStatus.Intact, Assert.Single(await VerifyAsync()).Status);
    }

    private void WriteAsNova(string id, byte[] content) => File.WriteAllBytes(_bed.BasePath(id), content);

    private async Task UntilReadingAsync()
    {
        while (!_bed.Monitor.Sample().Any(static item => item is { Stage: WorkStage.Verifying, Done: > 0 }))
        {
            await Task.Delay(5, Token);
        }
    }

    private void Flip() => FileDamage.Flip(BasePath, 1_234_567);

    // As if the disk had changed a bit: the record takes the file with the other bit for the one that it knew.
    private void Decay()
    {
        Flip();
        using TemporaryDirectory temporary = TemporaryDirectory.CreateAsync(_bed.Layout, Token).GetAwaiter().GetResult();
        ImageRecord record = _bed.RecordOf(_image.Id).Record!;
        FileFingerprint now = FileFingerprint.Of(Native.Posix.FileStatus.OfPath(BasePath)!.Value);
        _bed.Records.Write(record with { Proof = record.Proof! with { File = now } }, temporary, durable: false);
    }

    private void Resize(long length)
    {
        using FileStream file = new(BasePath, FileMode.Open);
        file.SetLength(length);
    }

    private void Replace(byte[] content)
    {
        File.WriteAllBytes(BasePath + ".new", content);
        File.Move(BasePath + ".new", BasePath, overwrite: true);
    }

    private async Task<BaseImage> ListAsync()
    {
        List<BaseImage> images = [];
        await foreach (BaseImage image in _bed.Open().ListAsync(new ListRequest(), _bed.Monitor, Token))
        {
            images.Add(image);
        }

        return Assert.Single(images);
    }

    private Task<List<IntegrityResult>> VerifyAsync(VerifyRequest? request = null) => VerifyAsync(request ?? new VerifyRequest(), _bed.Time, Token);

    private async Task<List<IntegrityResult>> VerifyAsync(VerifyRequest request, TimeProvider time, CancellationToken cancellationToken)
    {
        List<IntegrityResult> results = [];
        await foreach (IntegrityResult result in _bed.Open(time).VerifyAsync(request, _bed.Monitor, cancellationToken))
        {
            results.Add(result);
        }

        return results;
    }
}
