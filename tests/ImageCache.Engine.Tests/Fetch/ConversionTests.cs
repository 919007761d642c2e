using System.Diagnostics;
using System.Security.Cryptography;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch;

/// <summary>What is published: raw by conversion or as it came, sparse, with its owner, mode and digests.</summary>
public sealed class ConversionTests : IAsyncDisposable
{
    private readonly EngineBed _bed = new();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_qcow2_becomes_a_sparse_raw_with_the_digests_of_both()
    {
        byte[] disk = Disk();
        FakeImage image = _bed.Cloud.Add(new FakeImage { DiskFormat = "qcow2", Data = await Qemu.ToQcow2Async(_bed.Directory, disk) });

        BaseImage fetched = await _bed.FetchAsync(image.Id);

        _bed.AssertWhole(image.Id, disk);
        Assert.Equal("raw", fetched.DiskFormat);
        Assert.Equal(disk.Length, fetched.VirtualSize);
        Assert.Equal(image.Data.Length, fetched.BytesTransferred);
        Assert.True(fetched.AllocatedSize < disk.Length / 2, $"{fetched.AllocatedSize} bytes are allocated");
        Assert.Equal("sha512:" + Convert.ToHexStringLower(SHA512.HashData(image.Data)), fetched.SourceDigest);
        Assert.Equal("sha256:" + Convert.ToHexStringLower(SHA256.HashData(disk)), fetched.Digest);
        Assert.Equal(BaseImageMethod.Download, fetched.Method);
        Assert.Equal(BaseImageState.Ready, fetched.State);
        Assert.False(fetched.Hit);
    }

    [Theory]
    [InlineData("vmdk", "-o", "subformat=streamOptimized")]
    [InlineData("vpc", "-o", "force_size=on")]
    [InlineData("vhdx", "-q")]
    [InlineData("vdi", "-q")]
    public async Task Other_formats_become_raw_too(string format, params string[] options)
    {
        byte[] disk = Disk();
        await File.WriteAllBytesAsync(_bed.Directory["disk"], disk, TestContext.Current.CancellationToken);
        await Qemu.RunAsync(["convert", "-f", "raw", "-O", format, .. options, _bed.Directory["disk"], _bed.Directory["image"]]);
        byte[] data = await File.ReadAllBytesAsync(_bed.Directory["image"], TestContext.Current.CancellationToken);
        FakeImage image = _bed.Cloud.Add(new FakeImage { DiskFormat = format == "vpc" ? "vhd" : format, Data = data });
        await _bed.FetchAsync(image.Id);
        _bed.AssertWhole(image.Id, disk);
    }

    [Fact]
    public async Task A_qcow2_stays_one_where_the_cache_keeps_what_comes()
    {
        _bed.Settings["force_raw_images"] = "false";
        byte[] disk = Disk();
        FakeImage image = _bed.Cloud.Add(new FakeImage { DiskFormat = "qcow2", Data = await Qemu.ToQcow2Async(_bed.Directory, disk) });
        BaseImage fetched = await _bed.FetchAsync(image.Id);
        _bed.AssertWhole(image.Id, image.Data);
        Assert.Equal("qcow2", fetched.DiskFormat);
        Assert.Equal(disk.Length, fetched.VirtualSize);
    }

    [Fact]
    public async Task Zeros_of_a_raw_image_are_not_allocated()
    {
        byte[] disk = Disk();
        FakeImage image = _bed.Cloud.Add(new FakeImage { Data = disk });
        BaseImage fetched = await _bed.FetchAsync(image.Id);
        _bed.AssertWhole(image.Id, disk);
        Assert.True(fetched.AllocatedSize < disk.Length / 2, $"{fetched.AllocatedSize} bytes are allocated");
    }

    [Fact]
    public async Task An_image_whose_length_is_no_multiple_of_a_sector_is_kept_as_it_is()
    {
        FakeImage image = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(100_003) });
        await _bed.FetchAsync(image.Id);
        _bed.AssertWhole(image.Id, image.Data);
    }

    [Fact]
    public async Task What_is_published_is_owned_as_the_cache_is_and_readable_by_all()
    {
        Assert.SkipUnless(Environment.UserName == "root", "only root can give files away");
        using (Process chown = Process.Start("chown", ["4242:4343", _bed.CachePath]))
        {
            await chown.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        FakeImage image = _bed.Cloud.Add(new FakeImage { Data = TestData.Noise(100_000) });

        await _bed.FetchAsync(image.Id);

        const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        string baseName = Path.GetFileName(_bed.BasePath(image.Id));
        Assert.Equal(Readable, File.GetUnixFileMode(_bed.BasePath(image.Id)));
        Assert.Equal(Readable, File.GetUnixFileMode(_bed.Layout.RecordPath(baseName)));
        foreach (string path in (string[])[_bed.BasePath(image.Id), _bed.Layout.RecordPath(baseName), _bed.Layout.EventsPath, _bed.Layout.RecordsPath, _bed.Layout.TemporaryPath])
        {
            FileStatus status = FileStatus.OfPath(path)!.Value;
            Assert.True((status.UserId, status.GroupId) == (4242u, 4343u), $"{path} is owned by {status.UserId}:{status.GroupId}");
        }

        FileStatus locks = FileStatus.OfPath(_bed.Layout.LocksPath)!.Value;
        FileStatus lockFile = FileStatus.OfPath(_bed.Layout.LockPath(baseName))!.Value;
        Assert.Equal((locks.UserId, locks.GroupId), (lockFile.UserId, lockFile.GroupId));
    }

    [Fact]
    public async Task The_name_is_novas()
    {
        // echo -n 155d900f-4e14-4e4c-a73d-069cbf4541e6 | sha1sum
        FakeImage image = _bed.Cloud.Add(new FakeImage { Id = "155d900f-4e14-4e4c-a73d-069cbf4541e6", Data = TestData.Noise(1000) });
        BaseImage fetched = await _bed.FetchAsync(image.Id);
        Assert.Equal(Path.Join(_bed.CachePath, "f2d1a8250ed3d4b744a8250dab8f6840179d502a"), fetched.Path);
    }

    // Data, a large hole, data.
    private static byte[] Disk()
    {
        byte[] disk = new byte[16 << 20];
        TestData.Noise(1 << 20).CopyTo(disk, 0);
        TestData.Noise(100_000, seed: 2).CopyTo(disk, 9 << 20);
        return disk;
    }
}
