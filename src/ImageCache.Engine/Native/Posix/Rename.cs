using System.Runtime.InteropServices;

namespace ImageCache.Engine.Native.Posix;

/// <summary>rename(2) and its form that never replaces (renameat2 with RENAME_NOREPLACE).</summary>
internal static partial class Rename
{
    private const int CurrentDirectory = -100;
    private const uint NoReplace = 1;

    /// <summary>Renames, replacing what has the new name.</summary>
    public static void Replace(string source, string target)
    {
        if (RenameNative(source, target) != 0)
        {
            throw PosixError.Exception("rename", target, Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Renames unless something has the new name.</summary>
    /// <returns>Whether it was renamed.</returns>
    public static bool TryCreate(string source, string target)
    {
        if (RenameAt2(CurrentDirectory, source, CurrentDirectory, target, NoReplace) == 0)
        {
            return true;
        }

        int error = Marshal.GetLastPInvokeError();
        switch (error)
        {
            case PosixError.EEXIST:
                return false;

            // Some file systems (NFS) cannot do it in one step; the caller holds the lock that everybody should hold.
            case PosixError.EINVAL or PosixError.ENOSYS or PosixError.ENOTSUP:
                if (FileStatus.OfPath(target) is not null)
                {
                    return false;
                }

                Replace(source, target);
                return true;

            default:
                throw PosixError.Exception("rename", target, error);
        }
    }

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameNative(string source, string target);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt2(int sourceDirectory, string source, int targetDirectory, string target, uint flags);
}
