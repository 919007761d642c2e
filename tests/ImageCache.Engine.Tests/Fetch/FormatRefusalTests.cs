using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch;

/// <summary>Images whose bytes are not what their record says, or reach for files of the host. Their digests are right.</summary>
public sealed class FormatRefusalTests : IAsyncDisposable
{
    private readonly EngineBed _bed = new();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_qcow2_that_is_called_raw_is_refused()
        => await RefusedAsync(await Qemu.ToQcow2Async(_bed.Directory, TestData.Noise(1 << 20)), "raw", ErrorIds.FormatMismatch);

    [Fact]
    public async Task A_raw_disk_that_is_called_qcow2_is_refused()
        => await RefusedAsync(TestData.Noise(1 << 20), "qcow2", ErrorIds.FormatMismatch);

    [Fact]
    public async Task A_qcow2_with_a_backing_file_is_refused_when_its_header_has_come()
    {
        await Qemu.RunAsync("create", "-q", "-f", "qcow2", "-u", "-F", "raw", "-b", "/etc/passwd", _bed.Directory["evil"], "1M");
        byte[] evil = [.. await File.ReadAllBytesAsync(_bed.Directory["evil"], TestContext.Current.CancellationToken), .. new byte[60 << 20]];
        ImageCacheException error = await RefusedAsync(evil, "qcow2", ErrorIds.UnsafeImage);
        Assert.DoesNotContain("root:", error.ToString(), StringComparison.Ordinal);
        Assert.True(_bed.Server.BodyBytesSent < 50 << 20, "the whole image was read although its beginning is refused");
    }

    [Fact]
    public async Task A_qcow2_with_a_data_file_is_refused()
    {
        await Qemu.RunAsync("create", "-q", "-f", "qcow2", "-o", $"data_file={_bed.Directory["data"]},data_file_raw=on", _bed.Directory["evil"], "1M");
        await RefusedAsync(await File.ReadAllBytesAsync(_bed.Directory["evil"], TestContext.Current.CancellationToken), "qcow2", ErrorIds.UnsafeImage);
    }

    [Fact]
    public async Task A_qcow2_within_a_qcow2_is_refused()
    {
        byte[] inner = await Qemu.ToQcow2Async(_bed.Directory, TestData.Noise(1 << 20));
        await RefusedAsync(await Qemu.ToQcow2Async(_bed.Directory, inner), "qcow2", ErrorIds.UnsafeImage);
    }

    [Fact]
    public async Task An_empty_image_has_no_data()
        => await RefusedAsync([], "raw", ErrorIds.ImageDataNotFound);

    [Fact]
    public async Task A_disk_larger_than_allowed_is_refused()
    {
        _bed.Settings["maximum_virtual_size"] = "1GiB";
        await Qemu.RunAsync("create", "-q", "-f", "qcow2", _bed.Directory["large"], "1025M");
        await RefusedAsync(await File.ReadAllBytesAsync(_bed.Directory["large"], TestContext.Current.CancellationToken), "qcow2", ErrorIds.ImageTooLarge);
    }

    private async Task<FetchOutcome> FetchAsync(byte[] data, string diskFormat)
    {
        FakeImage image = _bed.Cloud.Add(new FakeImage { DiskFormat = diskFormat, Data = data });
        FetchOutcome outcome = await _bed.TryFetchAsync(image.Id);
        Assert.True(outcome.Error is not null, "it was taken");
        _bed.AssertNothingLeft(image.Id, outcome.Error.ErrorId);
        return outcome;
    }

    private async Task<ImageCacheException> RefusedAsync(byte[] data, string diskFormat, string errorId)
    {
        FetchOutcome outcome = await FetchAsync(data, diskFormat);
        Assert.Equal(errorId, outcome.Error!.ErrorId);
        return outcome.Error;
    }
}
