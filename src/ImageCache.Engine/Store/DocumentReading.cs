namespace ImageCache.Engine.Store;

/// <summary>What reading a document gave.</summary>
/// <param name="State">Whether it can be used.</param>
/// <param name="Document">The document, when it can be used.</param>
/// <param name="Reason">Why it cannot be trusted.</param>
/// <param name="Content">What was read, when it is not a document.</param>
internal sealed record DocumentReading<T>(RecordState State, T? Document = null, string? Reason = null, byte[]? Content = null)
    where T : class;
