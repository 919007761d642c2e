using System.Diagnostics;
using Xunit;

namespace ImageCache.Engine.Tests.Formats;

/// <summary>The installed qemu-img as a maker of images, and a directory of a test's own for them.</summary>
internal sealed class QemuTool : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("imagecache-formats-");

    public string Root => _directory.FullName;

    public static bool IsInstalled { get; } = Array.Exists(
        ["/usr/bin/qemu-img", "/usr/local/bin/qemu-img"], File.Exists);

    public static QemuTool RequireInstalled()
    {
        Assert.SkipUnless(IsInstalled, "qemu-img (Debian package qemu-utils) is not installed");
        return new QemuTool();
    }

    public string PathOf(string name) => Path.Join(_directory.FullName, name);

    /// <summary>Writes bytes to a file.</summary>
    public string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(PathOf(name), bytes);
        return PathOf(name);
    }

    /// <summary>Writes a sparse raw disk with some data at its beginning, middle and end, and no partition table.</summary>
    public string WriteDisk(string name, int megabytes)
    {
        byte[] data = new byte[300_000];
        new Random(megabytes).NextBytes(data);
        using FileStream file = File.Create(PathOf(name));
        file.SetLength((long)megabytes << 20);
        foreach (long offset in new[] { 4096, file.Length / 2, file.Length - data.Length })
        {
            file.Position = offset;
            file.Write(data);
        }

        return PathOf(name);
    }

    /// <summary>Runs qemu-img in the directory; it must succeed.</summary>
    public void Run(params string[] arguments)
    {
        ProcessStartInfo start = new("qemu-img", arguments)
        {
            WorkingDirectory = _directory.FullName,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        process.StandardOutput.ReadToEnd();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"qemu-img {string.Join(' ', arguments)}: {error}");
    }

    public string[] Files() => [.. _directory.EnumerateFiles().Select(static file => file.Name).Order()];

    public void Dispose() => _directory.Delete(recursive: true);
}
