using System.Text.Json.Serialization.Metadata;

namespace ImageCache.Cli.Output;

/// <summary>Writes each result at once, as a line of JSON.</summary>
internal sealed class JsonResultWriter<T>(ResultStream results) : IResultWriter<T>
{
    private readonly JsonTypeInfo<T> _type = (JsonTypeInfo<T>)JsonContext.Default.GetTypeInfo(typeof(T))!;

    /// <inheritdoc/>
    public int Count { get; private set; }

    /// <inheritdoc/>
    public bool Write(T result)
    {
        Count++;
        return results.Write(JsonLine.Of(result, _type));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
