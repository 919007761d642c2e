using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.Native.Keyutils;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.OpenStack.Clouds;
using ImageCache.Engine.OpenStack.Http;
using ImageCache.Engine.OpenStack.Identity;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.OpenStack.Identity;
using Xunit;

namespace ImageCache.Engine.Tests.Lab;

/// <summary>Our clients against a real Keystone and a real Glance.</summary>
[Collection(LabTests.Name)]
public sealed class GlanceLabTests(LabCloud lab) : IDisposable
{
    private readonly TestDirectory _home = new();
    private readonly List<CloudConnection> _connections = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _connections.ForEach(static connection => connection.Dispose());
        _home.Dispose();
    }

    [Fact]
    public async Task LogsInAndKnowsItsProject()
    {
        lab.Require();
        CloudConnection cloud = Connect();
        KeystoneToken token = await cloud.Session.GetTokenAsync(Token);
        Assert.Equal(lab.ProjectId, token.ProjectId);
        Assert.True(token.ExpiresAt > DateTimeOffset.UtcNow);
        Assert.Equal(lab.ProjectId, (await Connect().GetIdentityAsync(Token)).ProjectId);
    }

    [Fact]
    public async Task AWrongPasswordIsRefusedWithoutNamingIt()
    {
        lab.Require();
        CloudConnection cloud = Connect(variables => variables["OS_PASSWORD"] = "planted-wrong-password");
        PolicyException error = await Assert.ThrowsAsync<PolicyException>(() => cloud.Session.GetTokenAsync(Token));
        Assert.Equal(ErrorIds.AuthenticationFailed, error.ErrorId);
        Assert.DoesNotContain("planted", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnUnknownProjectIsRefused()
    {
        lab.Require();
        CloudConnection cloud = Connect(static variables => variables["OS_PROJECT_NAME"] = "no-such-project");
        PolicyException error = await Assert.ThrowsAsync<PolicyException>(() => cloud.Session.GetTokenAsync(Token));
        Assert.Equal(ErrorIds.AuthenticationFailed, error.ErrorId);
    }

    [Fact]
    public async Task ATokenLogsInAsWell()
    {
        lab.Require();
        KeystoneToken first = await Connect().Session.GetTokenAsync(Token);
        CloudConnection cloud = Connect(variables =>
        {
            variables.Remove("OS_USERNAME");
            variables.Remove("OS_PASSWORD");
            variables["OS_AUTH_TYPE"] = "v3token";
            variables["OS_TOKEN"] = first.Value.Reveal();
        });
        Assert.Equal(lab.ProjectId, (await cloud.Session.GetTokenAsync(Token)).ProjectId);
    }

    [Fact]
    public async Task AnApplicationCredentialLogsInByIdAndByName()
    {
        lab.Require();
        KeystoneToken token = await Connect().Session.GetTokenAsync(Token);
        string path = $"/users/{token.UserId}/application_credentials";
        string name = "imagecache-test-" + Guid.NewGuid().ToString("N");
        string body = $$$"""{"application_credential":{"name":"{{{name}}}","secret":"planted-secret"}}""";
        using JsonDocument made = JsonDocument.Parse(await KeystoneAsync(HttpMethod.Post, path, token, body));
        string id = made.RootElement.GetProperty("application_credential").GetProperty("id").GetString()!;
        try
        {
            foreach ((string key, string value) in new[] { ("OS_APPLICATION_CREDENTIAL_ID", id), ("OS_APPLICATION_CREDENTIAL_NAME", name) })
            {
                CloudConnection cloud = Connect(variables =>
                {
                    variables.Remove("OS_PASSWORD");
                    variables[key] = value;
                    variables["OS_AUTH_TYPE"] = "v3applicationcredential";
                    variables["OS_APPLICATION_CREDENTIAL_SECRET"] = "planted-secret";
                });
                Assert.Equal(lab.ProjectId, (await cloud.Session.GetTokenAsync(Token)).ProjectId);
            }
        }
        finally
        {
            await KeystoneAsync(HttpMethod.Delete, $"{path}/{id}", token, null);
        }
    }

    [Theory]
    [InlineData("domain")]
    [InlineData("system")]
    [InlineData("none")]
    public async Task OtherScopesHaveNoProject(string scope)
    {
        lab.Require();
        CloudConnection cloud = Connect(variables =>
        {
            variables.Remove("OS_PROJECT_NAME");
            variables.Remove(scope == "domain" ? "OS_PROJECT_DOMAIN_NAME" : "none");
            if (scope != "none")
            {
                variables[scope == "domain" ? "OS_DOMAIN_NAME" : "OS_SYSTEM_SCOPE"] = scope == "domain" ? "Default" : "all";
            }
        });
        try
        {
            Assert.Null((await cloud.Session.GetTokenAsync(Token)).ProjectId);
        }
        catch (PolicyException error)
        {
            // The user may have no role there; then Keystone has understood the question, which is what counts here.
            Assert.Equal((ErrorIds.AuthenticationFailed, "domain"), (error.ErrorId, scope));
        }
    }

    [Fact]
    public async Task ARevokedTokenIsReplaced()
    {
        lab.Require();
        string id = await lab.UploadAsync(new LabImage { Data = [1, 2, 3] });
        CloudConnection cloud = Connect();
        KeystoneToken token = await cloud.Session.GetTokenAsync(Token);
        await KeystoneAsync(HttpMethod.Delete, "/auth/tokens", token, null);
        Assert.Equal(id, (await cloud.Glance.ShowAsync(id, Token)).Id);
        Assert.NotEqual(token.Value.Reveal(), (await cloud.Session.GetTokenAsync(Token)).Value.Reveal());
    }

    [Fact]
    public async Task AKeptTokenServesTheNextLoginAndIsReplacedWhenItWasRevoked()
    {
        lab.Require();
        KeyringBed.Require();
        string id = await lab.UploadAsync(new LabImage { Data = [1, 2, 3] });
        string own = Guid.NewGuid().ToString();
        CloudConnection ConnectKeeping() => Connect(variables => variables["OS_KEY_MANAGER_REGION_NAME"] = own, TimeSpan.FromMinutes(1));
        KeystoneToken first = await ConnectKeeping().Session.GetTokenAsync(Token);
        CloudConnection second = ConnectKeeping();
        Assert.Equal(id, (await second.Glance.ShowAsync(id, Token)).Id);
        KeystoneToken kept = await second.Session.GetTokenAsync(Token);
        Assert.Equal((true, first.Value.Reveal(), lab.ProjectId), (kept.IsKept, kept.Value.Reveal(), kept.ProjectId));

        await KeystoneAsync(HttpMethod.Delete, "/auth/tokens", kept, null);
        // A service that has seen the token may take it for five minutes more: another one is asked.
        CloudConnection third = ConnectKeeping();
        Assert.Null(await third.Cinder.FindVolumeAsync(Guid.NewGuid().ToString(), Token));
        Assert.False((await third.Session.GetTokenAsync(Token)).IsKept);
        Assert.True((await ConnectKeeping().Session.GetTokenAsync(Token)).IsKept);
        new UserKeyring().Remove(LoginFacts.Description(LoginFacts.Write(third.Cloud)));
    }

    [Fact]
    public async Task ShowsWhatWasUploaded()
    {
        lab.Require();
        byte[] data = RandomNumberGenerator.GetBytes(70_000);
        LabImage image = new() { Data = data, Tags = ["one", "two"], Properties = new() { ["hw_disk_bus"] = "virtio", ["img_signature"] = "AAAA" } };
        string id = await lab.UploadAsync(image);
        ImageDescriptor shown = await Connect().Glance.FindOneAsync(image.Name, Token);
        Assert.Equal((id, image.Name, "active", "private", lab.ProjectId), (shown.Id, shown.Name, shown.Status, shown.Visibility, shown.Owner));
        Assert.Equal(("raw", "bare", 70_000L), (shown.DiskFormat, shown.ContainerFormat, shown.Size));
        Assert.Equal(Convert.ToHexStringLower(SHA512.HashData(data)), shown.HashValue);
        Assert.Equal(Convert.ToHexStringLower(MD5.HashData(data)), shown.Checksum);
        Assert.Equal(["one", "two"], shown.Tags.Order());
        Assert.Equal("virtio", shown.Properties["hw_disk_bus"]);
        Assert.True(shown.IsSigned);
    }

    [Fact]
    public async Task FindsByNameTagPropertyAndId()
    {
        lab.Require();
        string mark = Guid.NewGuid().ToString("N");
        string tagged = await lab.UploadAsync(new LabImage { Name = $"in:{mark}, \"x\"", Tags = [mark], Data = [1] });
        string plain = await lab.UploadAsync(new LabImage { Name = $"Case-{mark}", Properties = new() { ["my_mark"] = mark }, Data = [1] });
        CloudConnection cloud = Connect();
        Assert.Equal([tagged], await FindAsync(cloud, new FindRequest { Tags = [mark] }));
        Assert.Equal([plain], await FindAsync(cloud, new FindRequest { Properties = new Dictionary<string, string> { ["my_mark"] = mark } }));
        Assert.Equal([plain], await FindAsync(cloud, new FindRequest { Name = $"case-{mark}" }));
        Assert.Equal([tagged], await FindAsync(cloud, new FindRequest { Name = $"in:{mark}*" }));
        Assert.Equal(new[] { plain, tagged }.Order(), (await FindAsync(cloud, new FindRequest { ImageIds = [plain, tagged, Guid.NewGuid().ToString()] })).Order());
        Assert.Equal(tagged, (await cloud.Glance.FindOneAsync($"in:{mark}, \"x\"", Token)).Id);
    }

    [Fact]
    public async Task ANameWithAnOperatorInItIsANameToGlance()
    {
        lab.Require();
        string name = "in:" + Guid.NewGuid().ToString("N") + ",b";
        string id = await lab.UploadAsync(new LabImage { Name = name, Data = [1] });
        Assert.Equal([id], await FindAsync(Connect(), new FindRequest { Name = name }));
    }

    [Fact]
    public async Task TwinsAreAmbiguous()
    {
        lab.Require();
        LabImage image = new() { Data = [1] };
        string one = await lab.UploadAsync(image);
        string other = await lab.UploadAsync(image);
        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(() => Connect().Glance.FindOneAsync(image.Name, Token));
        Assert.Equal(ErrorIds.AmbiguousImage, error.ErrorId);
        Assert.Contains(one, error.Message, StringComparison.Ordinal);
        Assert.Contains(other, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("file", HttpStatusCode.PartialContent)]
    [InlineData("rbd", HttpStatusCode.BadRequest)]
    public async Task DataComeWholeAndRangesDependOnTheStore(string store, HttpStatusCode ranged)
    {
        lab.RequireStore(store);
        byte[] data = RandomNumberGenerator.GetBytes(300_000);
        string id = await lab.UploadAsync(new LabImage { Data = data, Store = store });
        CloudConnection cloud = Connect();
        await using DataResponse whole = await cloud.Glance.OpenDataAsync(id, 0, null, Token);
        using MemoryStream bytes = new();
        await whole.Body.CopyToAsync(bytes, Token);
        Assert.Equal(data, bytes.ToArray());
        Assert.Equal(Convert.ToHexStringLower(MD5.HashData(data)), whole.ContentMd5);
        await using DataResponse part = await cloud.Glance.OpenDataAsync(id, 100_000, null, Token);
        Assert.Equal(ranged, part.Status);
        if (ranged == HttpStatusCode.PartialContent)
        {
            Assert.Equal(100_000, part.Range!.From);
        }
    }

    [Fact]
    public async Task AnImageWithoutDataHasNone()
    {
        lab.Require();
        string id = await lab.UploadAsync(new LabImage());
        CloudConnection cloud = Connect();
        Assert.Equal("queued", (await cloud.Glance.ShowAsync(id, Token)).Status);
        await using DataResponse answer = await cloud.Glance.OpenDataAsync(id, 0, null, Token);
        Assert.Equal(ErrorIds.ImageDataNotFound, answer.ToException().ErrorId);
    }

    [Fact]
    public async Task ADeletedImageIsNotFound()
    {
        lab.Require();
        string id = await lab.UploadAsync(new LabImage { Data = [1] });
        await lab.DeleteAsync(id);
        NotFoundException error = await Assert.ThrowsAsync<NotFoundException>(() => Connect().Glance.ShowAsync(id, Token));
        Assert.Equal(ErrorIds.ImageNotFound, error.ErrorId);
    }

    [Fact]
    public async Task SaysItsVersions()
    {
        lab.Require();
        Assert.Contains(await Connect().Glance.GetVersionsAsync(Token), static version => version.StartsWith("v2.", StringComparison.Ordinal));
    }

    private async Task<string> KeystoneAsync(HttpMethod method, string path, KeystoneToken token, string? body)
    {
        using HttpClient http = new();
        string root = lab.Environment["OS_AUTH_URL"].TrimEnd('/');
        using HttpRequestMessage request = new(method, (root.EndsWith("/v3", StringComparison.Ordinal) ? root : root + "/v3") + path);
        request.Headers.Add("X-Auth-Token", token.Value.Reveal());
        request.Headers.Add("X-Subject-Token", token.Value.Reveal());
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await http.SendAsync(request, Token);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsStringAsync(Token);
    }

    private static async Task<List<string>> FindAsync(CloudConnection cloud, FindRequest request)
    {
        List<string> ids = [];
        await foreach (ImageDescriptor image in cloud.Glance.ListAsync(request, Token))
        {
            ids.Add(image.Id);
        }

        return ids;
    }

    private CloudConnection Connect(Action<Dictionary<string, string>>? change = null, TimeSpan tokenLife = default)
    {
        Dictionary<string, string> variables = new(lab.Environment) { ["HOME"] = _home.FullPath };
        change?.Invoke(variables);
        EngineOptions options = new() { Environment = variables, WorkingDirectory = _home.FullPath };
        CloudConnection connection = new(options, new ImageCacheConfiguration { CachePath = _home.NewCache(), TokenCacheTime = tokenLife }, TimeProvider.System)
        {
            Files = new CloudFiles(options) { Directories = [_home.FullPath] },
        };
        _connections.Add(connection);
        return connection;
    }
}
