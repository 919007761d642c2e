using System.Runtime.InteropServices;

namespace ImageCache.Engine.Native.Rbd;

/// <summary>Whether this machine has librbd and the librados it needs, with all that is called of them.</summary>
internal static class RbdLibrary
{
    // The youngest function that is called; what has it has the others.
    private const string Youngest = "rbd_snap_get_id";

    /// <summary>Looks; what is found stays loaded.</summary>
    public static bool IsPresent()
        => NativeLibrary.TryLoad("librados.so.2", out _)
            && NativeLibrary.TryLoad("librbd.so.1", out nint library)
            && NativeLibrary.TryGetExport(library, Youngest, out _);
}
