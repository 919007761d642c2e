using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Native.Posix;

/// <summary>futimens(2): the times of an open file, so that no link can stand in its place.</summary>
internal static partial class FileTimes
{
    private const long Omit = (1 << 30) - 2; // UTIME_OMIT

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpecification
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    /// <summary>Sets when the content last changed; the time of the last access stays.</summary>
    /// <exception cref="IOException">The HResult is the errno.</exception>
    public static void SetModified(SafeFileHandle handle, string path, DateTimeOffset time)
    {
        long ticks = (time - DateTimeOffset.UnixEpoch).Ticks;
        (long seconds, long rest) = (Math.DivRem(ticks, TimeSpan.TicksPerSecond, out long left), left);
        TimeSpecification[] times =
        [
            new() { Nanoseconds = (nint)Omit },
            new() { Seconds = (nint)seconds, Nanoseconds = (nint)(rest * 100) },
        ];
        if (SetTimes(handle, times) != 0)
        {
            throw PosixError.Exception("futimens", path, Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", EntryPoint = "futimens", SetLastError = true)]
    private static partial int SetTimes(SafeFileHandle handle, [In] TimeSpecification[] times);
}
