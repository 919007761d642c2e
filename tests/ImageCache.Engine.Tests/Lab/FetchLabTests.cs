using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using ImageCache.Engine.Requests;
using Xunit;

namespace ImageCache.Engine.Tests.Lab;

/// <summary>Fetches from a real Glance, by the front door.</summary>
[Collection(LabTests.Name)]
public sealed class FetchLabTests : IAsyncDisposable
{
    private const int Size = 64 << 20;

    private readonly LabCloud _lab;
    private readonly EngineBed _bed = new();

    public FetchLabTests(LabCloud lab)
    {
        _lab = lab;
        _lab.Serve(_bed);

        // The stores differ by what Glance does; left to itself the engine would read the rbd store's images straight from Ceph.
        _bed.Settings["method"] = nameof(FetchMethod.Download);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData("file")]
    [InlineData("rbd")]
    [InlineData("cinder")]
    public async Task A_miss_then_a_hit(string store)
    {
        byte[] disk = Disk();
        string id = await UploadAsync(store, disk);

        BaseImage fetched = await _bed.FetchAsync(id);

        _bed.AssertWhole(id, disk);
        Assert.Equal((false, Size, BaseImageMethod.Download, DigestStatus.Verified), (fetched.Hit, fetched.BytesTransferred, fetched.Method, fetched.DigestStatus));
        Assert.Equal("sha512:" + Convert.ToHexStringLower(SHA512.HashData(disk)), fetched.SourceDigest);
        Assert.Equal(await GlancesHashAsync(id), fetched.SourceDigest);
        Assert.True(fetched.AllocatedSize < Size / 2, $"{fetched.AllocatedSize} bytes are allocated");
        BaseImage hit = await _bed.FetchAsync(id);
        Assert.Equal((true, 0), (hit.Hit, hit.BytesTransferred));
    }

    [Fact]
    public async Task A_qcow2_is_converted()
    {
        byte[] disk = Disk();
        byte[] qcow2 = await Qemu.ToQcow2Async(_bed.Directory, disk, "-c");
        string id = await _lab.UploadAsync(new LabImage { Data = qcow2, DiskFormat = "qcow2" });
        BaseImage fetched = await _bed.FetchAsync(id);
        _bed.AssertWhole(id, disk);
        Assert.Equal(await GlancesHashAsync(id), fetched.SourceDigest);
        Assert.Equal("sha256:" + Convert.ToHexStringLower(SHA256.HashData(disk)), fetched.Digest);
    }

    [Theory]
    [InlineData("file", true)]
    [InlineData("cinder", true)]
    [InlineData("rbd", false)]
    public async Task A_cut_transfer_goes_on_where_the_store_allows_it(string store, bool resumes)
    {
        byte[] disk = TestData.Noise(Size);
        string id = await UploadAsync(store, disk);
        await using CuttingRelay relay = new(new Uri(_lab.ImageUrl), 10 << 20, 20 << 20);
        _bed.Variables["OS_IMAGE_ENDPOINT_OVERRIDE"] = relay.Url;

        BaseImage fetched = await _bed.FetchAsync(id);

        _bed.AssertWhole(id, disk);
        Assert.Equal(0, relay.CutsLeft);
        Assert.Contains("Range: bytes=", relay.Requests, StringComparison.Ordinal);
        Assert.Equal(resumes, fetched.BytesTransferred == Size);
    }

    [Theory]
    [InlineData("file")]
    [InlineData("rbd")]
    public async Task Several_connections_bring_the_same(string store)
    {
        _bed.Settings["parallel_ranges"] = "4";
        byte[] disk = TestData.Noise(Size);
        string id = await UploadAsync(store, disk);
        await _bed.FetchAsync(id);
        _bed.AssertWhole(id, disk);
    }

    [Fact]
    public async Task A_hit_is_served_while_every_service_is_down()
    {
        LabImage image = new() { Data = TestData.Noise(100_000) };
        string id = await _lab.UploadAsync(image);
        await using (CuttingRelay keystone = new(new Uri(_lab.Environment["OS_AUTH_URL"])))
        await using (CuttingRelay glance = new(new Uri(_lab.ImageUrl)))
        {
            _bed.Variables["OS_AUTH_URL"] = keystone.Url;
            _bed.Variables["OS_IMAGE_ENDPOINT_OVERRIDE"] = glance.Url;
            await _bed.FetchAsync(id);
        }

        Assert.True((await _bed.FetchAsync(id)).Hit);
        Assert.True((await _bed.FetchAsync(image.Name)).Hit);
        Assert.Equal(ErrorIds.ServiceUnavailable, (await _bed.TryFetchAsync(Guid.NewGuid().ToString())).Error?.ErrorId);
    }

    [Fact]
    public async Task An_image_without_data_is_refused()
    {
        string id = await _lab.UploadAsync(new LabImage());
        Assert.Equal(ErrorIds.ImageNotActive, (await _bed.TryFetchAsync(id)).Error?.ErrorId);
        _bed.AssertNothingLeft(id, ErrorIds.ImageNotActive);
    }

