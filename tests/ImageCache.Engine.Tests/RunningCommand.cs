using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace ImageCache.Engine.Tests;

/// <summary>A process of this machine.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Line">Its command line.</param>
internal sealed record RunningCommand(int Id, string Line)
{
    /// <summary>The processes whose command lines hold one of some texts.</summary>
    public static IReadOnlyList<RunningCommand> Of(params IReadOnlyList<string> texts)
        => [.. Directory.EnumerateDirectories("/proc").Where(static path => char.IsAsciiDigit(path[^1])).Select(Read)
            .Where(command => texts.Any(text => command.Line.Contains(text, StringComparison.Ordinal)))];

    public void Kill()
    {
        try
        {
            using Process process = Process.GetProcessById(Id);
            process.Kill();
        }
        catch (ArgumentException)
        {
            // It ended by itself.
        }
    }

    private static RunningCommand Read(string path)
    {
        int id = int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture);
        try
        {
            return new RunningCommand(id, Encoding.UTF8.GetString(File.ReadAllBytes(Path.Join(path, "cmdline"))).Replace('\0', ' '));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile, or is another user's.
            return new RunningCommand(id, string.Empty);
        }
    }
}
