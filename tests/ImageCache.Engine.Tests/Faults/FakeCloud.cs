using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ImageCache.Engine.Tests.Faults;

/// <summary>Keystone and Glance in memory, on a <see cref="FaultServer"/> whose routes can be twisted.</summary>
public sealed class FakeCloud : IAsyncDisposable
{
    public const string ProjectId = "0123456789abcdef0123456789abcdef";
    public const string UserName = "demo";
    public const string Password = "planted-p4ssw0rd";
    public const string TokensPath = "/identity/v3/auth/tokens";
    public const string ImagesPath = "/image/v2/images";

    private readonly ConcurrentDictionary<string, FakeImage> _images = new();
    private readonly ConcurrentDictionary<string, byte> _tokens = new();
    private int _tokenCount;

    private FakeCloud(FaultServer server)
    {
        Server = server;
        ImageEndpoint = new Uri(server.Address, "image").ToString();
        server.On("POST", TokensPath, IssueToken).On("GET", ImagesPath, ListImages).On("GET", "/image/versions", ShowVersions);
        server.Fallback = Answer;
    }

    public FaultServer Server { get; }

    public string AuthUrl => new Uri(Server.Address, "identity").ToString();

    /// <summary>The image service's URL in the catalog.</summary>
    public string ImageEndpoint { get; set; }

    /// <summary>How long tokens live, from the answer's Date on.</summary>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>What the service takes for now.</summary>
    public Func<DateTimeOffset> Now { get; set; } = static () => DateTimeOffset.UtcNow;

    /// <summary>What the store does with ranges.</summary>
    public FaultRanges Ranges { get; set; } = FaultRanges.Honour;

    /// <summary>The most images on a page, whatever the client asks for.</summary>
    public int PageLimit { get; set; } = 1000;

    /// <summary>Tokens issued so far.</summary>
    public int TokenCount => Volatile.Read(ref _tokenCount);

    public static FakeCloud Start() => new(FaultServer.Start());

    /// <summary>The path of an image's data, for <see cref="FaultServer.Next"/>.</summary>
    public static string DataPath(string id) => $"{ImagesPath}/{id}/file";

    /// <summary>The path of an image's record.</summary>
    public static string ImagePath(string id) => $"{ImagesPath}/{id}";

    public FakeImage Add(FakeImage image)
    {
        _ = image.ToRecord();
        return _images[image.Id] = image;
    }

    public void Remove(string id) => _images.TryRemove(id, out _);

    /// <summary>Every token issued so far is refused from now on.</summary>
    public void RevokeTokens() => _tokens.Clear();

    /// <summary>The OS_* variables of this cloud.</summary>
    public Dictionary<string, string> Environment() => new()
    {
        ["OS_AUTH_URL"] = AuthUrl,
        ["OS_USERNAME"] = UserName,
        ["OS_PASSWORD"] = Password,
        ["OS_PROJECT_NAME"] = "demo",
        ["OS_USER_DOMAIN_ID"] = "default",
        ["OS_PROJECT_DOMAIN_ID"] = "default",
        ["OS_REGION_NAME"] = "RegionOne",
    };

