using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace ImageCache.Cli.Tests.Secrets;

/// <summary>Notes what the process list shows of a process and its descendants: their command lines, and the environment of the descendants.</summary>
internal sealed class ProcessWatch : IDisposable
{
    private readonly ConcurrentDictionary<string, byte> _seen = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Thread _thread;
    private readonly int _process;

    public ProcessWatch(int process)
    {
        _process = process;
        _thread = new Thread(Watch) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>All that was seen.</summary>
    public string Seen => string.Join('\n', _seen.Keys);

    public void Dispose()
    {
        _end.Cancel();
        _thread.Join();
        _end.Dispose();
    }

    private void Watch()
    {
        do
        {
            string? own = Read($"/proc/{_process}/cmdline");
            foreach (int child in Descendants(_process))
            {
                // Until it becomes another program, a child is a copy of us, which nobody else can look into.
                if (Read($"/proc/{child}/cmdline") is { Length: > 0 } line && line != own)
                {
                    Note("cmdline", line);
                    Note("environ", Read($"/proc/{child}/environ"));
                }
            }
        }
        while (!_end.Token.WaitHandle.WaitOne(3));
    }

    private void Note(string what, string? text)
    {
        if (text is { Length: > 0 })
        {
            _seen[$"{what} {text.Replace('\0', ' ')}"] = 0;
        }
    }

    private static IEnumerable<int> Descendants(int process)
    {
        string tasks = $"/proc/{process}/task";
        IEnumerable<string> threads = Directory.Exists(tasks) ? Try(() => Directory.GetDirectories(tasks)) ?? [] : [];
        foreach (string thread in threads)
        {
            foreach (string id in (Read($"{thread}/children") ?? string.Empty).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                int child = int.Parse(id, CultureInfo.InvariantCulture);
                yield return child;
                foreach (int grandchild in Descendants(child))
                {
                    yield return grandchild;
                }
            }
        }
    }

    private static string? Read(string path) => Try(() => Encoding.UTF8.GetString(File.ReadAllBytes(path)));

    // A process that has ended meanwhile shows nothing.
    private static T? Try<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
