using System.Net;
using System.Net.Http.Headers;
using ImageCache.Engine.OpenStack.Clouds;
using ImageCache.Engine.OpenStack.Http;
using Microsoft.Extensions.Logging;

namespace ImageCache.Engine.OpenStack.Identity;

/// <summary>
/// Holds a token of Keystone's and gets a new one in time. Methods may run at the same time: many callers, one request.
/// Source: Identity API v3, "Authentication and token management"; the margin is keystoneauth's.
/// </summary>
internal sealed class KeystoneSession(CloudConfiguration cloud, ServiceHttp http, TimeProvider time, ILoggerFactory loggers) : IDisposable
{
    /// <summary>A token that has less than this left is not used any more.</summary>
    public static readonly TimeSpan LeastLife = TimeSpan.FromSeconds(120);

    private const long LargestAnswer = 16 << 20;
    private const int RememberedTokens = 16;

    private readonly SemaphoreSlim _renewing = new(1, 1);
    private readonly ILogger _logger = loggers.CreateLogger<KeystoneSession>();
    private readonly Queue<Secret> _issued = new();
    private volatile KeystoneToken? _token;
    private volatile bool _isCacheDoubted;

    /// <summary>Where tokens of earlier logins are.</summary>
    public ITokenCache Cache { get; init; } = new NoTokenCache();

    /// <summary>Told of every new token.</summary>
    public Action<KeystoneToken>? Issued { get; init; }

    /// <summary>Why Keystone need not be asked: it was found not to answer.</summary>
    public Func<ImageCacheException?>? WhyNot { get; init; }

    /// <summary>Whether there is a token that is good for a while.</summary>
    public bool HasToken => Usable(_token) is not null;

    /// <summary>A token that is good for a while: ours, that of an earlier login, or a new one.</summary>
    /// <exception cref="PolicyException">Keystone refuses the credentials.</exception>
    /// <exception cref="UnavailableException">Keystone gives no answer, or one that makes no sense.</exception>
    public Task<KeystoneToken> GetTokenAsync(CancellationToken cancellationToken) => GetTokenAsync(mayBeKept: true, cancellationToken);

    /// <summary>A token that this session itself logged in for: Keystone has taken the credentials, and its catalog is whole.</summary>
    /// <exception cref="PolicyException">Keystone refuses the credentials.</exception>
    /// <exception cref="UnavailableException">Keystone gives no answer, or one that makes no sense.</exception>
    public Task<KeystoneToken> GetOwnTokenAsync(CancellationToken cancellationToken) => GetTokenAsync(mayBeKept: false, cancellationToken);

    /// <summary>Says that a service has refused this token. A newer one stays.</summary>
    public void Invalidate(KeystoneToken refused)
    {
        if (!ReferenceEquals(_token, refused))
        {
            return;
        }

        // Before the token goes, so that nobody finds it once more where it was kept.
        _isCacheDoubted = true;
        if (Interlocked.CompareExchange(ref _token, null, refused) == refused)
        {
            IdentityLog.TokenRefused(_logger);
            Cache.Forget(refused);
        }
    }

    public void Dispose() => _renewing.Dispose();

    private async Task<KeystoneToken> GetTokenAsync(bool mayBeKept, CancellationToken cancellationToken)
    {
        if (Usable(_token, mayBeKept) is { } token)
        {
            return token;
        }

        if (WhyNot?.Invoke() is { } reason)
        {
            throw reason;
        }

        await _renewing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            HideSecrets();
            return Usable(_token, mayBeKept)
                ?? (mayBeKept ? FindKept() : null)
                ?? await RenewAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _renewing.Release();
        }
    }

    private KeystoneToken? Usable(KeystoneToken? token, bool mayBeKept = true)
        => token is not null && (mayBeKept || !token.IsKept) && token.ExpiresAt - time.GetUtcNow() >= LeastLife ? token : null;

    private KeystoneToken? FindKept()
    {
        if (_isCacheDoubted || Cache.Find() is not { } token)
        {
            return null;
        }

        Take(token);
        IdentityLog.TokenKept(_logger, cloud.Name, token.ExpiresAt);
        return token;
    }

    private void HideSecrets()
    {
        http.Redactor.Add(cloud.Credentials.Password);
        http.Redactor.Add(cloud.Credentials.Token);
        http.Redactor.Add(cloud.Credentials.ApplicationCredentialSecret);
    }

    private void Take(KeystoneToken token)
    {
        Remember(token.Value);
        _token = token;
        Issued?.Invoke(token);
    }

    private async Task<KeystoneToken> RenewAsync(CancellationToken cancellationToken)
    {
        CloudCredentials credentials = cloud.Credentials;
        ServiceCall call = new("Keystone", $"log in to the cloud '{cloud.Name}'");
        using HttpRequestMessage request = new(HttpMethod.Post, TokensUrl(credentials.AuthUrl));
        request.Options.Set(ServiceHttp.SafeToRepeat, true);
        request.Options.Set(ServiceHttp.BodyLimit, LargestAnswer);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Content = new ByteArrayContent(KeystoneRequest.Write(credentials));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage answer = await http.SendAsync(request, call, cancellationToken).ConfigureAwait(false);
        byte[] body = await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        if (answer.StatusCode is not (HttpStatusCode.Created or HttpStatusCode.OK))
        {
            throw Refusal(answer, body, call);
        }

        KeystoneToken token = KeystoneAnswer.Read(answer, body, call, time.GetUtcNow());
        Take(token);
        _isCacheDoubted = false;
        Cache.Keep(token);
        IdentityLog.TokenIssued(_logger, cloud.Name, token.ExpiresAt);
        return token;
    }

    private ImageCacheException Refusal(HttpResponseMessage answer, byte[] body, ServiceCall call)
    {
        ImageCacheException error = ServiceFailure.From(answer, body, call, http.Redactor, http.Schedule.RetryAfter(answer));
        if (answer.StatusCode == HttpStatusCode.Unauthorized && answer.Headers.Contains("Openstack-Auth-Receipt"))
        {
            return new PolicyException(
                ErrorIds.AuthenticationFailed, error.Message + " It asks for a second factor.", nextStep: "Use an application credential.", cause: error);
        }

        // A Keystone that does not know its own path, or dislikes the request, is a matter of the cloud's entry.
        return answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest or HttpStatusCode.MethodNotAllowed
            ? new InvalidInputException(
                ErrorIds.CloudNotConfigured, error.Message, nextStep: $"Check auth_url and the names of user, project and domains ({cloud.Origin}).", cause: error)
            : error;
    }

    // Requests under way may still carry the tokens before.
    private void Remember(Secret token)
    {
        http.Redactor.Add(token);
        _issued.Enqueue(token);
        if (_issued.Count > RememberedTokens)
        {
            http.Redactor.Remove(_issued.Dequeue());
        }
    }

    private static Uri TokensUrl(Uri authUrl)
    {
        string root = authUrl.AbsoluteUri.TrimEnd('/');
        root = root.EndsWith("/v3", StringComparison.Ordinal) ? root[..^"/v3".Length]
            : root.EndsWith("/v2.0", StringComparison.Ordinal) ? root[..^"/v2.0".Length]
            : root;
        return new Uri(root + "/v3/auth/tokens");
    }
}
