using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using ImageCache.Engine.Tests.Lab;
using Xunit;

namespace ImageCache.Engine.Tests.Ceph;

/// <summary>What comes from a real Ceph is what was put there.</summary>
[Collection(LabTests.Name)]
public sealed class RbdExportTests(LabCloud lab) : IAsyncDisposable
{
    private const int MiB = 1 << 20;

    private readonly RbdBed _bed = new(lab);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData(1, "4M")]
    [InlineData(512, "4M")]
    [InlineData((4 * MiB) - 1, "4M")]
    [InlineData((33 * MiB) + 12_345, "8M")]
    [InlineData((3 * MiB) + 1, "64K")]
    [InlineData(20 * MiB, "32M")]
    public async Task Dense_data_come_whole(int size, string objectSize)
    {
        FakeImage image = await _bed.AddAsync(TestData.Noise(size), null, "--object-size", objectSize);
        BaseImage fetched = await _bed.FetchAsync(image);
        Assert.Equal(DigestStatus.Verified, fetched.DigestStatus);
        Assert.Equal(size, fetched.BytesTransferred);
        _bed.Node.AssertWhole(image.Id, image.Data);
    }

    [Fact]
    public async Task Holes_are_not_read()
    {
        byte[] data = new byte[(150 * MiB) + 777];
        TestData.Noise(5 * MiB).CopyTo(data, 40 * MiB);
        TestData.Noise(100).CopyTo(data, 99 * MiB);
        FakeImage image = await _bed.AddAsync(data);
        BaseImage fetched = await _bed.FetchAsync(image);
        Assert.InRange(fetched.BytesTransferred!.Value, 5 * MiB, 20 * MiB);
        Assert.InRange(fetched.AllocatedSize, 5 * MiB, 20 * MiB);
        _bed.Node.AssertWhole(image.Id, data);
    }

    [Fact]
    public async Task Holes_are_found_without_the_features_that_tell_them()
    {
        byte[] data = new byte[40 * MiB];
        TestData.Noise(MiB).CopyTo(data, 17 * MiB);
        FakeImage image = await _bed.AddAsync(data, null, "--image-feature", "layering");
        BaseImage fetched = await _bed.FetchAsync(image);
        Assert.InRange(fetched.BytesTransferred!.Value, MiB, 8 * MiB);
        _bed.Node.AssertWhole(image.Id, data);
    }

    [Fact]
    public async Task More_than_one_window_of_holes_comes_in_order()
    {
        // Longer than what is looked ahead for holes at once, which is a GiB.
        byte[] data = new byte[(1100 * MiB) + 5];
        TestData.Noise(100_000).CopyTo(data, (1024 * MiB) - 50_000);
        FakeImage image = await _bed.AddAsync(data);
        await _bed.FetchAsync(image);
        _bed.Node.AssertWhole(image.Id, data);
    }

    [Fact]
    public async Task An_image_of_zeros_is_one_hole()
    {
        FakeImage image = await _bed.AddAsync(new byte[9 * MiB]);
        BaseImage fetched = await _bed.FetchAsync(image);
        Assert.Equal(0, fetched.BytesTransferred);
        _bed.Node.AssertWhole(image.Id, image.Data);
    }

    [Theory]
    [InlineData("layering")]
    [InlineData("layering,exclusive-lock,object-map,fast-diff")]
    public async Task A_clone_has_the_data_of_its_parent(string features)
    {
        byte[] data = new byte[24 * MiB];
        TestData.Noise(9 * MiB).CopyTo(data, 8 * MiB);
        string parent = await _bed.Ceph.ImportAsync(data, features.Split(',').SelectMany(static feature => new[] { "--image-feature", feature }).ToArray());
        string clone = await _bed.Ceph.CloneAsync(parent, written: 64 << 10);
        FakeImage image = _bed.Add(clone, await _bed.Ceph.ExportAsync(clone));
        Assert.NotEqual(data, image.Data);
        await _bed.FetchAsync(image);
        _bed.Node.AssertWhole(image.Id, image.Data);
    }

    [Fact]
    public async Task A_clone_larger_than_its_parent_ends_in_zeros()
    {
        string parent = await _bed.Ceph.ImportAsync(TestData.Noise((9 * MiB) + 5));
        string clone = await _bed.Ceph.CloneAsync(parent, written: 64 << 10, size: 41);
        byte[] data = await _bed.Ceph.ExportAsync(clone);
        Assert.Equal((41 * MiB, -1), (data.Length, data.AsSpan((9 * MiB) + 5).IndexOfAnyExcept((byte)0)));
        FakeImage image = _bed.Add(clone, data);
        BaseImage fetched = await _bed.FetchAsync(image);
        Assert.InRange(fetched.BytesTransferred!.Value, 9 * MiB, 16 * MiB);
        _bed.Node.AssertWhole(image.Id, data);
    }

    [Fact]
    public async Task What_was_written_after_the_snapshot_does_not_come()
    {
        byte[] data = TestData.Noise(9 * MiB);
        string name = await _bed.Ceph.ImportAsync(data);
        await _bed.Ceph.WriteAsync(name, 6 * MiB);
        await _bed.Ceph.RbdAsync("resize", "--no-progress", "--size", "20M", $"{LabCeph.Pool}/{name}");
        FakeImage image = _bed.Add(name, data);
        await _bed.FetchAsync(image);
        _bed.Node.AssertWhole(image.Id, data);
    }

    [Fact]
    public async Task Qcow2_in_Ceph_is_converted_as_any_other()
    {
        byte[] disk = TestData.Noise(6 * MiB);
        FakeImage image = await _bed.AddAsync(await Qemu.ToQcow2Async(_bed.Node.Directory, disk), static image => image with { DiskFormat = "qcow2" });
        await _bed.FetchAsync(image);
        _bed.Node.AssertWhole(image.Id, disk);
    }

    [Fact]
    public async Task Auto_reads_from_Ceph()
    {
        FakeImage image = await _bed.AddAsync(TestData.Noise(MiB));
        Assert.Equal(BaseImageMethod.RbdExport, (await _bed.Node.FetchAsync(image.Id)).Method);
        Assert.Equal(0, _bed.Node.DataRequests(image.Id));
        Assert.Empty(_bed.Node.Warnings);
    }

    [Fact]
    public async Task The_copy_in_our_cluster_is_found_among_several()
    {
        byte[] data = TestData.Noise(MiB);
        string name = await _bed.Ceph.ImportAsync(data);
        string[] urls = ["file:///var/lib/glance/x", _bed.Ceph.Location(name, Guid.NewGuid().ToString()), _bed.Ceph.Location("not-here"), _bed.Ceph.Location(name, _bed.Ceph.Fsid.ToUpperInvariant())];
        FakeImage image = _bed.Add(name, data, image => image with
        {
            Extra = new() { ["direct_url"] = urls[0], ["locations"] = urls.Select(static url => new { url, metadata = new { store = "s" } }).ToArray() },
        });
        await _bed.FetchAsync(image);
    }

    [Fact]
    public async Task Of_a_real_Glance_s_several_stores_the_one_in_Ceph_is_read()
    {
        lab.RequireStore("rbd");
        lab.RequireStore("file");
        byte[] data = TestData.Noise((2 * MiB) + 7);
        string id = await lab.UploadAsync(new LabImage { Data = data, Store = "file" });
        await lab.AddLocationAsync(id, _bed.Ceph.Location(await _bed.Ceph.ImportAsync(data)), "rbd");
        lab.Serve(_bed.Node);

        BaseImage fetched = await _bed.Node.FetchAsync(new FetchRequest { Image = id, Method = FetchMethod.RbdExport });

        Assert.Equal((BaseImageMethod.RbdExport, DigestStatus.Verified), (fetched.Method, fetched.DigestStatus));
        _bed.Node.AssertWhole(id, data);
    }

    [Fact]
    public async Task A_real_Glance_is_asked_for_the_record_only()
    {
        lab.RequireStore("rbd");
        byte[] data = TestData.Noise((5 * MiB) + 3);
        string id = await lab.UploadAsync(new LabImage { Data = data, Store = "rbd" });
        lab.Serve(_bed.Node);

        BaseImage fetched = await _bed.Node.FetchAsync(new FetchRequest { Image = id, Method = FetchMethod.RbdExport });

        Assert.Equal((BaseImageMethod.RbdExport, DigestStatus.Verified), (fetched.Method, fetched.DigestStatus));
        _bed.Node.AssertWhole(id, data);
        string log = Path.Join(Environment.GetEnvironmentVariable("IMAGECACHE_LAB") ?? "/var/lib/imagecache-testlab", "log/glance.log");
        Assert.SkipUnless(File.Exists(log), $"Glance's log '{log}' is not here");
        string[] lines = [.. (await File.ReadAllLinesAsync(log, Token)).Where(line => line.Contains($"GET /v2/images/{id}", StringComparison.Ordinal))];
        Assert.NotEmpty(lines);
        Assert.DoesNotContain(lines, static line => line.Contains("/file", StringComparison.Ordinal));
    }
}
