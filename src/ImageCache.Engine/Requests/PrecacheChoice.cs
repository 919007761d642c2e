namespace ImageCache.Engine.Requests;

/// <summary>An image that is to be brought before it is asked for.</summary>
/// <param name="Request">How it is fetched.</param>
/// <param name="Image">What is known of it; <see langword="null"/> when that could not be found out.</param>
/// <param name="IsPresent">Whether the cache holds it, so that it takes no room.</param>
/// <param name="Error">Why it cannot be brought.</param>
public sealed record PrecacheChoice(FetchRequest Request, ImageDescriptor? Image, bool IsPresent, ImageCacheException? Error = null)
{
    /// <summary>The bytes that it would bring; what nobody knows is left to the fetch, which looks again.</summary>
    public long Need => IsPresent ? 0 : Math.Max(0, Image?.Size ?? 0);

    /// <summary>What to call it in messages.</summary>
    public string Title => Image is { Name: { } name, Id: var id } ? $"'{name}' ({id})" : $"'{Request.Subject}'";
}
