using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Native.Posix;

/// <summary>Gives files to the owner of the directory that they belong to, so that nova can use what root made.</summary>
internal static partial class FileOwner
{
    /// <summary>The user that this process acts as.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUserId();

    /// <summary>Makes a path owned as another is. Does nothing for those who may not (only root may).</summary>
    public static void Adopt(string path, in FileStatus model)
    {
        if (EffectiveUserId() == 0 && LinkChown(path, model.UserId, model.GroupId) != 0)
        {
            throw PosixError.Exception("lchown", path, Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Makes an open file owned as another is. Does nothing for those who may not (only root may).</summary>
    public static void Adopt(SafeFileHandle handle, string path, in FileStatus model)
    {
        if (EffectiveUserId() == 0 && ChownOpen(handle, model.UserId, model.GroupId) != 0)
        {
            throw PosixError.Exception("fchown", path, Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    private static partial int ChownOpen(SafeFileHandle handle, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkChown(string path, uint user, uint group);
}
