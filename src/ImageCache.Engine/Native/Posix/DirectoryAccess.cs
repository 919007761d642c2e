using System.Runtime.InteropServices;

namespace ImageCache.Engine.Native.Posix;

/// <summary>What this process may do with a directory, by access(2) as the effective user; nothing is written.</summary>
internal static partial class DirectoryAccess
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int EffectiveAccess = 0x200; // AT_EACCESS
    private const int Write = 2; // W_OK
    private const int Search = 1; // X_OK

    /// <summary>Says why files cannot be made in a directory; where it is not there yet, in the nearest one above it that is.</summary>
    /// <returns><see langword="null"/> when they can.</returns>
    public static string? WhyNotWritable(string path)
    {
        for (string? there = path; there is not null; there = Path.GetDirectoryName(there))
        {
            try
            {
                if (FileStatus.OfPath(there, follow: true) is { } status)
                {
                    return status.IsDirectory ? WhyNot(there) : $"'{there}' is not a directory";
                }
            }
            catch (IOException error)
            {
                return error.Message.TrimEnd('.');
            }
        }

        return $"there is no '{path}'";
    }

    private static string? WhyNot(string directory)
        => AccessAt(CurrentDirectory, directory, Write | Search, EffectiveAccess) == 0
            ? null
            : PosixError.Exception("access", directory, Marshal.GetLastPInvokeError()).Message.TrimEnd('.');

    [LibraryImport("libc", EntryPoint = "faccessat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AccessAt(int directory, string path, int mode, int flags);
}
