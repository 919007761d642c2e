using System.Diagnostics;
using Xunit;

namespace ImageCache.Engine.Tests;

/// <summary>The real qemu-img, for images that tests make.</summary>
internal static class Qemu
{
    private const string Path = "/usr/bin/qemu-img";

    /// <summary>Skips the test where there is no qemu-img: every fetch asks it.</summary>
    public static void Require() => Assert.SkipUnless(File.Exists(Path), "needs /usr/bin/qemu-img (Debian: qemu-utils)");

    /// <summary>Runs it.</summary>
    public static async Task RunAsync(params string[] arguments)
    {
        Require();
        using Process process = Process.Start(new ProcessStartInfo(Path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await output;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"qemu-img {string.Join(' ', arguments)}: {error}");
    }

    /// <summary>A disk's content as qcow2.</summary>
    public static async Task<byte[]> ToQcow2Async(TestDirectory directory, byte[] disk, params string[] options)
    {
        string name = Guid.NewGuid().ToString("N");
        await File.WriteAllBytesAsync(directory[name], disk, TestContext.Current.CancellationToken);
        await RunAsync(["convert", "-f", "raw", "-O", "qcow2", .. options, directory[name], directory[name + ".qcow2"]]);
        return await File.ReadAllBytesAsync(directory[name + ".qcow2"], TestContext.Current.CancellationToken);
    }

    /// <summary>A disk over a base file, as nova makes it.</summary>
    public static Task OverlayAsync(string disk, string backing, string format = "raw")
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(disk)!);
        return RunAsync("create", "-q", "-f", "qcow2", "-F", format, "-b", backing, disk);
    }
}
