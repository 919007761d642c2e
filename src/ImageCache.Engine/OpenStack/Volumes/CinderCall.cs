using ImageCache.Engine.OpenStack.Http;

namespace ImageCache.Engine.OpenStack.Volumes;

/// <summary>One request to Cinder.</summary>
internal sealed record CinderCall
{
    public required HttpMethod Method { get; init; }

    public required Uri Url { get; init; }

    /// <summary>What it is for.</summary>
    public required ServiceCall Purpose { get; init; }

    /// <summary>The JSON that it carries.</summary>
    public byte[]? Body { get; init; }

    /// <summary>Whether sending it twice does no more than sending it once.</summary>
    public bool MayRepeat { get; init; }

    /// <summary>The request itself, anew for each time that it is sent.</summary>
    public HttpRequestMessage ToRequest(Microversion version)
    {
        HttpRequestMessage request = ServiceClient.Get(Url, "application/json");
        request.Method = Method;
        request.Headers.TryAddWithoutValidation("OpenStack-API-Version", $"volume {version}");
        request.Options.Set(ServiceHttp.SafeToRepeat, MayRepeat);
        if (Body is not null)
        {
            request.Content = new ByteArrayContent(Body);
            request.Content.Headers.ContentType = new("application/json");
        }

        return request;
    }
}