    [Fact]
    public async Task A_deactivated_image_is_refused()
    {
        string id = await _lab.UploadAsync(new LabImage { Data = TestData.Noise(1000) });
        (await _lab.SendAsync(HttpMethod.Post, $"/v2/images/{id}/actions/deactivate")).Dispose();
        Assert.Equal(ErrorIds.ImageNotActive, (await _bed.TryFetchAsync(id)).Error?.ErrorId);
        _bed.AssertNothingLeft(id, ErrorIds.ImageNotActive);
    }

    [Fact]
    public async Task Another_projects_private_image_is_refused()
    {
        string id = await _lab.UploadAsync(new LabImage { Data = TestData.Noise(1000), Properties = { ["owner"] = new string('f', 32) } });
        Assert.Equal(ErrorIds.ImageNotAllowed, (await _bed.TryFetchAsync(id)).Error?.ErrorId);
        _bed.AssertNothingLeft(id, ErrorIds.ImageNotAllowed);
    }

    [Fact]
    public async Task An_image_deleted_in_the_middle_of_a_transfer_is_not_found()
    {
        string id = await UploadAsync("file", TestData.Noise(Size));
        await using CuttingRelay relay = new(new Uri(_lab.ImageUrl), 10 << 20);
        _bed.Variables["OS_IMAGE_ENDPOINT_OVERRIDE"] = relay.Url;
        OperationMonitor monitor = new(_ => _lab.DeleteAsync(id).GetAwaiter().GetResult());
        FetchOutcome? last = null;
        await foreach (FetchOutcome outcome in _bed.Open().FetchAsync([new FetchRequest { Image = id }], 1, monitor, Token))
        {
            last = outcome;
        }

        Assert.Equal(ErrorIds.ImageDataNotFound, last?.Error?.ErrorId);
        _bed.AssertNothingLeft(id, ErrorIds.ImageDataNotFound);
    }

    [Theory]
    [InlineData("raw")]
    [InlineData("qcow2")]
    public async Task What_nova_itself_fetched_is_adopted(string format)
    {
        string? script = Repository.Find("tests/benchmarks/nova-download");
        Assert.SkipUnless(script is not null && Directory.Exists("/usr/lib/python3/dist-packages/nova"), "needs python3-nova (tests/lab/lab up nova)");
        byte[] disk = Disk()[..(8 << 20)];
        string id = await _lab.UploadAsync(new LabImage { DiskFormat = format, Data = format == "raw" ? disk : await Qemu.ToQcow2Async(_bed.Directory, disk) });
        ProcessStartInfo start = new(script, ["--raw", id, _bed.BasePath(id)]) { RedirectStandardError = true };
        foreach ((string name, string value) in _lab.Environment)
        {
            start.Environment[name] = value;
        }

        using (Process nova = Process.Start(start)!)
        {
            string error = await nova.StandardError.ReadToEndAsync(Token);
            await nova.WaitForExitAsync(Token);
            Assert.True(nova.ExitCode == 0, error);
        }

        BaseImage adopted = await _bed.FetchAsync(id);

        Assert.Equal((BaseImageMethod.Foreign, DigestStatus.Verified), (adopted.Method, adopted.DigestStatus));
        _bed.AssertWhole(id, disk);
        Assert.True((await _bed.FetchAsync(id)).Hit);
    }

    [Fact]
    public async Task Eight_processes_share_one_transfer()
    {
        byte[] disk = TestData.Noise(Size);
        string id = await UploadAsync("file", disk);
        List<ProbeProcess> probes = [.. Enumerable.Range(0, 8).Select(_ => ProbeProcess.Start(_bed, $"--image={id}"))];
        try
        {
            string[] told = await Task.WhenAll(probes.Select(static probe => probe.WaitForEndAsync()));
            Assert.Single(told, static output => output.Contains("FETCHED", StringComparison.Ordinal));
            Assert.Equal(7, told.Count(static output => output.Contains("HIT", StringComparison.Ordinal)));
            _bed.AssertWhole(id, disk);
        }
        finally
        {
            probes.ForEach(static probe => probe.Dispose());
        }
    }

    // Data at both ends, holes between.
    private static byte[] Disk()
    {
        byte[] disk = new byte[Size];
        TestData.Noise(4 << 20).CopyTo(disk, 0);
        TestData.Noise(1 << 20, seed: 2).CopyTo(disk, Size - (1 << 20));
        return disk;
    }

    private Task<string> UploadAsync(string store, byte[] data)
    {
        _lab.RequireStore(store);
        return _lab.UploadAsync(new LabImage { Data = data, Store = store });
    }

    private async Task<string> GlancesHashAsync(string id)
    {
        using HttpResponseMessage answer = await _lab.SendAsync(HttpMethod.Get, $"/v2/images/{id}");
        using JsonDocument record = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token));
        return $"{record.RootElement.GetProperty("os_hash_algo").GetString()}:{record.RootElement.GetProperty("os_hash_value").GetString()}";
    }
}
