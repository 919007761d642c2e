using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace ImageCache.Engine.Volumes;

/// <summary>
/// A running qemu-storage-daemon of one export. It is known by its command line, which names the export's directory, so that it is
/// found also when nothing was recorded, and a process that merely got its number is not taken for it. Source: proc(5).
/// </summary>
/// <param name="ProcessId">Its number.</param>
/// <param name="StartTime">When it began, in clock ticks since the machine's start.</param>
/// <param name="Arguments">Its arguments from the mark on, each with a NUL behind it.</param>
internal sealed record ExportProcess(int ProcessId, long StartTime, string Arguments)
{
    private const string PidFileOption = "--pidfile";
    private const int StartTimeField = 22;
    private const int LongestCommandLine = 256 << 10;

    /// <summary>The machine's present start: with it a start time is unique.</summary>
    public static string BootId() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>The arguments by which the process of a directory is known.</summary>
    public static IReadOnlyList<string> Marks(string pidPath) => [PidFileOption, pidPath];

    /// <summary>Whether it was given exactly these arguments.</summary>
    public bool HasArguments(IEnumerable<string> arguments) => Arguments == string.Join('\0', arguments) + '\0';

    /// <summary>Finds the processes that export for a pid file: one, or none.</summary>
    public static IReadOnlyList<ExportProcess> FindAll(string pidPath)
    {
        List<ExportProcess> found = [];
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && TryGet(id, pidPath, out ExportProcess? process))
            {
                found.Add(process);
            }
        }

        return found;
    }

    /// <summary>Looks at a process.</summary>
    /// <returns>Whether it runs and exports for the pid file.</returns>
    public static bool TryGet(int id, string pidPath, [NotNullWhen(true)] out ExportProcess? process)
    {
        process = null;
        try
        {
            string directory = string.Create(CultureInfo.InvariantCulture, $"/proc/{id}");
            string[] arguments = ReadBounded(directory + "/cmdline").Split('\0');
            int mark = Array.IndexOf(arguments, PidFileOption);

            // The shell that becomes the program has the same arguments already.
            if (mark < 1 || mark + 1 >= arguments.Length || arguments[mark + 1] != pidPath)
            {
                return false;
            }

            process = new ExportProcess(id, ReadStartTime(ReadBounded(directory + "/stat")), string.Join('\0', arguments[mark..]));
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            // It ended meanwhile, or is somebody else's.
            return false;
        }
    }

    // The second field is the program's name in brackets, and may hold anything.
    private static long ReadStartTime(string stat)
    {
        string[] fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > StartTimeField - 3
            && long.TryParse(fields[StartTimeField - 3], NumberStyles.None, CultureInfo.InvariantCulture, out long ticks)
            ? ticks
            : throw new FormatException("stat has no start time");
    }

    private static string ReadBounded(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        byte[] bytes = new byte[4096];
        int length = 0;
        int count;
        while ((count = file.Read(bytes, length, bytes.Length - length)) > 0)
        {
            length += count;
            if (length == bytes.Length)
            {
                if (length >= LongestCommandLine)
                {
                    break;
                }

                Array.Resize(ref bytes, length * 2);
            }
        }

        return Encoding.UTF8.GetString(bytes, 0, length);
    }
}
