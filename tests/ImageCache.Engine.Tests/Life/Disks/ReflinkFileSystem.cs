using System.Diagnostics;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Disks;

/// <summary>An XFS in a file, whose files can share blocks. Where none can be mounted the test is skipped.</summary>
internal sealed class ReflinkFileSystem : IDisposable
{
    private ReflinkFileSystem(string path) => FullPath = path;

    public string FullPath { get; }

    public static async Task<ReflinkFileSystem> MountAsync(string path, string image)
    {
        Directory.CreateDirectory(path);
        using (FileStream file = new(image, FileMode.CreateNew))
        {
            file.SetLength(320L << 20);
        }

        string? failure = await RunAsync("mkfs.xfs", "-q", "-m", "reflink=1", image) ?? await RunAsync("mount", "-o", "loop", image, path);
        Assert.SkipUnless(failure is null, $"a file system that shares blocks cannot be mounted here: {failure}");
        return new ReflinkFileSystem(path);
    }

    public void Dispose()
    {
        using Process umount = Process.Start("umount", ["-l", FullPath]);
        umount.WaitForExit();
    }

    private static async Task<string?> RunAsync(string command, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return process.ExitCode == 0 ? null : error.Trim();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return e.Message;
        }
    }
}
