using Microsoft.Extensions.Logging;

namespace ImageCache.Cli.Output;

/// <summary>Writes log lines as verbose lines.</summary>
internal sealed class ReporterLogger(Reporter reporter) : ILogger
{
    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Debug and < LogLevel.None;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            reporter.Verbose(formatter(state, exception));
        }
    }
}
