using System.Diagnostics;
using Xunit;

namespace ImageCache.Engine.Tests;

/// <summary>A file system of a few MiB in a directory of a test. Only root may mount one; others skip the test.</summary>
internal sealed class SmallFileSystem : IDisposable
{
    private SmallFileSystem(string path) => FullPath = path;

    public string FullPath { get; }

    /// <summary>Mounts one.</summary>
    /// <param name="path">The directory, which is made.</param>
    /// <param name="options">tmpfs' options: <c>size=8m</c>, <c>nr_inodes=20</c>.</param>
    public static SmallFileSystem Mount(string path, string options)
    {
        Directory.CreateDirectory(path);
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", path), "a file system cannot be mounted here");
        return new SmallFileSystem(path);
    }

    /// <summary>Mounts a disk's: an ext4 in a file.</summary>
    /// <param name="path">The directory, which is made.</param>
    /// <param name="mib">MiB of the disk; the file system needs some for itself.</param>
    public static SmallFileSystem MountDisk(string path, int mib)
    {
        Directory.CreateDirectory(path);
        string disk = path + ".img";
        using (FileStream file = new(disk, FileMode.Create))
        {
            file.SetLength((long)mib << 20);
        }

        Assert.SkipUnless(
            Run("mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", disk) && Run("mount", "-o", "loop", disk, path), "a disk's file system cannot be mounted here");
        return new SmallFileSystem(path);
    }

    /// <summary>Lets nobody write in it any more.</summary>
    public void MakeReadOnly() => Assert.True(Run("mount", "-o", "remount,ro", FullPath), "it cannot be made read-only");

    /// <summary>Takes all the room that is left.</summary>
    public void Fill()
    {
        using FileStream filler = new(Path.Join(FullPath, "filler"), FileMode.Create);
        byte[] piece = new byte[4096];
        Array.Fill(piece, (byte)1);
        try
        {
            while (true)
            {
                filler.Write(piece);
                filler.Flush();
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    public void Dispose() => Run("umount", "-l", FullPath);

    private static bool Run(params string[] command)
    {
        using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
