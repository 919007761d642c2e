using System.Runtime.InteropServices;

namespace ImageCache.Engine.Native.Posix;

/// <summary>
/// ioprio_set(2) for the calling thread (linux/ioprio.h). The C library has no function for it. Who reads in the idle class gets the
/// disk when nobody else wants it, where the disk's scheduler knows of classes; a refusal does not matter.
/// </summary>
internal static partial class IoPriority
{
    private const int WhoProcess = 1; // IOPRIO_WHO_PROCESS; 0 as its id is the calling thread
    private const int IdleClass = 3 << 13; // IOPRIO_CLASS_IDLE << IOPRIO_CLASS_SHIFT
    private const int Unknown = -1;

    private static readonly (int Set, int Get) s_numbers = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => (251, 252),
        Architecture.Arm64 or Architecture.RiscV64 or Architecture.LoongArch64 => (30, 31),
        _ => (Unknown, Unknown),
    };

    /// <summary>Puts the calling thread into the idle class.</summary>
    /// <returns>The priority that it had, for <see cref="Restore"/>.</returns>
    public static int EnterIdle()
    {
        if (s_numbers.Get == Unknown)
        {
            return Unknown;
        }

        int before = (int)Call(s_numbers.Get, WhoProcess, 0, 0);
        return before != Unknown && Call(s_numbers.Set, WhoProcess, 0, IdleClass) == 0 ? before : Unknown;
    }

    /// <summary>Gives the calling thread its priority back.</summary>
    public static void Restore(int priority)
    {
        if (priority != Unknown)
        {
            _ = Call(s_numbers.Set, WhoProcess, 0, priority);
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, nint which, nint who, nint priority);
}
