namespace ImageCache.Engine.OpenStack.Clouds;

/// <summary>The names of endpoint interfaces: public, internal, admin, and <c>publicURL</c> as they were once called.</summary>
internal static class EndpointInterface
{
    /// <summary>The name of today; public when there is none.</summary>
    public static string Parse(string? text)
    {
        string name = (text ?? string.Empty).Trim();
        name = name.EndsWith("URL", StringComparison.Ordinal) ? name[..^3] : name;
        return name.Length == 0 ? "public" : name;
    }
}
