using System.Runtime.InteropServices;

namespace ImageCache.Engine.Native.Posix;

/// <summary>mallopt(3): what native libraries allocate and free.</summary>
internal static partial class LargeAllocations
{
    private const int MmapThreshold = -3; // M_MMAP_THRESHOLD
    private const int Large = 256 * 1024;

    /// <summary>
    /// Lets large buffers go back to the system as soon as they are freed. glibc would learn from the first ones to keep them, and
    /// a reader that has a few megabytes in flight would hold tens of them.
    /// </summary>
    public static void ReturnAtOnce()
    {
        try
        {
            _ = SetOption(MmapThreshold, Large);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library has its own ways.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
