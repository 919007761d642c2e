using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Cli.Tests.Secrets;

/// <summary>
/// Every command runs with secrets that have a mark, well and badly; then all that came out is searched for them: both outputs, the
/// files of the cache and of the user, and what the process list showed of children.
/// </summary>
public sealed partial class SecretTests : IAsyncLifetime
{
    private const string UriSecret = "markedsignature9d1f0c6be2a84e77";
    private const string UriPassword = "markeduserinfo5b7ce20a1d";
    private const string WrongPassword = "markedwrong77aa0c1be9d24f";

    private readonly CommandSandbox _sandbox = new();
    private MarkedUser? _user;
    private FaultServer _server = null!;
    private SecretHunt _hunt = null!;
    private readonly HashSet<string> _programs = [];
    private string _image = string.Empty;
    private int _runs;

    /// <summary>The arguments of every command, with which it has something to do; an image's id is put in for <c>{}</c>.</summary>
    private static Dictionary<string, string[]> Cases => new()
    {
        ["find"] = ["find", "--name", "marked"],
        ["list"] = ["list"],
        ["fetch"] = ["fetch", "{}"],
        ["init"] = ["init"],
        ["maintain"] = ["maintain"],
        ["remove"] = ["remove", "{}"],
        ["prune"] = ["prune", "--minimum-age", "30d"],
        ["verify"] = ["verify", "--online"],
        ["popularity"] = ["popularity"],
        ["precache"] = ["precache", "{}"],
        ["signature"] = ["signature", "{}"],
        ["disk create"] = ["disk", "create", "{}", "--flavor", "marked", "--instance-id", "4d1c7a52-91d1-4a10-a1ad-52c9f0b6c1aa", "--create-directory"],
        ["critical register"] = ["critical", "register", "{}"],
        ["critical list"] = ["critical", "list"],
        ["critical sync"] = ["critical", "sync", "--verify"],
        ["critical unregister"] = ["critical", "unregister", "{}"],
        ["node"] = ["node", "{}", "--online"],
        ["config"] = ["config"],
    };

    public async ValueTask InitializeAsync()
    {
        _user = await MarkedUser.CreateAsync();
        _server = FaultServer.Start();
        _sandbox.AddEnvironment(_user.Environment);
        _sandbox.Environment["IMAGECACHE_RETRIES"] = "0";
        _sandbox.Environment["IMAGECACHE_CONNECT_TIMEOUT"] = "5";
        _hunt = new SecretHunt(Secrets());
    }

    public async ValueTask DisposeAsync()
    {
        if (_user is not null)
        {
            await _server.DisposeAsync();
            await _user.DisposeAsync();
        }

        _sandbox.Dispose();
    }

    [Fact]
    public async Task NoCommandTellsSecretsWhateverHappens()
    {
        _image = await _user!.UploadAsync(await DiskAsync(), "qcow2");
        string[] commands = await CommandsAsync([]);
        Assert.True(commands.All(Cases.ContainsKey), $"commands without a case: {string.Join(", ", commands.Except(Cases.Keys))}");

        await RunAllAsync(commands, "a password", mustSucceed: true);
        _runs++;
        await RunAllAsync(commands, "a password", mustSucceed: true);
        await RunAllAsync(commands, "no service", mustSucceed: false, ("OS_AUTH_URL", "http://127.0.0.1:1/v3"));
        await RunAllAsync(commands, "a wrong password", mustSucceed: false, ("OS_PASSWORD", WrongPassword));
        string directory = WriteClouds();
        await RunAllAsync(commands, "an application credential", mustSucceed: true, ("OS_CLIENT_CONFIG_FILE", directory), ("OS_CLOUD", "good"));
        await RunAllAsync(commands, "a wrong application credential", mustSucceed: false, ("OS_CLIENT_CONFIG_FILE", directory), ("OS_CLOUD", "bad"));
        await RunAllAsync(commands, "a broken clouds.yaml", mustSucceed: false, ("OS_CLIENT_CONFIG_FILE", directory + ".broken"), ("OS_CLOUD", "good"));
        Assert.Contains(_programs, static line => line.Contains("qemu-img", StringComparison.Ordinal));
        EchoEverything();
        await RunAllAsync(commands, "a service that repeats all it is told", mustSucceed: false, ("OS_AUTH_URL", new Uri(_server.Address, "v3").ToString()));
    }

