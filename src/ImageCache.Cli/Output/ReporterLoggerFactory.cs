using Microsoft.Extensions.Logging;

namespace ImageCache.Cli.Output;

/// <summary>Brings the engine's log to the reporter.</summary>
internal sealed class ReporterLoggerFactory(Reporter reporter) : ILoggerFactory
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new ReporterLogger(reporter);

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
