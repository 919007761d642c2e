using System.Diagnostics;
using ImageCache.Engine.Requests;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Disks;

/// <summary>Where a disk may be made, and what is never replaced.</summary>
public sealed class DiskPlaceTests : IAsyncLifetime
{
    private readonly DiskBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _bed.Node.FetchAsync(_bed.Image.Id);

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_file_that_is_there_is_replaced_only_on_request()
    {
        DiskRequest request = _bed.Request();
        await File.WriteAllTextAsync(request.Path!, "precious", Token);
        await _bed.RefusedAsync<PolicyException>(ErrorIds.DiskExists, request);
        Assert.Equal("precious", await File.ReadAllTextAsync(request.Path!, Token));
        await _bed.AssertHoldsImageAsync(await _bed.MakeAsync(request with { Force = true }), DiskBed.Size);
        Assert.Single(Directory.GetFileSystemEntries(Path.GetDirectoryName(request.Path)!));
    }

    [Fact]
    public async Task A_disk_that_qemu_has_open_is_not_replaced()
    {
        DiskRequest request = _bed.Request();
        await _bed.MakeAsync(request);
        using Process qemu = Process.Start(new ProcessStartInfo("/usr/bin/qemu-io", ["-f", "qcow2", request.Path!])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        await qemu.StandardInput.WriteLineAsync("length");
        await qemu.StandardInput.FlushAsync(Token);
        await qemu.StandardOutput.ReadLineAsync(Token);
        await _bed.RefusedAsync<BusyException>(ErrorIds.DiskInUse, request with { Force = true });
        qemu.StandardInput.Close();
        await qemu.WaitForExitAsync(Token);
        await _bed.MakeAsync(request with { Force = true });
    }

    [Fact]
    public async Task A_disk_with_a_snapshot_above_it_is_not_replaced()
    {
        DiskRequest request = _bed.Request();
        await _bed.MakeAsync(request);
        string snapshot = Path.Join(Path.GetDirectoryName(request.Path), "snapshot");
        await Qemu.RunAsync("create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", "disk", snapshot);
        BusyException error = await _bed.RefusedAsync<BusyException>(ErrorIds.DiskInUse, request with { Force = true });
        Assert.Contains("snapshot", error.Message, StringComparison.Ordinal);
        File.Delete(snapshot);
        await _bed.MakeAsync(request with { Force = true });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_link_in_the_disks_place_is_not_followed(bool force)
    {
        DiskRequest request = _bed.Request() with { Force = force };
        string precious = _bed.Node.Directory["precious"];
        await File.WriteAllTextAsync(precious, "precious", Token);
        File.CreateSymbolicLink(request.Path!, precious);
        await _bed.RefusedAsync<InvalidInputException>(ErrorIds.DiskPathInvalid, request);
        Assert.Equal("precious", await File.ReadAllTextAsync(precious, Token));
    }

    [Fact]
    public async Task Links_may_lead_to_the_directory()
    {
        string path = _bed.NewPath();
        Directory.CreateSymbolicLink(_bed.Node.Directory["link"], Path.GetDirectoryName(path)!);
        InstanceDisk disk = await _bed.MakeAsync(_bed.Request(_bed.Node.Directory["link/disk"]));
        Assert.Equal(_bed.Node.Directory["link/disk"], disk.Path);
        Assert.True(File.Exists(path), "it lies elsewhere");
    }

    [Theory]
    [InlineData("_base/disk")]
    [InlineData("_base/.imagecache/targets/disk")]
    [InlineData("_base/../_base/disk")]
    [InlineData("to-cache/disk")]
    [InlineData("_base")]
    [InlineData("one/")]
    [InlineData("one/..")]
    public async Task No_disk_is_made_in_the_cache_or_in_place_of_a_directory(string path)
    {
        Directory.CreateSymbolicLink(Path.Join(_bed.Instances, "to-cache"), _bed.Node.CachePath);
        _bed.NewPath();
        await Assert.ThrowsAsync<InvalidInputException>(() => _bed.MakeAsync(_bed.Request(Path.Join(_bed.Instances, path)) with { Force = true }));
        _bed.Node.AssertWhole(_bed.Image.Id, DiskBed.WithHole());
    }

    [Fact]
    public async Task The_base_file_itself_is_never_the_disk()
    {
        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(() => _bed.MakeAsync(_bed.Request(_bed.BasePath) with { Force = true }));
        Assert.Equal(ErrorIds.DiskPathInvalid, error.ErrorId);
        _bed.Node.AssertWhole(_bed.Image.Id, DiskBed.WithHole());
    }

    [Fact]
    public async Task A_missing_directory_is_made_only_on_request_and_only_one()
    {
        DiskRequest request = _bed.Request(Path.Join(_bed.Instances, "new", "disk"));
        await _bed.RefusedAsync<UnavailableException>(ErrorIds.DiskPathUnavailable, request);
        await _bed.MakeAsync(request with { CreateDirectory = true });
        await _bed.RefusedAsync<UnavailableException>(
            ErrorIds.DiskPathUnavailable, _bed.Request(Path.Join(_bed.Instances, "a", "b", "disk")) with { CreateDirectory = true });
        Assert.False(Directory.Exists(Path.Join(_bed.Instances, "a")), "a tree was made");
    }

    [Fact]
    public async Task A_name_with_commas_and_spaces_is_a_name()
    {
        InstanceDisk disk = await _bed.MakeAsync(_bed.Request(_bed.NewPath("with, comma,size=1", "my,disk")));
        await _bed.AssertHoldsImageAsync(disk, DiskBed.Size);
    }

    [Fact]
    public async Task Requests_that_contradict_themselves_are_refused()
    {
        DiskRequest request = _bed.Request();
        await _bed.RefusedAsync<InvalidInputException>(ErrorIds.InvalidReference, request with { UseTarget = true, Format = InstanceDiskFormat.Raw });
        await _bed.RefusedAsync<InvalidInputException>(ErrorIds.InvalidReference, request with { Size = 1 << 30, Flavor = "m1.small" });
        await _bed.RefusedAsync<InvalidInputException>(ErrorIds.InvalidReference, request with { InstanceId = Guid.NewGuid().ToString() });
        await _bed.RefusedAsync<InvalidInputException>(ErrorIds.InvalidReference, new DiskRequest { Image = _bed.Image.Id, InstanceId = "../../etc" });
    }

    [Fact]
    public async Task A_draft_of_a_dead_process_goes_with_the_next_disk()
    {
        string path = _bed.NewPath();
        string leftover = Path.Join(Path.GetDirectoryName(path), Engine.Life.Disks.DiskDraft.Prefix + Guid.NewGuid().ToString("N"));
        await File.WriteAllTextAsync(leftover, "half", Token);
        await _bed.MakeAsync(_bed.Request(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(Path.GetDirectoryName(path)!));
    }
}