    [Fact]
    public async Task NoUriTellsItsSecretsWhateverHappens()
    {
        byte[] data = RandomNumberGenerator.GetBytes(100_000);
        string checksum = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(data));
        string wrong = "sha256:" + new string('0', 64);
        string root = $"http://marked:{UriPassword}@127.0.0.1:{_server.Port}";
        string query = $"?X-Amz-Signature={UriSecret}#{UriSecret}";
        _server.On("GET", "/image", FaultAnswer.Bytes(data));
        _server.On("GET", "/echo", static request => FaultAnswer.Text(Everything(request), 403));
        _server.On("GET", "/away", _ => FaultAnswer.Of(302, ("Location", $"{root}/nowhere{query}")));
        _server.On("GET", "/cut", FaultAnswer.Bytes(data) with { CutAfter = 5000 });
        _server.On("GET", "/SHA256SUMS", FaultAnswer.Text($"{checksum[7..]} *image\n"));

        await RunAsync("a URI", 0, "fetch", "--uri", $"{root}/image{query}", "--checksum", checksum);
        await RunAsync("a URI that is here", 0, "fetch", "--uri", $"{root}/image{query}", "--checksum", checksum);
        await RunAsync("a list of checksums", 0, "fetch", "--force", "--uri", $"{root}/image{query}", "--checksum", $"{root}/SHA256SUMS{query}");
        await RunAsync("a URI with other data", 3, "fetch", "--uri", $"{root}/image{query}", "--checksum", wrong);
        foreach (string path in new[] { "/missing", "/echo", "/away", "/cut" })
        {
            await RunAsync("a URI that fails", null, "fetch", "--uri", $"{root}{path}{query}", "--checksum", wrong);
            await RunAsync("a list that fails", null, "fetch", "--uri", $"{root}/image{query}", "--checksum", $"{root}{path}{query}");
        }

        foreach (string bad in new[] { $"ftp://marked:{UriPassword}@h/x{query}", $"http://marked:{UriPassword}@:x/{query}", $"http://marked:{UriPassword}@127.0.0.1:1/x{query}", $"HTTP:/marked:{UriPassword}@{query}" })
        {
            await RunAsync("a URI that is none", null, "fetch", "--uri", bad, "--checksum", wrong);
            await RunAsync("a checksum that is none", null, "fetch", "--uri", $"{root}/image{query}", "--checksum", bad);
        }

