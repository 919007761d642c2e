using System.Text.Json.Nodes;

namespace ImageCache.Engine.Store;

/// <summary>A JSON document of ours on the disk, which older and newer versions may have written.</summary>
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
