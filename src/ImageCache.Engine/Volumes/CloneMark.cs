using System.Security.Cryptography;
using System.Text;
using ImageCache.Engine.OpenStack.Volumes;

namespace ImageCache.Engine.Volumes;

/// <summary>
/// What tells a copy that this node made of an image's volume from all other volumes: its metadata, by which it is found, and its name. Both must
/// fit, so that a volume to which somebody copied only the one is not ours. Cinder allows 255 characters for each.
/// </summary>
internal static class CloneMark
{
    /// <summary>The metadata's key of the node and cache; copies are found by it.</summary>
    public const string NodeKey = "imagecache:node";

    private const string ImageKey = "imagecache:image";
    private const int Longest = 200;

    /// <summary>How a node's name is written: as it is, where it is a plain word, which can be searched for.</summary>
    public static string Of(string node)
        => node.Length <= Longest && node.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':')
            ? node
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(node)));

    /// <summary>The request for a copy.</summary>
    public static CloneRequest Request(string sourceId, string node, string imageId)
        => new(sourceId, Name(node, imageId), new Dictionary<string, string> { [NodeKey] = Of(node), [ImageKey] = imageId });

    /// <summary>The image of which a volume is this node's copy; <see langword="null"/> for every other volume.</summary>
    public static string? ImageOf(CinderVolume volume, string node)
        => volume.Metadata.GetValueOrDefault(NodeKey) == Of(node)
            && volume.Metadata.TryGetValue(ImageKey, out string? image) && volume.Name == Name(node, image)
            ? image
            : null;

    private static string Name(string node, string imageId)
    {
        string name = $"imagecache-{imageId}@{Of(node)}";
        return name.Length > Longest ? name[..Longest] : name;
    }
}
