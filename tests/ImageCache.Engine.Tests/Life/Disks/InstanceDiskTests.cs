using System.Text.Json;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Disks;

/// <summary>What a disk holds, and what is told of it.</summary>
public sealed class InstanceDiskTests : IAsyncDisposable
{
    private readonly DiskBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData(null, DiskBed.Size)]
    [InlineData(0L, DiskBed.Size)]
    [InlineData((long)DiskBed.Size, DiskBed.Size)]
    [InlineData(DiskBed.Size + 1L, DiskBed.Size + 512)]
    [InlineData(10L << 20, 10 << 20)]
    public async Task An_overlay_shows_the_image_and_zeros_behind_it(long? wanted, long size)
    {
        await _bed.Node.FetchAsync(_bed.Image.Id);
        InstanceDisk disk = await _bed.MakeAsync(_bed.Request() with { Size = wanted });
        await _bed.AssertHoldsImageAsync(disk, size);
        Assert.Equal((_bed.Image.Id, "disk-image", InstanceDiskFormat.Qcow2), (disk.ImageId, disk.Name, disk.Format));
        Assert.Equal((_bed.BasePath, "raw", _bed.BasePath), (disk.BackingFile, disk.BackingFormat, disk.Base));
        Assert.Equal((null, null), (disk.Target, disk.CopyMethod));
        Assert.Equal(new FileInfo(disk.Path).Length, disk.Size);
        JsonElement info = await DiskBed.InfoAsync(disk.Path);
        Assert.Equal(_bed.BasePath, info.GetProperty("backing-filename").GetString());
        Assert.Equal("raw", info.GetProperty("backing-filename-format").GetString());
    }

    [Theory]
    [InlineData(null, DiskBed.Size)]
    [InlineData(10L << 20, 10 << 20)]
    public async Task A_copy_stands_alone_and_keeps_its_holes(long? wanted, long size)
    {
        await _bed.Node.FetchAsync(_bed.Image.Id);
        InstanceDisk disk = await _bed.MakeAsync(_bed.Request() with { Size = wanted, Format = InstanceDiskFormat.Raw });
        File.Delete(_bed.BasePath);
        await _bed.AssertHoldsImageAsync(disk, size);
        Assert.Equal((null, null), (disk.BackingFile, disk.BackingFormat));
        Assert.NotNull(disk.CopyMethod);
        Assert.True(disk.AllocatedSize <= DiskBed.Size - (1 << 20), $"{disk.AllocatedSize} bytes are allocated");
    }

    [Fact]
    public async Task A_qcow2_base_gives_its_cluster_size_to_overlays_and_its_disk_to_copies()
    {
        _bed.Node.Settings["force_raw_images"] = "false";
        byte[] data = await Qemu.ToQcow2Async(_bed.Node.Directory, DiskBed.WithHole(), "-o", "cluster_size=32k");
        _bed.Image = _bed.Node.Cloud.Add(new FakeImage { DiskFormat = "qcow2", Data = data });
        await _bed.Node.FetchAsync(_bed.Image.Id);

        InstanceDisk overlay = await _bed.MakeAsync(_bed.Request() with { Size = 6 << 20 });
        await _bed.AssertHoldsImageAsync(overlay, 6 << 20);
        Assert.Equal("qcow2", overlay.BackingFormat);
        Assert.Equal(32768, (await DiskBed.InfoAsync(overlay.Path)).GetProperty("cluster-size").GetInt64());

        InstanceDisk copy = await _bed.MakeAsync(_bed.Request(_bed.NewPath("two")) with { Size = 6 << 20, Format = InstanceDiskFormat.Raw });
        await _bed.AssertHoldsImageAsync(copy, 6 << 20);
        Assert.Equal(DiskCopyMethod.Converted, copy.CopyMethod);
        Assert.Empty(_bed.Node.Leftovers());
    }

    [Fact]
    public async Task A_disk_has_the_mode_and_the_owner_that_nova_would_give_it()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root to give files away");
        await _bed.Node.FetchAsync(_bed.Image.Id);
        DiskRequest request = _bed.Request();
        await ChownAsync("12345:12346", Path.GetDirectoryName(request.Path)!);
        InstanceDisk disk = await _bed.MakeAsync(request);
        Native.Posix.FileStatus status = Native.Posix.FileStatus.OfPath(disk.Path)!.Value;
        Assert.Equal((12345u, 12346u), (status.UserId, status.GroupId));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, status.Mode);
    }

    [Fact]
    public async Task The_disk_of_an_instance_lies_where_nova_has_it()
    {
        await _bed.Node.FetchAsync(_bed.Image.Id);
        string id = Guid.NewGuid().ToString();
        DiskRequest request = new() { Image = _bed.Image.Id, InstanceId = id.ToUpperInvariant() };
        UnavailableException missing = await Assert.ThrowsAsync<UnavailableException>(() => _bed.MakeAsync(request));
        Assert.Equal(ErrorIds.DiskPathUnavailable, missing.ErrorId);
        InstanceDisk disk = await _bed.MakeAsync(request with { CreateDirectory = true });
        Assert.Equal(Path.Join(_bed.Instances, id, "disk"), disk.Path);
        await _bed.AssertHoldsImageAsync(disk, DiskBed.Size);
    }

    [Fact]
    public async Task Making_a_disk_counts_as_a_use_and_keeps_the_base_from_aging()
    {
        await _bed.Node.FetchAsync(_bed.Image.Id);
        File.SetLastWriteTimeUtc(_bed.BasePath, DateTime.UtcNow.AddDays(-3));
        long before = _bed.Node.RecordOf(_bed.Image.Id).Record!.UseCount;
        InstanceDisk disk = await _bed.MakeAsync();
        ImageRecord record = _bed.Node.RecordOf(_bed.Image.Id).Record!;
        Assert.Equal(before + 1, record.UseCount);
        Assert.True(record.LastUsedAt >= disk.CreatedAt.AddMinutes(-1), "the use was not noted");
        Assert.True(File.GetLastWriteTimeUtc(_bed.BasePath) > DateTime.UtcNow.AddHours(-1), "the base file was not touched");
        JsonElement told = Assert.Single(_bed.Node.Events(), static told => told.GetProperty("event").GetString() == "diskMade");
        Assert.Equal(disk.Path, told.GetProperty("path").GetString());
    }

    [Fact]
    public async Task A_disk_smaller_than_the_image_is_refused()
    {
        await _bed.Node.FetchAsync(_bed.Image.Id);
        foreach (InstanceDiskFormat format in Enum.GetValues<InstanceDiskFormat>())
        {
            PolicyException error = await _bed.RefusedAsync<PolicyException>(
                ErrorIds.DiskSmallerThanImage, _bed.Request() with { Size = DiskBed.Size - 512, Format = format });
            Assert.Equal(_bed.Image.Id, error.ImageId);
        }
    }

    [Fact]
    public async Task A_disk_smaller_than_min_disk_is_refused_as_nova_refuses_it()
    {
        _bed.Image = _bed.Node.Cloud.Add(new FakeImage { Data = DiskBed.WithHole(), Extra = new() { ["min_disk"] = 2 } });
        await _bed.Node.FetchAsync(_bed.Image.Id);
        await _bed.RefusedAsync<PolicyException>(ErrorIds.DiskSmallerThanMinDisk, _bed.Request() with { Size = (2L << 30) - 512 });
        await _bed.MakeAsync(_bed.Request() with { Size = 2L << 30 });
        InstanceDisk own = await _bed.MakeAsync(_bed.Request(_bed.NewPath("two")));
        Assert.Equal(DiskBed.Size, own.VirtualSize);
    }

    [Fact]
    public async Task An_image_that_is_not_here_is_not_found()
        => await _bed.RefusedAsync<NotFoundException>(ErrorIds.ImageNotCached);

    [Fact]
    public async Task A_full_disk_leaves_nothing()
    {
        using SmallFileSystem small = SmallFileSystem.Mount(_bed.Node.Directory["small"], "size=1m");
        await _bed.Node.FetchAsync(_bed.Image.Id);
        UnavailableException error = await _bed.RefusedAsync<UnavailableException>(
            ErrorIds.DiskFull, _bed.Request(Path.Join(small.FullPath, "disk")) with { Format = InstanceDiskFormat.Raw });
        Assert.Empty(Directory.GetFileSystemEntries(small.FullPath));
        Assert.Equal(_bed.Image.Id, error.ImageId);
        InstanceDisk overlay = await _bed.MakeAsync(_bed.Request(Path.Join(small.FullPath, "disk")));
        await _bed.AssertHoldsImageAsync(overlay, DiskBed.Size);
    }

    [Fact]
    public async Task A_file_system_that_shares_blocks_is_not_filled_by_copies()
    {
        using ReflinkFileSystem shared = await ReflinkFileSystem.MountAsync(_bed.Node.Directory["reflink"], _bed.Node.Directory["reflink.img"]);
        _bed.Node.CachePath = Path.Join(shared.FullPath, "instances", "_base");
        Directory.CreateDirectory(_bed.Node.CachePath);
        await _bed.Node.FetchAsync(_bed.Image.Id);
        string path = Path.Join(shared.FullPath, "instances", "disk");
        InstanceDisk disk = await _bed.MakeAsync(_bed.Request(path) with { Format = InstanceDiskFormat.Raw, Size = 8 << 20 });
        Assert.Equal(DiskCopyMethod.Reflink, disk.CopyMethod);
        await _bed.AssertHoldsImageAsync(disk, 8 << 20);
        await File.WriteAllBytesAsync(path, new byte[8 << 20], Token);
        _bed.Node.AssertWhole(_bed.Image.Id, DiskBed.WithHole());
    }

    private static async Task ChownAsync(string owner, string path)
    {
        using System.Diagnostics.Process chown = System.Diagnostics.Process.Start("chown", [owner, path]);
        await chown.WaitForExitAsync(Token);
        Assert.Equal(0, chown.ExitCode);
    }
}
