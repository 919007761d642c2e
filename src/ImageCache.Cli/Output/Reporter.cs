using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImageCache.Cli.Output;

/// <summary>Everything but results: errors, warnings, notes and verbose lines, on standard error. Any thread may call it.</summary>
internal abstract class Reporter
{
    private readonly bool _verbose;

    protected Reporter(bool verbose)
    {
        _verbose = verbose;
        LoggerFactory = verbose ? new ReporterLoggerFactory(this) : NullLoggerFactory.Instance;
    }

    /// <summary>Where the engine's log goes: here when the user wants to see it, else nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; }

    /// <summary>A reporter for people or for programs.</summary>
    public static Reporter For(bool json, bool verbose) => json ? new JsonReporter(verbose) : new TextReporter(verbose);

    /// <summary>Tells of a failure; what the engine does not know as an error is a fault of ours.</summary>
    /// <param name="error">The failure.</param>
    /// <param name="subject">What the user asked for, where the error does not say it.</param>
    public void Error(Exception error, string? subject = null)
    {
        Error(error is ImageCacheException known ? Line(known, subject) : Line(error, subject));
        if (error is InternalErrorException or not ImageCacheException)
        {
            Verbose(error.ToString());
        }
    }

    /// <summary>Tells of a failure.</summary>
    public abstract void Error(ErrorLine error);

    /// <summary>Tells what is not as it should be, although the work goes on.</summary>
    public abstract void Warning(string message);

    /// <summary>Tells a person something that no program needs.</summary>
    public abstract void Note(string message);

    /// <summary>Tells what is being done, when the user wants to see it.</summary>
    public void Verbose(string message)
    {
        if (_verbose)
        {
            WriteVerbose(message);
        }
    }

    /// <summary>Lets lines go through a display that owns the screen; <see langword="null"/> ends that.</summary>
    public virtual void Redirect(Action<string>? writeLine)
    {
    }

    /// <summary>Writes a verbose line.</summary>
    protected abstract void WriteVerbose(string message);

    private static ErrorLine Line(ImageCacheException error, string? subject)
        => new(error.ErrorId, error.Category, error.ImageId ?? subject, error.Message, error.NextStep);

    private static ErrorLine Line(Exception error, string? subject)
        => new(
            ErrorIds.InternalError,
            FailureCategory.InvalidOperation,
            subject,
            $"{error.GetType().Name}: {error.Message}",
            "Run it with --verbose to see where it happened.");
}
