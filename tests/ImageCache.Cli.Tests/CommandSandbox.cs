using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;

namespace ImageCache.Cli.Tests;

/// <summary>A cache, a home and an environment of a test's own, in which the built executable runs.</summary>
internal sealed class CommandSandbox : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("imagecache-cli-");

    public CommandSandbox(bool createCache = true)
    {
        Directory.CreateDirectory(PathOf("home"));
        if (createCache)
        {
            Directory.CreateDirectory(CachePath);
        }

        Environment["HOME"] = PathOf("home");
        Environment["PATH"] = System.Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin";
        Environment["IMAGECACHE_NOVA_CONF"] = "none";
        Environment["IMAGECACHE_CACHE_PATH"] = CachePath;
        Environment["IMAGECACHE_MINIMUM_FREE"] = "0";
        Environment["IMAGECACHE_TOKEN_CACHE_TIME"] = "0";
        if (System.Environment.GetEnvironmentVariable("DOTNET_ROOT") is { } dotnet)
        {
            Environment["DOTNET_ROOT"] = dotnet;
        }
    }

    /// <summary>The executable.</summary>
    public static string Command { get; } = PathFromBuild(nameof(Command));

    /// <summary>The clone that is tested.</summary>
    public static string Repository { get; } = PathFromBuild(nameof(Repository));

    public Dictionary<string, string> Environment { get; } = [];

    public string CachePath => PathOf("instances/_base");

    public IEnumerable<string> BaseFiles => Directory.EnumerateFiles(CachePath);

    /// <summary>What transfers have not tidied up.</summary>
    public IEnumerable<string> Leftovers
        => Directory.Exists(PathOf("instances/_base/.imagecache/tmp")) ? Directory.EnumerateFileSystemEntries(PathOf("instances/_base/.imagecache/tmp")) : [];

    public string PathOf(string relative) => Path.Join(_root.FullName, relative);

    public void AddEnvironment(IEnumerable<KeyValuePair<string, string>> variables)
    {
        foreach ((string name, string value) in variables)
        {
            Environment[name] = value;
        }
    }

    /// <summary>Writes a raw image, and tells its URI and its checksum.</summary>
    public (string Uri, string Checksum) WriteImage(string name, int length = 200_000)
    {
        byte[] data = RandomNumberGenerator.GetBytes(length);
        File.WriteAllBytes(PathOf(name), data);
        return (new Uri(PathOf(name)).AbsoluteUri, $"sha256:{Convert.ToHexStringLower(SHA256.HashData(data))}");
    }

    public Task<CommandResult> RunAsync(params string[] arguments) => EndAsync(Start(Command, arguments));

    /// <summary>Runs a shell line; the command is in <c>$imagecache</c>.</summary>
    public Task<CommandResult> ShellAsync(string line)
    {
        Environment["imagecache"] = Command;
        return EndAsync(Start("/bin/bash", ["-c", line]));
    }

    public Process Start(params string[] arguments) => Start(Command, arguments);

    public static async Task<CommandResult> EndAsync(Process process)
    {
        using (process)
        {
            using CancellationTokenSource patience = new(Patience);
            Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(patience.Token);
            try
            {
                await process.WaitForExitAsync(patience.Token);
                return new CommandResult(process.ExitCode, await output, await error);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw new TimeoutException($"It did not end within {Patience}.");
            }
        }
    }

    public void Dispose() => _root.Delete(recursive: true);

    private static string PathFromBuild(string name)
        => Path.GetFullPath(typeof(CommandSandbox).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == name).Value!);

    private Process Start(string file, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = _root.FullName,
        };
        start.Environment.Clear();
        foreach ((string name, string value) in Environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
