using System.Diagnostics;
using System.Text.Json;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Disks;

/// <summary>A node with one raw image of four MiB in its cache, on which disks are made.</summary>
internal sealed class DiskBed : IAsyncDisposable
{
    public const int Size = 4 << 20;

    public DiskBed() => Image = Node.Cloud.Add(new FakeImage { Name = "disk-image", Data = WithHole() });

    public EngineBed Node { get; } = new();

    public FakeImage Image { get; set; }

    public string BasePath => Node.BasePath(Image.Id);

    public string Instances => Node.Directory["instances"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The path of a disk of an instance, whose directory is made.</summary>
    public string NewPath(string instance = "one", string disk = "disk")
    {
        string path = Path.Join(Instances, instance, disk);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }

    public DiskRequest Request(string? path = null) => new() { Image = Image.Id, Path = path ?? NewPath() };

    /// <summary>Makes a disk with a new engine.</summary>
    public Task<InstanceDisk> MakeAsync(DiskRequest? request = null) => MakeAsync(Node.Open(), request ?? Request());

    public async Task<InstanceDisk> MakeAsync(ImageCacheEngine engine, DiskRequest request)
    {
        DiskPlan plan = await engine.PlanDiskAsync(request, Node.Monitor, Token);
        return await engine.CreateDiskAsync(plan, Node.Monitor, Token);
    }

    /// <summary>What is refused leaves nothing, neither under the disk's name nor beside it.</summary>
    public async Task<T> RefusedAsync<T>(string errorId, DiskRequest? request = null)
        where T : ImageCacheException
    {
        request ??= Request();
        string? directory = Path.GetDirectoryName(request.Path);
        string[] before = Directory.Exists(directory) ? Directory.GetFileSystemEntries(directory) : [];
        T error = await Assert.ThrowsAsync<T>(() => MakeAsync(request));
        Assert.True(error.ErrorId == errorId, $"{error.ErrorId}: {error.Message}");
        Assert.Equal(before, Directory.Exists(directory) ? Directory.GetFileSystemEntries(directory) : []);
        Assert.Empty(Node.Leftovers());
        return error;
    }

    /// <summary>The disk as an instance sees it.</summary>
    public async Task<byte[]> ReadAsync(string disk, string format = "qcow2")
    {
        string raw = Node.Directory[Guid.NewGuid().ToString("N")];
        await Qemu.RunAsync("convert", "-f", format, "-O", "raw", disk, raw);
        return await File.ReadAllBytesAsync(raw, Token);
    }

    /// <summary>The disk is the image, and zeros behind it.</summary>
    public async Task AssertHoldsImageAsync(InstanceDisk disk, long size)
    {
        byte[] content = await ReadAsync(disk.Path, disk.Format == InstanceDiskFormat.Raw ? "raw" : "qcow2");
        Assert.Equal(size, content.Length);
        Assert.Equal(size, disk.VirtualSize);
        byte[] image = WithHole();
        Assert.True(content.AsSpan(0, image.Length).SequenceEqual(image), "the disk's beginning is not the image");
        Assert.False(content.AsSpan(image.Length).ContainsAnyExcept((byte)0), "there is something behind the image");
    }

    /// <summary>What qemu-img says of a file.</summary>
    public static async Task<JsonElement> InfoAsync(string path, params string[] options)
    {
        using Process process = Process.Start(new ProcessStartInfo("/usr/bin/qemu-img", ["info", "--output=json", .. options, path]) { RedirectStandardOutput = true })!;
        string json = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return JsonDocument.Parse(json).RootElement;
    }

    public static byte[] WithHole()
    {
        byte[] data = TestData.Noise(Size);
        data.AsSpan(1 << 20, 2 << 20).Clear();
        return data;
    }

    public ValueTask DisposeAsync() => Node.DisposeAsync();
}
