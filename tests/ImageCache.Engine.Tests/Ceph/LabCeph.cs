using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using ImageCache.Engine.Tests.Lab;
using Xunit;

namespace ImageCache.Engine.Tests.Ceph;

/// <summary>The lab's real Ceph, as Glance's user: images that a test makes in its pool are gone with it.</summary>
internal sealed class LabCeph : IAsyncDisposable
{
    public const string Pool = "images";
    public const string Snapshot = "snap";

    private readonly List<string> _images = [];
    private readonly HashSet<string> _protected = [];
    private readonly Dictionary<string, string> _shared = [];
    private readonly TestDirectory _directory = new();

    public LabCeph(LabCloud lab)
    {
        lab.Require();
        ConfigurationPath = lab.Environment.GetValueOrDefault("CEPH_CONF") ?? string.Empty;
        Assert.SkipUnless(File.Exists(ConfigurationPath), "the lab has no Ceph: CEPH_CONF names no file");
        Assert.SkipUnless(File.Exists("/usr/bin/rbd"), "needs /usr/bin/rbd (Debian: ceph-common)");
        Fsid = Regex.Match(File.ReadAllText(ConfigurationPath), @"^fsid\s*=\s*(\S+)", RegexOptions.Multiline).Groups[1].Value;
    }

    public string ConfigurationPath { get; }

    public string Fsid { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Where an image lies, as Glance would tell it.</summary>
    public string Location(string image, string? fsid = null, string pool = Pool, string snapshot = Snapshot)
        => $"rbd://{fsid ?? Fsid}/{pool}/{image}/{snapshot}";

    /// <summary>Puts data into Ceph, zeros as holes, and makes the snapshot.</summary>
    public async Task<string> ImportAsync(byte[] data, params string[] options)
    {
        string name = NewName();
        if (data.Length == 0)
        {
            await RbdAsync("create", "--size", "0", $"{Pool}/{name}");
        }
        else
        {
            string path = _directory[name];
            await File.WriteAllBytesAsync(path, data, Token);
            await RbdAsync(["import", "--no-progress", .. options, path, $"{Pool}/{name}"]);
            File.Delete(path);
        }

        await SnapAsync(name);
        return name;
    }

    /// <summary>Puts data into Ceph once, for all who only read them.</summary>
    public async Task<string> SharedAsync(byte[] data)
    {
        string digest = Convert.ToHexString(SHA256.HashData(data));
        return _shared.TryGetValue(digest, out string? name) ? name : _shared[digest] = await ImportAsync(data);
    }

    /// <summary>Clones a snapshot, and writes into the clone.</summary>
    /// <param name="parent">Whose snapshot.</param>
    /// <param name="written">Bytes.</param>
    /// <param name="size">What the clone grows to, in MiB.</param>
    public async Task<string> CloneAsync(string parent, int written, int? size = null)
    {
        string name = NewName();
        await RbdAsync("snap", "protect", $"{Pool}/{parent}@{Snapshot}");
        _protected.Add(parent);
        await RbdAsync("clone", $"{Pool}/{parent}@{Snapshot}", $"{Pool}/{name}");
        await WriteAsync(name, written);
        if (size is not null)
        {
            await RbdAsync("resize", "--no-progress", "--size", $"{size}M", $"{Pool}/{name}");
        }

        await SnapAsync(name);
        return name;
    }

    /// <summary>Writes so many bytes, from the beginning on.</summary>
    public Task WriteAsync(string name, int bytes)
        => RbdAsync("bench", "--io-type", "write", "--io-size", "4096", "--io-total", $"{bytes}", "--io-threads", "1", $"{Pool}/{name}");

    /// <summary>What the rbd command reads.</summary>
    public async Task<byte[]> ExportAsync(string name)
    {
        string path = _directory[name + ".export"];
        await RbdAsync("export", "--no-progress", $"{Pool}/{name}@{Snapshot}", path);
        return await File.ReadAllBytesAsync(path, Token);
    }

    public Task SnapAsync(string name) => RbdAsync("snap", "create", "--no-progress", $"{Pool}/{name}@{Snapshot}");

    public Task RemoveSnapAsync(string name) => RbdAsync("snap", "rm", "--no-progress", $"{Pool}/{name}@{Snapshot}");

    /// <summary>Runs the rbd command as Glance's user.</summary>
    public async Task RbdAsync(params string[] arguments)
        => await RunAsync("/usr/bin/rbd", ["--conf", ConfigurationPath, "--id", "glance", .. arguments]);

    /// <summary>Runs the ceph command as the administrator, and says what it says.</summary>
    public async Task<string> AdminAsync(params string[] arguments)
    {
        Assert.SkipUnless(Environment.UserName == "root" && File.Exists("/usr/bin/ceph"), "needs root, and /usr/bin/ceph (Debian: ceph-common)");
        return await RunAsync("/usr/bin/ceph", ["--conf", ConfigurationPath, "--name", "client.admin", .. arguments]);
    }

    /// <summary>Stops or starts a daemon of the lab.</summary>
    public static async Task LabAsync(params string[] arguments)
    {
        string? lab = Repository.Find("tests/lab/lab");
        Assert.SkipUnless(lab is not null && Environment.UserName == "root", "needs the clone's lab, and root");
        await RunAsync(lab!, arguments);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (string name in Enumerable.Reverse(_images))
        {
            string[][] steps = [["snap", "unprotect", $"{Pool}/{name}@{Snapshot}"], ["snap", "purge", "--no-progress", $"{Pool}/{name}"], ["rm", "--no-progress", $"{Pool}/{name}"]];
            foreach (string[] arguments in steps.Skip(_protected.Contains(name) ? 0 : 1))
            {
                await StartAsync("/usr/bin/rbd", ["--conf", ConfigurationPath, "--id", "glance", .. arguments]);
            }
        }

        _directory.Dispose();
    }

    private string NewName()
    {
        string name = "imagecache-test-" + Guid.NewGuid().ToString("N");
        _images.Add(name);
        return name;
    }

    private static async Task<string> RunAsync(string program, string[] arguments)
    {
        (int code, string output, string error) = await StartAsync(program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)}: {output}{error}");
        return output;
    }

    private static async Task<(int Code, string Output, string Error)> StartAsync(string program, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        string error = await process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        return (process.ExitCode, await output, error);
    }
}
