using System.Diagnostics;
using System.Text;
using System.Text.Json;
using ImageCache.Engine.Life.Usage;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Formats;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Usage;

/// <summary>The instances of a node with their base files, to be scanned.</summary>
internal sealed class UsageBed : IDisposable
{
    public UsageBed()
    {
        Layout = new CacheLayout(Directory.NewCache());
        new CacheDirectory(Layout, mayCreate: false).RequireWritable();
        System.IO.Directory.CreateDirectory(Layout.TargetsPath);
    }

    public TestDirectory Directory { get; } = new();

    public CacheLayout Layout { get; }

    public string Instances => Layout.InstancesPath;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static string BaseName(int number) => CacheLayout.BaseName($"image {number}");

    /// <summary>A path below instances_path, whose directory is there.</summary>
    public string Disk(string path)
    {
        string full = Path.Join(Instances, path);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        return full;
    }

    /// <summary>Makes a raw base file.</summary>
    public string Base(int number) => Base(BaseName(number));

    public string Base(string name)
    {
        string path = Layout.BasePath(name);
        using FileStream file = File.Create(path);
        file.SetLength(1 << 20);
        return path;
    }

    /// <summary>A qcow2 disk on something, without a format to open that with: qemu-img makes none such any more.</summary>
    public static byte[] Overlay(string backing) => Overlay(Encoding.UTF8.GetBytes(backing));

    public static byte[] Overlay(byte[] backing) => SampleImages.Qcow2(3, image =>
    {
        SampleImages.BigEndian64(image, 8, 4096);
        SampleImages.BigEndian32(image, 16, (uint)backing.Length);
        backing.CopyTo(image, 4096);
    });

    public static Task QemuAsync(params string[] arguments) => Qemu.RunAsync(arguments);

    /// <summary>A directory in which no processes are: those of others are nothing to a test.</summary>
    public string NoProcesses => Directory.FullPath;

    public UsageReport Scan() => new UsageScanner(Layout) { ProcessesPath = NoProcesses }.Scan(Token);

    /// <summary>Scans with the processes that really run.</summary>
    public UsageReport ScanAll() => new UsageScanner(Layout).Scan(Token);

    /// <summary>Every file that <c>qemu-img info --backing-chain</c> names; <see langword="null"/> when it cannot read the chain.</summary>
    public static async Task<IReadOnlyList<string>?> ChainAsync(string disk)
    {
        using Process process = Process.Start(new ProcessStartInfo("/usr/bin/qemu-img", ["info", "-U", "--backing-chain", "--output=json", disk])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> complaint = process.StandardError.ReadToEndAsync(Token);
        string output = await process.StandardOutput.ReadToEndAsync(Token);
        await complaint;
        await process.WaitForExitAsync(Token);
        if (process.ExitCode != 0)
        {
            return null;
        }

        using JsonDocument chain = JsonDocument.Parse(output);
        return [.. chain.RootElement.EnumerateArray().Select(static link => link.GetProperty("filename").GetString()!)];
    }

    public void Dispose() => Directory.Dispose();
}
