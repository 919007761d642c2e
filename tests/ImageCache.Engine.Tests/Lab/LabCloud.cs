using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ImageCache.Engine.Tests.Ceph;
using Xunit;

namespace ImageCache.Engine.Tests.Lab;

/// <summary>
/// The real cloud that tests run against: that of the OS_* variables, else that of <c>tests/lab/lab env</c>. Without either, tests
/// that ask for it are skipped. Images and secrets that it puts there are gone at its end. It speaks to the services by itself, so that our own
/// client is not proved by itself.
/// </summary>
public sealed class LabCloud : IAsyncLifetime
{
    private readonly HttpClient _http = new();
    private readonly List<string> _uploaded = [];
    private readonly List<string> _secrets = [];
    private string _skipReason = "not looked for yet";
    private string? _token;
    private LabCeph? _ceph;

    /// <summary>The variables of the cloud.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; private set; } = new Dictionary<string, string>();

    /// <summary>The root of the image service.</summary>
    public string ImageUrl { get; private set; } = string.Empty;

    /// <summary>The root of the key manager; empty when there is none.</summary>
    public string KeyManagerUrl { get; private set; } = string.Empty;

    /// <summary>The project of the variables' user.</summary>
    public string ProjectId { get; private set; } = string.Empty;

    /// <summary>The stores that images can be put into; empty when there is only one.</summary>
    public IReadOnlyList<string> Stores { get; private set; } = [];

    /// <summary>Its Ceph, for data that more than one test reads; the test that asks is skipped when there is none.</summary>
    internal LabCeph SharedCeph => _ceph ??= new LabCeph(this);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Dictionary<string, string> variables = Variables(System.Environment.GetEnvironmentVariable("OS_AUTH_URL") is null ? await LabEnvironmentAsync() : null);
        if (!variables.ContainsKey("OS_AUTH_URL"))
        {
            _skipReason = "no lab: neither OS_AUTH_URL nor 'tests/lab/lab env' names a cloud";
            return;
        }