    /// <summary>Writes a clouds.yaml with one entry, and says where it lies.</summary>
    public string WriteCloudsYaml(string directory, string cloud = "fake")
    {
        string path = Path.Combine(directory, "clouds.yaml");
        File.WriteAllText(path, $"""
            clouds:
              {cloud}:
                auth:
                  auth_url: {AuthUrl}
                  username: {UserName}
                  password: {Password}
                  project_name: demo
                  user_domain_id: default
                  project_domain_id: default
                region_name: RegionOne

            """);
        return path;
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private static FaultAnswer Refuse(int status, string message)
        => FaultAnswer.Json(JsonSerializer.Serialize(new { error = new { code = status, message } }), status)
            .WithHeader("x-openstack-request-id", "req-" + Guid.NewGuid());

    private FaultAnswer IssueToken(FaultRequest request)
    {
        using JsonDocument body = JsonDocument.Parse(request.Body);
        JsonElement identity = body.RootElement.GetProperty("auth").GetProperty("identity");
        if (!IsKnown(identity))
        {
            return Refuse(401, "The request you have made requires authentication.");
        }

        string token = $"planted-token-{Interlocked.Increment(ref _tokenCount)}";
        _tokens[token] = 0;
        DateTimeOffset now = Now();
        object answer = new
        {
            token = new
            {
                methods = new[] { "password" },
                issued_at = Time(now),
                expires_at = Time(now + TokenLifetime),
                user = new { id = "user-id", name = UserName, domain = new { id = "default", name = "Default" } },
                project = new { id = ProjectId, name = "demo", domain = new { id = "default", name = "Default" } },
                roles = new[] { new { id = "role-id", name = "member" } },
                catalog = new[]
                {
                    Service("identity", AuthUrl), Service("image", ImageEndpoint), Service("volumev3", new Uri(Server.Address, "volume/v3").ToString()),
                    Service("compute", new Uri(Server.Address, "compute/v2.1").ToString()),
                },
            },
        };
        return FaultAnswer.Json(JsonSerializer.Serialize(answer), 201)
            .WithHeader("X-Subject-Token", token)
            .WithHeader("Date", now.ToString("R", CultureInfo.InvariantCulture));
    }

    private static bool IsKnown(JsonElement identity)
        => !identity.TryGetProperty("password", out JsonElement password)
            || password.GetProperty("user").GetProperty("password").GetString() == Password;

    private static object Service(string type, string url) => new
    {
        type,
        name = type,
        endpoints = new[]
        {
            new { @interface = "public", region = "RegionOne", region_id = "RegionOne", url },
            new { @interface = "internal", region = "RegionOne", region_id = "RegionOne", url },
        },
    };

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private FaultAnswer ShowVersions(FaultRequest request) => FaultAnswer.Json(
        """{"versions":[{"id":"v2.16","status":"CURRENT","links":[]},{"id":"v2.15","status":"SUPPORTED","links":[]}]}""");

    private FaultAnswer Answer(FaultRequest request)
    {
        if (request.Path is "/image" or "/image/")
        {
            return ShowVersions(request) with { Status = 300 };
        }

        if (!request.Path.StartsWith(ImagesPath + "/", StringComparison.Ordinal) || request.Method is not ("GET" or "HEAD"))
        {
            return Refuse(404, "The resource could not be found.");
        }

        if (!IsAuthenticated(request))
        {
            return Refuse(401, "The request you have made requires authentication.");
        }

        string[] parts = request.Path[(ImagesPath.Length + 1)..].Split('/');
        if (!_images.TryGetValue(Uri.UnescapeDataString(parts[0]), out FakeImage? image))
        {
            return Refuse(404, $"No image found with ID {parts[0]}");
        }

        return parts.Length == 1
            ? FaultAnswer.Json(JsonSerializer.Serialize(image.ToRecord())).WithHeader("x-openstack-request-id", "req-" + Guid.NewGuid())
            : ShowData(image);
    }

    private FaultAnswer ShowData(FakeImage image) => image.Data.Length == 0
        ? FaultAnswer.Of(204)
        : FaultAnswer.Bytes(image.Data) with { Ranges = Ranges };

    private bool IsAuthenticated(FaultRequest request) => request.Header("X-Auth-Token") is { } token && _tokens.ContainsKey(token);

    private FaultAnswer ListImages(FaultRequest request)
    {
        if (!IsAuthenticated(request))
        {
            return Refuse(401, "The request you have made requires authentication.");
        }

        List<FakeImage> found = [.. _images.Values.OrderBy(static image => image.Id, StringComparer.Ordinal).Where(image => Matches(image, request))];
        int start = request.QueryValue("marker") is { } marker ? found.FindIndex(image => image.Id == marker) + 1 : 0;
        int limit = Math.Min(PageLimit, int.Parse(request.QueryValue("limit") ?? "25", CultureInfo.InvariantCulture));
        List<FakeImage> page = [.. found.Skip(start).Take(limit)];
        Dictionary<string, object?> answer = new()
        {
            ["images"] = page.Select(static image => image.ToRecord()).ToArray(),
            ["first"] = "/v2/images",
            ["schema"] = "/v2/schemas/images",
        };
        if (start + page.Count < found.Count)
        {
            string rest = string.Join('&', request.Query.Where(static pair => pair.Key != "marker")
                .Append(new("marker", page[^1].Id)).Select(static pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value)}"));
            answer["next"] = "/v2/images?" + rest;
        }

        return FaultAnswer.Json(JsonSerializer.Serialize(answer));
    }

    private static bool Matches(FakeImage image, FaultRequest request)
    {
        Dictionary<string, object?> record = image.ToRecord();
        if (image.Hidden && request.QueryValue("os_hidden") != "true")
        {
            return false;
        }

        return request.Query.All(pair => pair.Key switch
        {
            "limit" or "marker" or "sort" or "sort_key" or "sort_dir" or "os_hidden" or "member_status" => true,
            "visibility" => pair.Value == "all" || pair.Value == image.Visibility,
            "tag" => image.Tags.Contains(pair.Value),
            _ when pair.Value.StartsWith("in:", StringComparison.Ordinal) => OneOf(pair.Value[3..]).Contains(record.GetValueOrDefault(pair.Key) as string),
            _ => string.Equals(Convert.ToString(record.GetValueOrDefault(pair.Key), CultureInfo.InvariantCulture), pair.Value, StringComparison.Ordinal),
        });
    }

    // Glance's list of values: separated by commas, each as it is or in quotes.
    private static IEnumerable<string> OneOf(string list)
        => Regex.Matches(list, "\"([^\"]*)\"|[^,]+").Select(static match => match.Value.Trim('"'));
}
