using System.CommandLine;
using ImageCache.Cli.Output;
using ImageCache.Cli.Views;
using ImageCache.Engine;

namespace ImageCache.Cli.Commands;

/// <summary>What a verb works with: its options, the engine, and where results and messages go.</summary>
internal sealed class Invocation(ParseResult parsed, bool json, Reporter reporter, ResultStream results)
{
    private readonly List<int> _failures = [];
    private readonly HashSet<int> _judgements = [];

    public ParseResult Parsed { get; } = parsed;

    public Reporter Reporter { get; } = reporter;

    /// <summary>Set once the configuration has been read.</summary>
    public ImageCacheEngine Engine { get; set; } = null!;

    public OperationMonitor Monitor { get; } = new(reporter.Warning);

    /// <summary>Whether a person reads the results.</summary>
    public bool IsForPeople { get; } = !json;

    /// <summary>The code of what failed; what was judged to be refused comes before that.</summary>
    public int ExitCode => _judgements.Contains(ExitCodes.Refused) ? ExitCodes.Refused : ExitCodes.Of([.. _failures, .. _judgements]);

    /// <summary>Reports an item's failure and remembers its exit code; the other items go on.</summary>
    public void Fail(Exception error, string? subject = null)
    {
        Reporter.Error(error, subject);
        _failures.Add(ExitCodes.Of(error.GetType()));
    }

    /// <summary>Remembers the exit code that a result means; the result says itself what is wrong.</summary>
    public void Judge(int code)
    {
        if (code != ExitCodes.Done)
        {
            _judgements.Add(code);
        }
    }

    /// <summary>Where results go: a table for people, else JSON lines.</summary>
    public IResultWriter<T> Writer<T>(TableView<T> view) => json ? new JsonResultWriter<T>(results) : new TableResultWriter<T>(results, view);
}
