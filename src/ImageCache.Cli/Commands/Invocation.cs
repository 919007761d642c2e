using System.CommandLine;
using ImageCache.Cli.Output;
using ImageCache.Cli.Views;
using ImageCache.Engine;

namespace ImageCache.Cli.Commands;

/// <summary>What a verb works with: its options, the engine, and where results and messages go.</summary>
internal sealed class Invocation(ParseResult parsed, bool json, Reporter reporter, ResultStream results)
{
    private readonly List<int> _failures = [];

    public ParseResult Parsed { get; } = parsed;

    public Reporter Reporter { get; } = reporter;

    /// <summary>Set once the configuration has been read.</summary>
    public ImageCacheEngine Engine { get; set; } = null!;

    public OperationMonitor Monitor { get; } = new(reporter.Warning);

    /// <summary>Whether a person reads the results.</summary>
    public bool IsForPeople { get; } = !json;

    public int ExitCode => ExitCodes.Of(_failures);

    /// <summary>Reports an item's failure and remembers its exit code; the other items go on.</summary>
    public void Fail(Exception error, string? subject = null)
    {
        Reporter.Error(error, subject);
        _failures.Add(ExitCodes.Of(error.GetType()));
    }

    /// <summary>Remembers that a result is a refusal; the result itself tells why.</summary>
    public void Refuse() => _failures.Add(ExitCodes.Refused);

    /// <summary>Where results go: a table for people, else JSON lines.</summary>
    public IResultWriter<T> Writer<T>(TableView<T> view) => json ? new JsonResultWriter<T>(results) : new TableResultWriter<T>(results, view);
}
