using System.CommandLine;
using ImageCache.Cli.Output;
using ImageCache.Engine;

namespace ImageCache.Cli.Commands;

/// <summary>One verb: binds its options, calls the engine, writes what comes.</summary>
internal abstract class Verb : Command
{
    private readonly GlobalOptions _globals;

    protected Verb(string name, string description, GlobalOptions globals)
        : base(name, description)
    {
        _globals = globals;
        SetAction(InvokeAsync);
    }

    /// <summary>Does the verb's work; failures of single items go to <see cref="Invocation.Fail"/>.</summary>
    protected abstract Task RunAsync(Invocation invocation, CancellationToken cancellationToken);

    /// <summary>Settings that this verb's options set, by their names in imagecache.yaml.</summary>
    protected virtual IReadOnlyDictionary<string, string> Settings(ParseResult parsed) => new Dictionary<string, string>();

    private async Task<int> InvokeAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        Reporter reporter = Reporter.For(parsed.GetValue(_globals.Json), parsed.GetValue(_globals.Verbose));
        using ResultStream results = ResultStream.Open();
        Invocation invocation = new(parsed, parsed.GetValue(_globals.Json), reporter, results);
        try
        {
            ImageCacheEngine engine = ImageCacheEngine.Open(EngineOptionsOf(parsed, reporter));
            await using (engine.ConfigureAwait(false))
            {
                invocation.Engine = engine;
                await RunAsync(invocation, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
#pragma warning disable CA1031 // The boundary of the program: whatever it is, it is reported and has an exit code.
        catch (Exception e)
#pragma warning restore CA1031
        {
            invocation.Fail(e);
        }

        return cancellationToken.IsCancellationRequested ? ExitCodes.Interrupted : invocation.ExitCode;
    }

    private EngineOptions EngineOptionsOf(ParseResult parsed, Reporter reporter) => EngineOptions.FromProcess() with
    {
        CachePath = parsed.GetValue(_globals.CachePath),
        Cloud = parsed.GetValue(_globals.Cloud),
        ConfigurationPath = parsed.GetValue(_globals.ConfigurationPath),
        Settings = Settings(parsed),
        LoggerFactory = reporter.LoggerFactory,
    };
}
