using System.Text.Json.Nodes;

namespace ImageCache.Engine.Store;

/// <summary>
/// A JSON document of ours on the disk, which older and newer versions may have written. <see cref="StoredJsonContext"/> knows its type. What
/// a document does not say is set to its type's default by the code that is generated to read it (null, 0), so that in the types that are
/// stored a setter, too, knows the default of its property.
/// </summary>
/// <typeparam name="T">The document itself.</typeparam>
internal interface IStoredDocument<T>
    where T : class, IStoredDocument<T>
{
    /// <summary>The schema that this engine writes.</summary>
    static abstract int NewestSchema { get; }

    int SchemaVersion { get; }

    /// <summary>The JSON as it was read: fields that this engine does not know survive a rewrite.</summary>
    JsonObject? Original { get; }

    /// <summary>The same document with another <see cref="Original"/>.</summary>
    T WithOriginal(JsonObject? original);
}
