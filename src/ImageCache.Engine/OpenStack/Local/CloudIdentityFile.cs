using System.Text.Json;

namespace ImageCache.Engine.OpenStack.Local;

/// <summary>
/// Keeps a <see cref="CloudIdentity"/> in the user's cache directory, so that a hit on a private image needs no network. It holds ids only.
/// </summary>
internal sealed class CloudIdentityFile(UserCacheDirectory directory, string cloudKey)
{
    private const long LargestFile = 64 << 10;

    private readonly string _fileName = $"identity-{cloudKey}.json";

    /// <summary>The identity of the last token; <see langword="null"/> when none was kept.</summary>
    public CloudIdentity? Read()
    {
        if (directory.TryRead(_fileName, LargestFile) is not { } content)
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(content);
            CloudIdentity identity = new(JsonRead.Text(document.RootElement, "projectId"), JsonRead.Text(document.RootElement, "userId"));
            return identity is { ProjectId: null, UserId: null } ? null : identity;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Keeps an identity, if it is another than before.</summary>
    public void Keep(CloudIdentity identity)
    {
        if (identity == Read())
        {
            return;
        }

        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteString("projectId", identity.ProjectId);
            json.WriteString("userId", identity.UserId);
            json.WriteEndObject();
        }

        directory.TryWrite(_fileName, bytes.ToArray());
    }
}