        await RunAsync("afterwards", 0, "list");
        await RunAsync("afterwards", 0, "verify");
    }

    [Fact]
    public async Task NoKeyOfCephIsTold()
    {
        Assert.SkipUnless(_user!.Lab.TryGetValue("CEPH_CONF", out string? configuration) && File.Exists(configuration), "the lab has no Ceph");
        _image = await _user.UploadAsync(RandomNumberGenerator.GetBytes(3_000_000), "raw", "rbd");
        string real = File.ReadAllText(Path.Join(Path.GetDirectoryName(configuration), "ceph.client.glance.keyring"));
        string key = Regex.Match(real, @"key\s*=\s*(\S+)").Groups[1].Value;
        string wrongKey = Convert.ToBase64String([1, 0, 0x73, 0x59, 0x11, 0x69, 0, 0, 0, 0, 0x10, 0, .. Encoding.ASCII.GetBytes("planted wrongkey")]);
        _hunt = new SecretHunt(new Dictionary<string, string>(Secrets()) { ["the key of Ceph"] = key, ["the wrong key of Ceph"] = wrongKey });
        _sandbox.Environment["IMAGECACHE_RBD_CONNECT_TIMEOUT"] = "5";
        foreach ((string what, string text, int? exit) in new[] { ("a key", real, 0), ("a wrong key", real.Replace(key, wrongKey, StringComparison.Ordinal), (int?)5), ("a broken keyring", real.Replace("key =", "key", StringComparison.Ordinal), null) })
        {
            string nova = WriteNova(configuration!, text);
            _sandbox.Environment["IMAGECACHE_NOVA_CONF"] = nova;
            await RunAsync(what, exit, "fetch", _image, "--method", "rbd-export", "--force");
            await RunAsync(what, 0, "init");
            await RunAsync(what, 0, "config");
        }
    }

    private Dictionary<string, string> Secrets() => new()
    {
        ["the password"] = _user!.Password,
        ["the wrong password"] = WrongPassword,
        ["the secret of the application credential"] = _user.CredentialSecret,
        ["the query of a URI"] = UriSecret,
        ["the user information of a URI"] = UriPassword,
    };

    private async Task RunAllAsync(string[] commands, string what, bool mustSucceed, params (string Name, string Value)[] variables)
    {
        Dictionary<string, string> before = new(_sandbox.Environment);
        foreach ((string name, string value) in variables)
        {
            _sandbox.Environment[name] = value;
        }

        if (variables.Any(static variable => variable.Name == "OS_CLOUD"))
        {
            _sandbox.Environment.Keys.Where(static name => name.StartsWith("OS_", StringComparison.Ordinal)).Except(variables.Select(static variable => variable.Name))
                .ToList().ForEach(name => _sandbox.Environment.Remove(name));
        }

        // In the order of the table the image is fetched before it is told of, and removed in the end.
        foreach (string command in Cases.Keys.Where(name => commands.Contains(name.Split(' ')[0])).OrderBy(static name => name == "remove"))
        {
            string[] arguments = [.. Cases[command].Select(argument => argument.Replace("{}", _image, StringComparison.Ordinal))];
            await RunAsync(what, mustSucceed && command is "find" or "fetch" or "remove" ? 0 : null, arguments);
        }

        _sandbox.Environment.Clear();
        _sandbox.AddEnvironment(before);
    }

    /// <summary>Runs a command, by turns for people and for programs, and searches all that came of it.</summary>
    private async Task RunAsync(string what, int? exitCode, params string[] arguments)
    {
        string[] options = _runs++ % 2 == 0 ? ["--verbose"] : ["--verbose", "--json"];
        using Process process = _sandbox.Start([.. arguments, .. options]);
        using ProcessWatch watch = new(process.Id);
        CommandResult result = await CommandSandbox.EndAsync(process);
        string name = $"{arguments[0]} with {what}";
        _hunt.In($"standard output of {name}", result.Output);
        _hunt.In($"standard error of {name}", result.Error);
        _hunt.In($"the process list under {name}", watch.Seen);
        _hunt.InFiles(_sandbox.PathOf("instances"));
        _hunt.InFiles(_sandbox.PathOf("home"));
        if (exitCode is { } expected)
        {
            result.Ends(expected);
        }

        _programs.UnionWith(watch.Seen.Split('\n').Where(static line => line.StartsWith("cmdline", StringComparison.Ordinal)));
    }

    /// <summary>The commands as the product's own help lists them, those of groups with their group's name.</summary>
    private async Task<string[]> CommandsAsync(string[] group)
    {
        CommandResult help = (await _sandbox.RunAsync([.. group, "--help"])).Ends(0);
        int start = help.Output.IndexOf("Commands:", StringComparison.Ordinal);
        if (start < 0)
        {
            return group.Length == 0 ? [] : [string.Join(' ', group)];
        }

        List<string> commands = [];
        foreach (Match command in CommandLines().Matches(help.Output[start..]))
        {
            commands.AddRange(await CommandsAsync([.. group, command.Groups[1].Value]));
        }

        Assert.NotEmpty(commands);
        return [.. commands];
    }

    [GeneratedRegex(@"^  ([a-z][a-z-]*)\b", RegexOptions.Multiline)]
    private static partial Regex CommandLines();

    private async Task<byte[]> DiskAsync()
    {
        string disk = _sandbox.PathOf("disk");
        await File.WriteAllBytesAsync(disk, RandomNumberGenerator.GetBytes(4 << 20), TestContext.Current.CancellationToken);
        Assert.SkipUnless(File.Exists("/usr/bin/qemu-img"), "needs /usr/bin/qemu-img (Debian: qemu-utils)");
        (await _sandbox.ShellAsync($"qemu-img convert -f raw -O qcow2 {disk} {disk}.qcow2")).Ends(0);
        return await File.ReadAllBytesAsync(disk + ".qcow2", TestContext.Current.CancellationToken);
    }

    private string WriteClouds()
    {
        string path = _sandbox.PathOf("clouds.yaml");
        string text = string.Create(CultureInfo.InvariantCulture, $"""
            clouds:
              good: &good
                auth_type: v3applicationcredential
                auth: &auth
                  auth_url: {_user!.Lab["OS_AUTH_URL"]}
                  application_credential_id: {_user.CredentialId}
                  application_credential_secret: {_user.CredentialSecret}
                region_name: RegionOne
              bad:
                auth_type: v3applicationcredential
                auth:
                  auth_url: {_user.Lab["OS_AUTH_URL"]}
                  application_credential_id: {_user.CredentialId}
                  application_credential_secret: {WrongPassword}

            """);
        File.WriteAllText(path, text);
        File.WriteAllText(path + ".broken", text.Replace("_secret: ", "_secret: [\"", StringComparison.Ordinal));
        return path;
    }

    private string WriteNova(string cephConfiguration, string keyring)
    {
        File.WriteAllText(_sandbox.PathOf("keyring"), keyring);
        File.WriteAllText(
            _sandbox.PathOf("ceph.conf"), Regex.Replace(File.ReadAllText(cephConfiguration), "(?m)^keyring = .*$", $"keyring = {_sandbox.PathOf("keyring")}"));
        File.WriteAllText(_sandbox.PathOf("nova.conf"), $"[glance]\nenable_rbd_download = true\nrbd_user = glance\nrbd_ceph_conf = {_sandbox.PathOf("ceph.conf")}\n");
        return _sandbox.PathOf("nova.conf");
    }

    /// <summary>A cloud that gives tokens to everybody, and in errors repeats what it was told, and by whom.</summary>
    private void EchoEverything()
    {
        bool first = true;
        _server.Fallback = static request => FaultAnswer.Text($"{{\"error\": {{\"message\": {System.Text.Json.JsonSerializer.Serialize(Everything(request))}}}}}", 403, "application/json")
            .WithHeader("x-openstack-request-id", "req-" + request.Header("X-Auth-Token"));
        _server.On("POST", "/v3/auth/tokens", request =>
        {
            FaultAnswer answer = first
                ? FaultAnswer.Text(Everything(request), 401)
                : FaultAnswer.Json($$"""{"token": {"expires_at": "2099-01-01T00:00:00Z", "project": {"id": "p"}, "user": {"id": "u"}, "catalog": [{"type": "image", "endpoints": [{"interface": "public", "region_id": "RegionOne", "url": "{{_server.Address}}image"}]}]} }""", 201)
                    .WithHeader("X-Subject-Token", WrongPassword);
            first = !first;
            return answer;
        });
    }

    private static string Everything(FaultRequest request)
        => $"{request.Method} {request.Path} {string.Join('&', request.Query.Select(static pair => $"{pair.Key}={pair.Value}"))} X-Auth-Token: {request.Header("X-Auth-Token")} "
            + $"Authorization: {request.Header("Authorization")} {Encoding.UTF8.GetString(request.Body)}";
}