        variables["IMAGECACHE_TOKEN_CACHE_TIME"] = "0";
        Environment = variables;
        try
        {
            await LogInAsync();
            Stores = await ReadStoresAsync();
            _skipReason = string.Empty;
        }
        catch (HttpRequestException error) when (error.StatusCode is null)
        {
            _skipReason = $"the lab does not answer: {error.Message}";
        }
    }

    /// <summary>Skips the test when there is no cloud.</summary>
    public void Require() => Assert.SkipUnless(_skipReason.Length == 0, _skipReason);

    /// <summary>Skips the test when there is no cloud with this store.</summary>
    public void RequireStore(string store)
    {
        Require();
        Assert.SkipUnless(Stores.Contains(store), $"the cloud has no store '{store}'");
    }

    /// <summary>Lets the engines of a node speak to this cloud instead of the one in memory; the test is skipped when there is none.</summary>
    internal void Serve(EngineBed node)
    {
        Require();
        foreach (string name in node.Cloud.Environment().Keys)
        {
            node.Variables[name] = "";
        }

        foreach ((string name, string value) in Environment)
        {
            node.Variables[name] = value;
        }
    }

    /// <summary>Puts an image into Glance and says its id.</summary>
    public async Task<string> UploadAsync(LabImage image)
    {
        Require();
        Dictionary<string, object> record = new()
        {
            ["name"] = image.Name,
            ["disk_format"] = image.DiskFormat,
            ["container_format"] = image.ContainerFormat,
            ["visibility"] = image.Visibility,
            ["tags"] = image.Tags,
        };
        foreach ((string key, string value) in image.Properties)
        {
            record[key] = value;
        }

        using HttpResponseMessage created = await SendAsync(HttpMethod.Post, "/v2/images", Json(record));
        using JsonDocument document = JsonDocument.Parse(await created.Content.ReadAsStringAsync(Token));
        string id = document.RootElement.GetProperty("id").GetString()!;
        lock (_uploaded)
        {
            _uploaded.Add(id);
        }

        if (image.Data is { } data)
        {
            using ByteArrayContent content = new(data);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            (await SendAsync(HttpMethod.Put, $"/v2/images/{id}/file", content, image.Store)).Dispose();
        }

        return id;
    }

    /// <summary>Skips the test when there is no cloud with a key manager.</summary>
    public void RequireKeyManager()
    {
        Require();
        Assert.SkipUnless(KeyManagerUrl.Length > 0, "the cloud has no key manager");
    }

    /// <summary>Puts a secret into the key manager and says its id.</summary>
    /// <param name="payload">What is to be kept.</param>
    /// <param name="mediaType">text/plain, or what is sent in base64.</param>
    /// <param name="secretType">certificate, opaque ….</param>
    public async Task<string> StoreSecretAsync(byte[] payload, string mediaType = "application/octet-stream", string secretType = "certificate")
    {
        RequireKeyManager();
        bool isText = mediaType.StartsWith("text/", StringComparison.Ordinal);
        Dictionary<string, object> secret = new()
        {
            ["name"] = "imagecache-test",
            ["secret_type"] = secretType,
            ["payload"] = isText ? Encoding.UTF8.GetString(payload) : Convert.ToBase64String(payload),
            ["payload_content_type"] = mediaType,
        };
        if (!isText)
        {
            secret["payload_content_encoding"] = "base64";
        }

        using HttpRequestMessage request = new(HttpMethod.Post, KeyManagerUrl + "/v1/secrets") { Content = Json(secret) };
        request.Headers.Add("X-Auth-Token", _token);
        using HttpResponseMessage answer = await _http.SendAsync(request, Token);
        using JsonDocument document = JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Token));
        string id = document.RootElement.GetProperty("secret_ref").GetString()!.Split('/')[^1];
        lock (_secrets)
        {
            _secrets.Add(id);
        }

        return id;
    }

    /// <summary>Calls the image service as the variables' user; a status that is not one of success is an error.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content = null, string? store = null)
    {
        using HttpRequestMessage request = new(method, ImageUrl + path) { Content = content };
        request.Headers.Add("X-Auth-Token", _token);
        if (store is not null)
        {
            request.Headers.Add("X-Image-Meta-Store", store);
        }

        HttpResponseMessage answer = await _http.SendAsync(request, CancellationToken.None);
        return answer.IsSuccessStatusCode
            ? answer
            : throw new InvalidOperationException($"{method} {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(CancellationToken.None)}");
    }

    /// <summary>Tells Glance of another place where an image's data lie.</summary>
    public async Task AddLocationAsync(string id, string url, string store)
    {
        object[] patch = [new { op = "add", path = "/locations/-", value = new { url, metadata = new { store } } }];
        using ByteArrayContent content = new(JsonSerializer.SerializeToUtf8Bytes(patch));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/openstack-images-v2.1-json-patch");
        (await SendAsync(HttpMethod.Patch, $"/v2/images/{id}", content)).Dispose();
    }

    /// <summary>Takes an image out of Glance.</summary>
    public async Task DeleteAsync(string id)
    {
        (await SendAsync(HttpMethod.Delete, $"/v2/images/{id}")).Dispose();
        lock (_uploaded)
        {
            _uploaded.Remove(id);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_ceph is not null)
        {
            await _ceph.DisposeAsync();
        }

        IEnumerable<string> urls = _uploaded.Select(id => $"{ImageUrl}/v2/images/{id}").Concat(_secrets.Select(id => $"{KeyManagerUrl}/v1/secrets/{id}"));
        foreach (string url in urls)
        {
            using HttpRequestMessage request = new(HttpMethod.Delete, url);
            request.Headers.Add("X-Auth-Token", _token);
            using HttpResponseMessage answer = await _http.SendAsync(request, CancellationToken.None);
        }

        _http.Dispose();
    }

    // With a length: Keystone behind some servers takes no chunks.
    private static ByteArrayContent Json(object body)
    {
        ByteArrayContent content = new(JsonSerializer.SerializeToUtf8Bytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private static async Task<string?> LabEnvironmentAsync()
    {
        if (FindLab() is not { } lab)
        {
            return null;
        }

        using Process process = Process.Start(new ProcessStartInfo(lab, "env") { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode == 0 ? await output : null;
    }

    // Up from the test's binaries to the clone.
    private static string? FindLab()
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            string lab = Path.Combine(directory.FullName, "tests", "lab", "lab");
            if (File.Exists(lab))
            {
                return lab;
            }
        }

        return null;
    }

    private static Dictionary<string, string> Variables(string? exports)
    {
        IEnumerable<KeyValuePair<string, string>> pairs = exports is null
            ? System.Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
                .Select(static entry => KeyValuePair.Create((string)entry.Key, (string?)entry.Value ?? string.Empty))
            : exports.Split('\n').Select(static line => line.Replace("export ", string.Empty, StringComparison.Ordinal).Split('=', 2))
                .Where(static sides => sides.Length == 2).Select(static sides => KeyValuePair.Create(sides[0].Trim(), sides[1].Trim().Trim('\'', '"')));
        return pairs.Where(static pair => pair.Key.StartsWith("OS_", StringComparison.Ordinal) || pair.Key is "CEPH_CONF")
            .ToDictionary(StringComparer.Ordinal);
    }

    private async Task LogInAsync()
    {
        object body = new
        {
            auth = new
            {
                identity = new
                {
                    methods = new[] { "password" },
                    password = new { user = new { name = Variable("OS_USERNAME"), password = Variable("OS_PASSWORD"), domain = new { name = Variable("OS_USER_DOMAIN_NAME") ?? "Default" } } },
                },
                scope = new { project = new { name = Variable("OS_PROJECT_NAME"), domain = new { name = Variable("OS_PROJECT_DOMAIN_NAME") ?? "Default" } } },
            },
        };
        string root = Variable("OS_AUTH_URL")!.TrimEnd('/');
        root = root.EndsWith("/v3", StringComparison.Ordinal) ? root : root + "/v3";
        using HttpResponseMessage answer = await _http.PostAsync(root + "/auth/tokens", Json(body), CancellationToken.None);
        answer.EnsureSuccessStatusCode();
        _token = answer.Headers.GetValues("X-Subject-Token").Single();
        using JsonDocument document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(CancellationToken.None));
        JsonElement token = document.RootElement.GetProperty("token");
        ProjectId = token.GetProperty("project").GetProperty("id").GetString()!;
        ImageUrl = PublicUrl(token, "image")!.Replace("/v2", string.Empty, StringComparison.Ordinal);
        KeyManagerUrl = PublicUrl(token, "key-manager")?.Replace("/v1", string.Empty, StringComparison.Ordinal) ?? string.Empty;
    }

    private static string? PublicUrl(JsonElement token, string type)
        => token.GetProperty("catalog").EnumerateArray().Where(service => service.GetProperty("type").GetString() == type)
            .SelectMany(static service => service.GetProperty("endpoints").EnumerateArray())
            .Where(static endpoint => endpoint.GetProperty("interface").GetString() == "public")
            .Select(static endpoint => endpoint.GetProperty("url").GetString()!.TrimEnd('/')).FirstOrDefault();

    private async Task<string[]> ReadStoresAsync()
    {
        using HttpRequestMessage request = new(HttpMethod.Get, ImageUrl + "/v2/info/stores");
        request.Headers.Add("X-Auth-Token", _token);
        using HttpResponseMessage answer = await _http.SendAsync(request, CancellationToken.None);
        if (!answer.IsSuccessStatusCode)
        {
            return [];
        }

        using JsonDocument document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(CancellationToken.None));
        return [.. document.RootElement.GetProperty("stores").EnumerateArray().Select(static store => store.GetProperty("id").GetString()!)];
    }

    private string? Variable(string name) => Environment.GetValueOrDefault(name);
}
