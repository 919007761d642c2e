using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Life;

/// <summary>Removing one image: never under a disk that uses it, unless the caller insists.</summary>
public sealed class RemovalTests : IAsyncDisposable
{
    private readonly EngineBed _bed = new();
    private readonly FakeImage _image;

    public RemovalTests() => _image = _bed.Cloud.Add(new FakeImage { Name = "removed", Data = TestData.Noise(512 * 100) });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string BasePath => _bed.BasePath(_image.Id);

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_unused_image_goes_with_its_record(bool byName)
    {
        await _bed.FetchAsync(_image.Id);
        BaseImage removed = await RemoveAsync(byName ? "removed" : _image.Id);
        Assert.Equal(_image.Id, removed.Id);
        Assert.Equal("removed", removed.Name);
        AssertGone();
        Assert.Contains(_bed.Events(), static told => told.GetProperty("event").GetString() == "removed");
    }

    [Fact]
    public async Task An_unrecorded_file_is_removed_by_the_name_it_has()
    {
        File.WriteAllBytes(BasePath, _image.Data);
        await RemoveAsync(Path.GetFileName(BasePath));
        AssertGone();
    }

    [Theory]
    [InlineData("disk")]
    [InlineData("disk.rescue")]
    [InlineData("disk.local")]
    [InlineData("disk.eph1")]
    [InlineData("snapshots/half.qcow2")]
    public async Task An_image_below_any_disk_of_an_instance_is_kept(string disk)
    {
        await _bed.FetchAsync(_image.Id);
        string path = _bed.Directory[$"instances/11111111-2222-3333-4444-555555555555/{disk}"];
        await Qemu.OverlayAsync(path, BasePath);
        BusyException error = await RefusedAsync();
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_at_the_end_of_a_chain_is_kept()
    {
        await _bed.FetchAsync(_image.Id);
        string middle = _bed.Directory["instances/one/middle"];
        await Qemu.OverlayAsync(middle, BasePath);
        string top = _bed.Directory["instances/two/disk"];
        await Qemu.OverlayAsync(top, middle, "qcow2");
        Assert.Contains(top, (await RefusedAsync()).Message, StringComparison.Ordinal);
        Assert.True((await ListOneAsync()).InUse);
    }

    [Fact]
    public async Task A_disk_that_names_its_base_relatively_counts()
    {
        await _bed.FetchAsync(_image.Id);
        string disk = _bed.Directory["instances/one/disk"];
        Directory.CreateDirectory(Path.GetDirectoryName(disk)!);
        await Qemu.RunAsync("create", "-q", "-f", "qcow2", "-u", "-F", "raw", "-b", "../_base/" + Path.GetFileName(BasePath), disk, "1M");
        await RefusedAsync();
    }

    [Theory]
    [InlineData("QFI\u00fb")]
    [InlineData("QFI\u00fb\0\0\0\u0009")]
    public async Task A_disk_that_cannot_be_read_may_use_anything(string content)
    {
        await _bed.FetchAsync(_image.Id);
        string disk = _bed.Directory["instances/broken/disk"];
        Directory.CreateDirectory(Path.GetDirectoryName(disk)!);
        await File.WriteAllBytesAsync(disk, System.Text.Encoding.Latin1.GetBytes(content), Token);
        Assert.Contains(disk, (await RefusedAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_disk_and_what_uses_another_base_is_no_hindrance()
    {
        await _bed.FetchAsync(_image.Id);
        FakeImage other = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(5120, seed: 3) });
        await _bed.FetchAsync(other.Id);
        await Qemu.OverlayAsync(_bed.Directory["instances/one/disk"], _bed.BasePath(other.Id));
        await File.WriteAllTextAsync(_bed.Directory["instances/one/console.log"], "login:", Token);
        await File.WriteAllTextAsync(_bed.Directory["instances/one/disk.info"], "{}", Token);
        File.CreateSymbolicLink(_bed.Directory["instances/one/dangling"], "/nowhere/at/all");
        await RemoveAsync(_image.Id);
        AssertGone();
        Assert.True(File.Exists(_bed.BasePath(other.Id)), "the other one went, too");
    }

    [Fact]
    public async Task Who_insists_removes_what_is_in_use()
    {
        await _bed.FetchAsync(_image.Id);
        await Qemu.OverlayAsync(_bed.Directory["instances/one/disk"], BasePath);
        ImageCacheEngine engine = _bed.Open();
        RemovalPlan plan = await engine.PlanRemovalAsync(_image.Id, force: true, _bed.Monitor, Token);
        Assert.Single(plan.UsedBy);
        BaseImage removed = await engine.RemoveAsync(plan, _bed.Monitor, Token);
        Assert.True(removed.InUse);
        AssertGone();
    }

    [Fact]
    public async Task A_disk_made_between_plan_and_removal_saves_the_image()
    {
        await _bed.FetchAsync(_image.Id);
        ImageCacheEngine engine = _bed.Open();
        RemovalPlan plan = await engine.PlanRemovalAsync(_image.Id, force: false, _bed.Monitor, Token);
        await Qemu.OverlayAsync(_bed.Directory["instances/one/disk"], BasePath);
        BusyException error = await Assert.ThrowsAsync<BusyException>(() => engine.RemoveAsync(plan, _bed.Monitor, Token));
        Assert.Equal(ErrorIds.ImageInUse, error.ErrorId);
        _bed.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task What_is_not_here_is_not_found()
    {
        NotFoundException error = await Assert.ThrowsAsync<NotFoundException>(() => RemoveAsync("nothing"));
        Assert.Equal(ErrorIds.ImageNotCached, error.ErrorId);
    }

    [Fact]
    public async Task What_another_removed_meanwhile_is_not_found()
    {
        await _bed.FetchAsync(_image.Id);
        ImageCacheEngine engine = _bed.Open();
        RemovalPlan plan = await engine.PlanRemovalAsync(_image.Id, force: false, _bed.Monitor, Token);
        await engine.RemoveAsync(plan, _bed.Monitor, Token);
        NotFoundException error = await Assert.ThrowsAsync<NotFoundException>(() => engine.RemoveAsync(plan, _bed.Monitor, Token));
        Assert.Equal(ErrorIds.ImageNotCached, error.ErrorId);
    }

    [Fact]
    public async Task A_name_that_two_images_have_removes_neither()
    {
        FakeImage other = _bed.Cloud.Add(new FakeImage { Name = "removed", Data = TestData.Noise(512) });
        await _bed.FetchAsync(_image.Id);
        await _bed.FetchAsync(other.Id);
        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(() => RemoveAsync("removed"));
        Assert.Equal(ErrorIds.AmbiguousImage, error.ErrorId);
        Assert.True(File.Exists(BasePath) && File.Exists(_bed.BasePath(other.Id)), "one was removed");
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("../instances")]
    [InlineData(".imagecache")]
    [InlineData("")]
    public async Task What_is_no_image_removes_nothing_else(string reference)
    {
        await _bed.FetchAsync(_image.Id);
        await Assert.ThrowsAsync<NotFoundException>(() => RemoveAsync(reference));
        _bed.AssertWhole(_image.Id, _image.Data);
    }

    private async Task<BaseImage> RemoveAsync(string image)
    {
        ImageCacheEngine engine = _bed.Open();
        RemovalPlan plan = await engine.PlanRemovalAsync(image, force: false, _bed.Monitor, Token);
        return await engine.RemoveAsync(plan, _bed.Monitor, Token);
    }

    private async Task<BusyException> RefusedAsync()
    {
        BusyException error = await Assert.ThrowsAsync<BusyException>(() => RemoveAsync(_image.Id));
        Assert.Equal(ErrorIds.ImageInUse, error.ErrorId);
        _bed.AssertWhole(_image.Id, _image.Data);
        return error;
    }

    private async Task<BaseImage> ListOneAsync()
    {
        List<BaseImage> found = [];
        await foreach (BaseImage image in _bed.Open().ListAsync(new ListRequest { Image = _image.Id }, _bed.Monitor, Token))
        {
            found.Add(image);
        }

        return Assert.Single(found);
    }

    private void AssertGone()
    {
        Assert.False(Path.Exists(BasePath), "the file is still there");
        Assert.Equal(RecordState.Missing, _bed.RecordOf(_image.Id).State);
        Assert.Empty(_bed.Leftovers());
    }
}
