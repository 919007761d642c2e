using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Native.Posix;

/// <summary>
/// pidfd_open(2) and pidfd_send_signal(2): a handle of one process, so that a signal never reaches another one that got its number.
/// By syscall(2), since C libraries have functions of these names only lately; the numbers are the same on all architectures.
/// </summary>
internal static partial class ProcessHandle
{
    public const int Terminate = 15;
    public const int Kill = 9;

    private const long PidfdOpen = 434;
    private const long PidfdSendSignal = 424;
    private const int NoSuchProcess = 3;

    /// <summary>Opens a handle.</summary>
    /// <returns><see langword="null"/> when there is no such process.</returns>
    /// <exception cref="IOException">The HResult is the errno.</exception>
    public static SafeFileHandle? TryOpen(int processId)
    {
        long result = Open(PidfdOpen, processId, 0);
        if (result >= 0)
        {
            return new SafeFileHandle((nint)result, ownsHandle: true);
        }

        int error = Marshal.GetLastPInvokeError();
        return error == NoSuchProcess ? null : throw PosixError.Exception("pidfd_open", $"/proc/{processId}", error);
    }

    /// <summary>Sends a signal.</summary>
    /// <returns>Whether the process was still there.</returns>
    /// <exception cref="IOException">The HResult is the errno.</exception>
    public static bool Send(SafeFileHandle process, int signal)
    {
        if (SendSignal(PidfdSendSignal, process, signal, 0, 0) == 0)
        {
            return true;
        }

        int error = Marshal.GetLastPInvokeError();
        return error == NoSuchProcess ? false : throw PosixError.Exception("pidfd_send_signal", "a process", error);
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long Open(long number, long processId, long flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long SendSignal(long number, SafeFileHandle process, long signal, nint info, long flags);
}
