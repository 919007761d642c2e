using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Native.Posix;

/// <summary>mincore(2) and posix_fadvise(2): which pages of a file are in memory, and letting go of some. Both are for others' good only: a refusal does not matter.</summary>
internal static partial class PageCache
{
    private const int DontNeed = 4; // POSIX_FADV_DONTNEED
    private const int ReadProtection = 1; // PROT_READ
    private const int SharedMapping = 1; // MAP_SHARED
    private const nint Failed = -1; // MAP_FAILED
    private const int Window = 64 << 20;

    /// <summary>Tells for each block of a file whether something of it is in memory.</summary>
    /// <returns>What cannot be told counts as in memory.</returns>
    public static bool[] ResidentBlocks(SafeFileHandle handle, long length, int blockSize)
    {
        bool[] blocks = new bool[(length + blockSize - 1) / blockSize];
        byte[] pages = new byte[Window / Environment.SystemPageSize];
        for (long offset = 0; offset < length; offset += Window)
        {
            int count = (int)Math.Min(Window, length - offset);
            if (!TryLook(handle, offset, count, pages))
            {
                blocks.AsSpan((int)(offset / blockSize)).Fill(true);
                break;
            }

            for (int page = 0; (long)page * Environment.SystemPageSize < count; page++)
            {
                blocks[(offset + ((long)page * Environment.SystemPageSize)) / blockSize] |= (pages[page] & 1) != 0;
            }
        }

        return blocks;
    }

    /// <summary>Lets go of pages that nobody changed.</summary>
    public static void Release(SafeFileHandle handle, long offset, long length) => _ = Advise(handle, offset, length, DontNeed);

    private static bool TryLook(SafeFileHandle handle, long offset, int count, byte[] pages)
    {
        nint address = Map(0, count, ReadProtection, SharedMapping, handle, offset);
        if (address == Failed)
        {
            return false;
        }

        bool told = InMemory(address, count, pages) == 0;
        _ = Unmap(address, count);
        return told;
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle handle, long offset, long length, int advice);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nint length, int protection, int flags, SafeFileHandle handle, long offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nint length);

    [LibraryImport("libc", EntryPoint = "mincore")]
    private static partial int InMemory(nint address, nint length, [Out] byte[] pages);
}
