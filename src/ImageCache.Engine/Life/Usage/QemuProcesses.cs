using System.Globalization;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Volumes;

namespace ImageCache.Engine.Life.Usage;

/// <summary>
/// Finds what running processes of QEMU have open: files of the cache, and disks that lie anywhere. A virtual machine has all of its
/// chain open as long as it runs, so that what cannot be followed here is a limit and no doubt. Source: proc(5).
/// </summary>
internal sealed class QemuProcesses(CachePlaces places, DiskHeaders headers, ChainFollower follower, UsageNotes notes, string root)
{
    private const string Deleted = " (deleted)";
    private const string PidFileOption = "--pidfile";
    private const int NoSuchProcess = 3;
    private const int LongestCommandLine = 64 << 10;
    private const int LongestName = 64;

    // What is in these places is no disk: devices, memory, files of the kernel.
    private static readonly string[] s_noDisks = ["/dev/", "/proc/", "/sys/", "/memfd:"];

    /// <summary>Looks at all processes that may be looked at.</summary>
    public void Look(CancellationToken cancellationToken)
    {
        try
        {
            foreach (string process in Directory.EnumerateDirectories(root))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out int id))
                {
                    LookAt(process, id);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            notes.Limit($"running processes cannot be looked at: {e.Message}");
        }
    }

    private void LookAt(string process, int id)
    {
        string program = Text(process + "/comm", LongestName).TrimEnd('\n');
        if (!program.StartsWith("qemu", StringComparison.Ordinal) && program != "kvm")
        {
            return;
        }

        string user = string.Create(CultureInfo.InvariantCulture, $"process {id} ({Printable(program)})");
        try
        {
            if (IsViewOfVolume(process))
            {
                return;
            }

            foreach (string handle in Directory.EnumerateFileSystemEntries(process + "/fd"))
            {
                if (ReadHandle(handle, user) is { } path && path.StartsWith('/'))
                {
                    TryLookAtFile(path, handle, user);
                }
            }
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException or IOException { HResult: NoSuchProcess })
        {
            // It ended.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            notes.Limit($"{user} belongs to another user, and its files cannot be seen");
        }
    }

    // A file whose name cannot be compared is none that we gave a name.
    private string? ReadHandle(string handle, string user)
    {
        try
        {
            return LinkPath.TryRead(handle);
        }
        catch (IOException e) when (e.HResult == PosixError.EINVAL)
        {
            notes.Limit($"a file that {user} has open cannot be told: {e.Message}");
            return null;
        }
    }

    private void TryLookAtFile(string path, string handle, string user)
    {
        try
        {
            LookAtFile(path, handle, user);
        }
        catch (IOException e)
        {
            notes.Limit($"'{path}', which {user} has open, cannot be followed: {e.Message}");
        }
    }

    private void LookAtFile(string path, string handle, string user)
    {
        // The disks below instances_path were found already.
        if ((headers.Has(path) && !places.IsBelowCache(path)) || Array.Exists(s_noDisks, place => path.StartsWith(place, StringComparison.Ordinal)))
        {
            return;
        }

        bool isGone = path.EndsWith(Deleted, StringComparison.Ordinal);
        string name = isGone ? path[..^Deleted.Length] : path;
        CachePlace place = places.Of(name);
        if (!isGone)
        {
            notes.Use(place.Names, user);
        }

        // A base file is the end of a chain, a target is looked at anyhow, and a volume's server may not answer.
        if (place.IsLinkOfCache || place.IsInCache || FileStatus.OfPath(handle, follow: true) is not { IsRegular: true } status)
        {
            return;
        }

        follower.FollowOpen(new DiskFile(path, status, false, handle));
    }

    // The processes that show linked volumes are ours. That they run means that there is a link, not that somebody uses it.
    private bool IsViewOfVolume(string process)
    {
        string[] arguments = Text(process + "/cmdline", LongestCommandLine).Split('\0');
        int option = Array.IndexOf(arguments, PidFileOption);
        return option > 0
            && option + 1 < arguments.Length
            && Path.GetDirectoryName(arguments[option + 1]) is { Length: > 0 } directory
            && places.BaseOfView(new ExportFiles(directory).View) is not null;
    }

    private static string Text(string path, int most)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            byte[] bytes = new byte[most];
            int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return System.Text.Encoding.UTF8.GetString(bytes, 0, length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }

    private static string Printable(string text) => string.Concat(text.Select(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '?'));
}
