using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Popularity;

/// <summary>The bytes of the statistic, never more than are read again.</summary>
internal static class PopularityBytes
{
    /// <summary>Writes a document; where it would be too large, without its last images.</summary>
    public static byte[] Of(PopularityDocument document)
    {
        byte[] bytes = StoredJson.Write(document);
        while (bytes.Length > DocumentBytes.Largest && document.Images.Count > 0)
        {
            document = document with { Images = [.. document.Images.Take(document.Images.Count * 3 / 4)] };
            bytes = StoredJson.Write(document);
        }

        return bytes;
    }
}
