using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using Xunit;

namespace ImageCache.Cli.Tests.Secrets;

/// <summary>A user of the lab's cloud whose secrets nobody else has: what is found of them anywhere came from us. Gone with its test.</summary>
internal sealed class MarkedUser : IAsyncDisposable
{
    private const string Project = "demo";

    private readonly HttpClient _http = new();
    private readonly string _authUrl;
    private readonly string _adminToken;
    private string _userId = string.Empty;
    private string _imageUrl = string.Empty;
    private string _token = string.Empty;
    private readonly List<string> _images = [];

    private MarkedUser(IReadOnlyDictionary<string, string> lab, string adminToken)
    {
        Lab = lab;
        _authUrl = lab["OS_AUTH_URL"];
        _adminToken = adminToken;
    }

    public IReadOnlyDictionary<string, string> Lab { get; }

    public string Name { get; } = "marked-" + Guid.NewGuid().ToString("N");

    public string Password { get; } = "markedpassword" + Guid.NewGuid().ToString("N");

    public string CredentialId { get; private set; } = string.Empty;

    public string CredentialSecret { get; } = "markedcredential" + Guid.NewGuid().ToString("N");

    /// <summary>The variables of its login.</summary>
    public Dictionary<string, string> Environment => new()
    {
        ["OS_AUTH_URL"] = _authUrl,
        ["OS_USERNAME"] = Name,
        ["OS_PASSWORD"] = Password,
        ["OS_PROJECT_NAME"] = Project,
        ["OS_USER_DOMAIN_ID"] = "default",
        ["OS_PROJECT_DOMAIN_ID"] = "default",
        ["OS_REGION_NAME"] = "RegionOne",
    };

    /// <summary>Makes the user; the test is skipped where there is no lab.</summary>
    public static async Task<MarkedUser> CreateAsync()
    {
        Dictionary<string, string> lab = await LabAsync();
        using HttpClient http = new();
        string admin = (await LogInAsync(http, lab["OS_AUTH_URL"], lab["OS_USERNAME"], lab["OS_PASSWORD"], lab["OS_PROJECT_NAME"])).Token;
        MarkedUser user = new(lab, admin);
        try
        {
            await user.MakeAsync();
            return user;
        }
        catch
        {
            await user.DisposeAsync();
            throw;
        }
    }

    /// <summary>Puts an image of its own into Glance.</summary>
    public async Task<string> UploadAsync(byte[] data, string diskFormat, string? store = null)
    {
        using JsonDocument image = await CallAsync(HttpMethod.Post, _imageUrl + "/v2/images", _token, new { name = "marked", disk_format = diskFormat, container_format = "bare" });
        string id = image.RootElement.GetProperty("id").GetString()!;
        _images.Add(id);
        using HttpRequestMessage put = new(HttpMethod.Put, $"{_imageUrl}/v2/images/{id}/file") { Content = new ByteArrayContent(data) };
        put.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        put.Headers.Add("X-Auth-Token", _token);
        if (store is not null)
        {
            put.Headers.Add("X-Image-Meta-Store", store);
        }

        (await _http.SendAsync(put, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode().Dispose();
        return id;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (string id in _images)
        {
            (await CallAsync(HttpMethod.Delete, $"{_imageUrl}/v2/images/{id}", _token)).Dispose();
        }

        // Keystone on SQLite leaves roles of a credential behind when only its user is deleted, and then makes no more credentials.
        if (CredentialId.Length > 0)
        {
            (await CallAsync(HttpMethod.Delete, $"{_authUrl}/users/{_userId}/application_credentials/{CredentialId}", _token)).Dispose();
        }

        if (_userId.Length > 0)
        {
            (await CallAsync(HttpMethod.Delete, $"{_authUrl}/users/{_userId}", _adminToken)).Dispose();
        }

        _http.Dispose();
    }

    private static async Task<Dictionary<string, string>> LabAsync()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Join(directory.FullName, "tests/lab/lab")))
        {
            directory = directory.Parent;
        }

        Assert.SkipWhen(directory is null, "the clone with tests/lab/lab is not above the tests");
        using Process process = Process.Start(
            new ProcessStartInfo(Path.Join(directory!.FullName, "tests/lab/lab"), "env") { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.SkipUnless(process.ExitCode == 0, "the lab is not up");
        return output.Split('\n').Select(static line => line.Replace("export ", string.Empty, StringComparison.Ordinal).Split('=', 2))
            .Where(static sides => sides.Length == 2).ToDictionary(static sides => sides[0].Trim(), static sides => sides[1].Trim().Trim('\'', '"'));
    }

    private async Task MakeAsync()
    {
        using JsonDocument made = await CallAsync(
            HttpMethod.Post, _authUrl + "/users", _adminToken, new { user = new { name = Name, password = Password, domain_id = "default", enabled = true } });
        _userId = made.RootElement.GetProperty("user").GetProperty("id").GetString()!;
        string project = await FirstIdAsync("projects", Project);
        string role = await FirstIdAsync("roles", "member");
        (await CallAsync(HttpMethod.Put, $"{_authUrl}/projects/{project}/users/{_userId}/roles/{role}", _adminToken)).Dispose();
        (_token, _imageUrl) = await LogInAsync(_http, _authUrl, Name, Password, Project);
        using JsonDocument credential = await CallAsync(
            HttpMethod.Post, $"{_authUrl}/users/{_userId}/application_credentials", _token,
            new { application_credential = new { name = Name, secret = CredentialSecret, roles = new[] { new { id = role } } } });
        CredentialId = credential.RootElement.GetProperty("application_credential").GetProperty("id").GetString()!;
    }

    private async Task<string> FirstIdAsync(string kind, string name)
    {
        using JsonDocument found = await CallAsync(HttpMethod.Get, $"{_authUrl}/{kind}?name={name}", _adminToken);
        return found.RootElement.GetProperty(kind)[0].GetProperty("id").GetString()!;
    }

    private static async Task<(string Token, string ImageUrl)> LogInAsync(HttpClient http, string authUrl, string user, string password, string project)
    {
        object body = new
        {
            auth = new
            {
                identity = new { methods = new[] { "password" }, password = new { user = new { name = user, password, domain = new { id = "default" } } } },
                scope = new { project = new { name = project, domain = new { id = "default" } } },
            },
        };
        using HttpResponseMessage answer = await http.PostAsync(authUrl + "/auth/tokens", Json(body), TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        using JsonDocument document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        string image = document.RootElement.GetProperty("token").GetProperty("catalog").EnumerateArray()
            .Where(static service => service.GetProperty("type").GetString() == "image")
            .SelectMany(static service => service.GetProperty("endpoints").EnumerateArray())
            .First(static endpoint => endpoint.GetProperty("interface").GetString() == "public").GetProperty("url").GetString()!;
        return (answer.Headers.GetValues("X-Subject-Token").Single(), image.TrimEnd('/'));
    }

    private async Task<JsonDocument> CallAsync(HttpMethod method, string url, string token, object? body = null)
    {
        using HttpRequestMessage request = new(method, url) { Content = body is null ? null : Json(body) };
        request.Headers.Add("X-Auth-Token", token);
        using HttpResponseMessage answer = await _http.SendAsync(request, CancellationToken.None);
        string text = await answer.Content.ReadAsStringAsync(CancellationToken.None);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {url}: {(int)answer.StatusCode} {text}");
        return JsonDocument.Parse(text.Length == 0 ? "{}" : text);
    }

    private static ByteArrayContent Json(object body)
    {
        ByteArrayContent content = new(JsonSerializer.SerializeToUtf8Bytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }
}
