using Microsoft.Extensions.Logging;

namespace ImageCache.Module.Pipeline;

/// <summary>Takes the engine's log lines to the streams of a cmdlet or of a job.</summary>
internal sealed class CmdletLogger(IStreamWriter writer) : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => logLevel is not (LogLevel.None or LogLevel.Trace);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        string text = formatter(state, exception);
        switch (logLevel)
        {
            case LogLevel.Debug:
                writer.Debug(text);
                break;
            case LogLevel.Information:
                writer.Verbose(text);
                break;
            default:
                writer.Warning(text);
                break;
        }
    }

    public void AddProvider(ILoggerProvider provider)
    {
        // The pipeline is the only destination.
    }

    public void Dispose()
    {
        // The cmdlet owns the writer.
    }
}
