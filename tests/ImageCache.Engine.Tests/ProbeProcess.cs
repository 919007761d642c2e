using System.Diagnostics;
using Xunit;

namespace ImageCache.Engine.Tests;

/// <summary>Another process with an engine on the same cache and cloud as a test's; it can be killed.</summary>
internal sealed class ProbeProcess : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    private readonly Process _process;

    private ProbeProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public int ExitCode => _process.ExitCode;

    /// <summary>Whether it ended by kill -9.</summary>
    public bool WasKilled => ExitCode == 128 + 9;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Starts one; without <c>--image=</c> it initializes the cache.</summary>
    public static ProbeProcess Start(EngineBed bed, params IEnumerable<string> arguments) => Start(Host, [], bed, arguments);

    /// <summary>Starts one as another user, who must be able to reach the cache.</summary>
    public static ProbeProcess StartAs(uint user, EngineBed bed, params IEnumerable<string> arguments)
        => Start("/usr/bin/setpriv", [$"--reuid={user}", $"--regid={user}", "--clear-groups", Host], bed, arguments);

    private static string Host => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    private static ProbeProcess Start(string program, string[] before, EngineBed bed, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = bed.Directory.FullPath,
        };
        foreach (string argument in (IEnumerable<string>)[.. before, "exec", Path.Join(AppContext.BaseDirectory, "ImageCache.Engine.Probe.dll"), bed.CachePath,
            .. bed.Settings.Select(static setting => $"--set={setting.Key}={setting.Value}"), .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (string name in start.Environment.Keys.Where(static name => name.StartsWith("OS_", StringComparison.Ordinal) || name.StartsWith("IMAGECACHE_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach ((string name, string value) in bed.Environment())
        {
            start.Environment[name] = value;
        }

        return new ProbeProcess(Process.Start(start)!);
    }

    /// <summary>Lets one that waits begin.</summary>
    public Task GoAsync() => SayAsync("go");

    /// <summary>Gives it a line to read.</summary>
    public Task SayAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    /// <summary>Reads lines until one begins so; says which.</summary>
    public async Task<string> WaitForAsync(string beginning)
    {
        List<string> seen = [];
        while (await _process.StandardOutput.ReadLineAsync(Token).AsTask().WaitAsync(s_patience, Token) is { } line)
        {
            if (line.StartsWith(beginning, StringComparison.Ordinal))
            {
                return line;
            }

            seen.Add(line);
        }

        throw new InvalidOperationException($"The probe never said '{beginning}': {string.Join("; ", seen)}");
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>All that it still said.</returns>
    public async Task<string> WaitForEndAsync()
    {
        string output = await _process.StandardOutput.ReadToEndAsync(Token).WaitAsync(s_patience, Token);
        await _process.WaitForExitAsync(Token).WaitAsync(s_patience, Token);
        return output;
    }

    public void Kill() => _process.Kill();

    /// <summary>What Ctrl-C does.</summary>
    public async Task InterruptAsync()
    {
        using Process kill = Process.Start("/bin/kill", ["-INT", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(Token);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }
}
