using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch;

/// <summary>Files under an image's name that nobody proved: nova's own, others', and ours whose record is lost.</summary>
public sealed class ForeignFileTests : IAsyncDisposable
{
    private readonly EngineBed _bed = new();
    private readonly FakeImage _image;

    public ForeignFileTests() => _image = _bed.Cloud.Add(new FakeImage { Name = "foreign", Data = TestData.Noise(500_000) });

    private string BasePath => _bed.BasePath(_image.Id);

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_file_with_the_images_bytes_is_adopted_and_stays_the_same_file()
    {
        File.WriteAllBytes(BasePath, _image.Data);
        ulong inode = Native.Posix.FileStatus.OfPath(BasePath)!.Value.Inode;
        File.SetLastWriteTimeUtc(BasePath, DateTime.UtcNow.AddDays(-2));

        BaseImage adopted = await _bed.FetchAsync(_image.Id);

        Assert.Equal(BaseImageMethod.Foreign, adopted.Method);
        Assert.Equal(DigestStatus.Verified, adopted.DigestStatus);
        Assert.Equal(inode, Native.Posix.FileStatus.OfPath(BasePath)!.Value.Inode);
        Assert.True(File.GetLastWriteTimeUtc(BasePath) > DateTime.UtcNow.AddDays(-1), "nova's cleaner would take it");
        Assert.Contains(_bed.Events(), static told => told.GetProperty("event").GetString() == "adopted");
        _bed.AssertWhole(_image.Id, _image.Data);
        Assert.True((await _bed.FetchAsync(_image.Id)).Hit);
    }

    [Fact]
    public async Task A_base_that_nova_converted_is_adopted()
    {
        FakeImage image = _bed.Cloud.Add(new FakeImage { DiskFormat = "qcow2", Data = await Qemu.ToQcow2Async(_bed.Directory, TestData.Noise(3 << 20)) });
        await File.WriteAllBytesAsync(_bed.Directory["part"], image.Data, TestContext.Current.CancellationToken);
        await Qemu.RunAsync("convert", "-t", "none", "-O", "raw", "-f", "qcow2", _bed.Directory["part"], _bed.BasePath(image.Id));

        BaseImage adopted = await _bed.FetchAsync(image.Id);

        Assert.Equal(BaseImageMethod.Foreign, adopted.Method);
        Assert.Equal("raw", adopted.DiskFormat);
        _bed.AssertWhole(image.Id, TestData.Noise(3 << 20));
    }

    [Fact]
    public async Task A_file_that_disks_use_is_adopted_all_the_same_when_its_bytes_are_right()
    {
        File.WriteAllBytes(BasePath, _image.Data);
        await Qemu.OverlayAsync(_bed.Directory["instances/one/disk"], BasePath);
        Assert.Equal(BaseImageMethod.Foreign, (await _bed.FetchAsync(_image.Id, force: true)).Method);
    }

    [Theory]
    [InlineData(500_000)]
    [InlineData(499_999)]
    [InlineData(0)]
    public async Task A_file_with_other_bytes_is_refused_and_left_alone(int length)
    {
        byte[] other = TestData.Noise(length, seed: 5);
        File.WriteAllBytes(BasePath, other);

        FetchOutcome outcome = await _bed.TryFetchAsync(_image.Id);

        Assert.Equal(ErrorIds.ForeignFileDiffers, Assert.IsType<VerificationException>(outcome.Error).ErrorId);
        AssertUntouched(other);
        Assert.Equal(RecordState.Missing, _bed.RecordOf(_image.Id).State);
        _bed.AssertFailureTold(ErrorIds.ForeignFileDiffers);
    }

    [Fact]
    public async Task Force_replaces_a_file_with_other_bytes()
    {
        File.WriteAllBytes(BasePath, TestData.Noise(1000, seed: 5));
        BaseImage fetched = await _bed.FetchAsync(_image.Id, force: true);
        Assert.Equal(BaseImageMethod.Download, fetched.Method);
        _bed.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task Force_does_not_replace_what_a_disk_uses()
    {
        byte[] other = TestData.Noise(512 * 10, seed: 5);
        File.WriteAllBytes(BasePath, other);
        await Qemu.OverlayAsync(_bed.Directory["instances/two/disk"], BasePath);

        FetchOutcome outcome = await _bed.TryFetchAsync(_image.Id, force: true);

        Assert.Equal(ErrorIds.ImageInUse, Assert.IsType<BusyException>(outcome.Error).ErrorId);
        AssertUntouched(other);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("{\"id\":null,\"descriptor\":null}")]
    public async Task A_file_whose_record_is_damaged_is_proven_anew(string record)
    {
        await _bed.FetchAsync(_image.Id);
        File.WriteAllText(_bed.Layout.RecordPath(Path.GetFileName(BasePath)), record);

        BaseImage adopted = await _bed.FetchAsync(_image.Id);

        Assert.False(adopted.Hit);
        Assert.Equal(BaseImageMethod.Foreign, adopted.Method);
        Assert.Contains(_bed.Warnings, static warning => warning.Contains("damaged", StringComparison.Ordinal));
        _bed.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task A_file_whose_record_is_lost_is_proven_anew()
    {
        await _bed.FetchAsync(_image.Id);
        File.Delete(_bed.Layout.RecordPath(Path.GetFileName(BasePath)));
        Assert.Equal(BaseImageMethod.Foreign, (await _bed.FetchAsync(_image.Id)).Method);
        _bed.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task A_link_under_the_images_name_is_neither_followed_nor_replaced()
    {
        File.WriteAllBytes(_bed.Directory["precious"], [1, 2, 3]);
        File.CreateSymbolicLink(BasePath, _bed.Directory["precious"]);

        FetchOutcome outcome = await _bed.TryFetchAsync(_image.Id);

        Assert.Equal(ErrorIds.ForeignFileDiffers, outcome.Error?.ErrorId);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(_bed.Directory["precious"]));
        Assert.NotNull(new FileInfo(BasePath).LinkTarget);
        Assert.Empty(_bed.Leftovers());
    }

    [Fact]
    public async Task A_file_that_appears_during_the_transfer_without_the_lock_is_adopted()
    {
        _bed.Server.Next("GET", FakeCloud.DataPath(_image.Id), answer =>
        {
            File.WriteAllBytes(BasePath, _image.Data);
            return answer;
        });
        Assert.Equal(BaseImageMethod.Foreign, (await _bed.FetchAsync(_image.Id)).Method);
        _bed.AssertWhole(_image.Id, _image.Data);
    }

    private void AssertUntouched(byte[] content)
    {
        Assert.Equal(content, File.ReadAllBytes(BasePath));
        Assert.Empty(_bed.Leftovers());
    }
}
