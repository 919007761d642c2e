using System.Text.Json;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Disks;

/// <summary>Targets: made once, shared, and never used on other data than they were made on.</summary>
public sealed class TargetTests : IAsyncLifetime
{
    private const long Size = 8 << 20;

    private readonly DiskBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string TargetPath => _bed.Node.Layout.TargetPath(CacheLayout.BaseName(_bed.Image.Id), Size);

    private string RecordPath => TargetPath + ".json";

    public async ValueTask InitializeAsync() => await _bed.Node.FetchAsync(_bed.Image.Id);

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_target_lies_between_disk_and_base()
    {
        InstanceDisk disk = await MakeAsync("one");
        await _bed.AssertHoldsImageAsync(disk, Size);
        Assert.Equal((TargetPath, TargetPath, "qcow2", _bed.BasePath), (disk.Target, disk.BackingFile, disk.BackingFormat, disk.Base));
        JsonElement chain = await DiskBed.InfoAsync(disk.Path, "--backing-chain");
        Assert.Equal([disk.Path, TargetPath, _bed.BasePath], chain.EnumerateArray().Select(static link => link.GetProperty("filename").GetString()!));
        FileStatus status = FileStatus.OfPath(TargetPath)!.Value;
        FileStatus cache = FileStatus.OfPath(_bed.Node.CachePath)!.Value;
        Assert.Equal((cache.UserId, cache.GroupId), (status.UserId, status.GroupId));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, status.Mode);
    }

    [Fact]
    public async Task Later_disks_share_it()
    {
        await MakeAsync("one");
        ulong inode = FileStatus.OfPath(TargetPath)!.Value.Inode;
        await _bed.AssertHoldsImageAsync(await MakeAsync("two"), Size);
        Assert.Equal(inode, FileStatus.OfPath(TargetPath)!.Value.Inode);
        Assert.Single(_bed.Node.Events(), static told => told.GetProperty("event").GetString() == "targetMade");
    }

    [Fact]
    public async Task Sizes_have_targets_of_their_own()
    {
        await MakeAsync("one");
        InstanceDisk other = await _bed.MakeAsync(_bed.Request(_bed.NewPath("two")) with { UseTarget = true });
        Assert.Equal(_bed.Node.Layout.TargetPath(CacheLayout.BaseName(_bed.Image.Id), DiskBed.Size), other.Target);
        await _bed.AssertHoldsImageAsync(other, DiskBed.Size);
    }

    [Fact]
    public async Task The_same_data_fetched_again_keep_the_target()
    {
        await MakeAsync("one");
        ulong inode = FileStatus.OfPath(TargetPath)!.Value.Inode;
        File.Delete(_bed.NewPath());
        await _bed.Node.FetchAsync(_bed.Image.Id, force: true);
        await MakeAsync("two");
        Assert.Equal(inode, FileStatus.OfPath(TargetPath)!.Value.Inode);
    }

    [Theory]
    [InlineData("digest")]
    [InlineData("no record")]
    [InlineData("damaged record")]
    [InlineData("other target")]
    [InlineData("other backing")]
    [InlineData("no qcow2")]
    public async Task A_target_that_does_not_fit_is_made_anew_when_no_disk_uses_it(string fault)
    {
        File.Delete((await MakeAsync("one")).Path);
        await SpoilAsync(fault);
        await _bed.AssertHoldsImageAsync(await MakeAsync("two"), Size);
        await _bed.AssertHoldsImageAsync(await MakeAsync("three"), Size);
        Assert.Single(_bed.Node.Events(), static told => told.GetProperty("event").GetString() == "targetRemoved");
    }

    [Fact]
    public async Task A_target_that_does_not_fit_is_left_alone_while_something_may_use_it()
    {
        File.Delete((await MakeAsync("one")).Path);
        await SpoilAsync("digest");
        ulong inode = FileStatus.OfPath(TargetPath)!.Value.Inode;
        await File.WriteAllBytesAsync(_bed.NewPath("broken"), [.. "QFI"u8, 0xfb], Token);
        await _bed.RefusedAsync<BusyException>(ErrorIds.TargetInUse, _bed.Request(_bed.NewPath("two")) with { UseTarget = true, Size = Size });
        Assert.Equal(inode, FileStatus.OfPath(TargetPath)!.Value.Inode);
    }

    [Fact]
    public async Task Two_processes_make_one_target()
    {
        using ProbeProcess first = Probe("one");
        using ProbeProcess second = Probe("two");
        await Task.WhenAll(first.WaitForAsync("READY"), second.WaitForAsync("READY"));
        await Task.WhenAll(first.GoAsync(), second.GoAsync());
        Assert.Contains("MADE", await first.WaitForEndAsync(), StringComparison.Ordinal);
        Assert.Contains("MADE", await second.WaitForEndAsync(), StringComparison.Ordinal);
        Assert.Single(_bed.Node.Events(), static told => told.GetProperty("event").GetString() == "targetMade");
        Assert.Equal([TargetPath, RecordPath], Directory.GetFiles(_bed.Node.Layout.TargetsPath).Order());
    }

    private ProbeProcess Probe(string instance)
        => ProbeProcess.Start(_bed.Node, $"--image={_bed.Image.Id}", $"--disk={_bed.NewPath(instance)}", $"--size={Size}", "--target", "--wait");

    private Task<InstanceDisk> MakeAsync(string instance)
        => _bed.MakeAsync(_bed.Request(_bed.NewPath(instance)) with { UseTarget = true, Size = Size });

    private async Task SpoilAsync(string fault)
    {
        string record = await File.ReadAllTextAsync(RecordPath, Token);
        switch (fault)
        {
            case "digest":
                string digest = _bed.Node.RecordOf(_bed.Image.Id).Record!.Digest!;
                await File.WriteAllTextAsync(RecordPath, record.Replace(digest, digest[..^1] + (digest[^1] == '0' ? '1' : '0'), StringComparison.Ordinal), Token);
                break;
            case "no record":
                File.Delete(RecordPath);
                break;
            case "damaged record":
                await File.WriteAllTextAsync(RecordPath, record[..^10], Token);
                break;
            case "other target":
                File.Copy(TargetPath, TargetPath + ".new");
                File.Move(TargetPath + ".new", TargetPath, overwrite: true);
                break;
            case "other backing":
                FakeImage other = _bed.Node.Cloud.Add(new FakeImage { Data = TestData.Noise(DiskBed.Size, seed: 9) });
                await _bed.Node.FetchAsync(other.Id);
                await Qemu.RunAsync("rebase", "-u", "-F", "raw", "-b", _bed.Node.BasePath(other.Id), TargetPath);
                break;
            default:
                await File.WriteAllBytesAsync(TargetPath, TestData.Noise(2000), Token);
                break;
        }
    }
}
