using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ImageCache.Engine.Native.Posix;

namespace ImageCache.Engine.Native.Rbd;

/// <summary>
/// Finds the objects that an image or its parent has (rbd_diff_iterate2 against "nothing"): the rest are zeros. With the image
/// features object-map and fast-diff no object is asked.
/// </summary>
internal static partial class RbdDiff
{
    private const byte Yes = 1;

    /// <summary>The parts of a range that may hold data, in no certain order.</summary>
    /// <exception cref="IOException">The HResult is the errno.</exception>
    public static unsafe IReadOnlyList<RbdExtent> DataExtents(RbdImage image, long offset, long length)
    {
        List<RbdExtent> found = [];
        GCHandle state = GCHandle.Alloc(found);
        try
        {
            int result = Iterate(image, null, (ulong)offset, (ulong)length, Yes, Yes, &OnExtent, GCHandle.ToIntPtr(state));
            return result >= 0 ? found : throw PosixError.Exception("rbd_diff_iterate2", string.Empty, -result);
        }
        finally
        {
            state.Free();
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnExtent(ulong offset, nuint length, int exists, nint state)
    {
        if (exists != 0)
        {
            List<RbdExtent> found = (List<RbdExtent>)GCHandle.FromIntPtr(state).Target!;
            lock (found)
            {
                found.Add(new RbdExtent((long)offset, (long)length));
            }
        }

        return 0;
    }

    [LibraryImport("librbd.so.1", EntryPoint = "rbd_diff_iterate2", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Iterate(
        RbdImage image,
        string? fromSnapshot,
        ulong offset,
        ulong length,
        byte includeParent,
        byte wholeObject,
        delegate* unmanaged[Cdecl]<ulong, nuint, int, nint, int> callback,
        nint state);
}
