namespace ImageCache.Cli.Output;

/// <summary>Takes results as they come; disposing writes what was held back.</summary>
internal interface IResultWriter<T> : IDisposable
{
    /// <summary>How many results there were.</summary>
    int Count { get; }

    /// <summary>Takes one.</summary>
    /// <returns>Whether anybody still reads.</returns>
    bool Write(T result);
}
