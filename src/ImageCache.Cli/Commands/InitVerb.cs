using System.CommandLine;
using ImageCache.Cli.Output;
using ImageCache.Cli.Views;

namespace ImageCache.Cli.Commands;

/// <summary><c>imagecache init</c>.</summary>
internal sealed class InitVerb : Verb
{
    private readonly Option<bool> _create = OptionKinds.Flag("--create", "Make the cache directory when it is missing.");
    private readonly Option<bool> _whatIf = OptionKinds.Flag("--what-if", "Only tell what would be done.");

    public InitVerb(GlobalOptions globals)
        : base("init", "Put the cache in order, as after a restart.", globals)
    {
        Options.Add(_create);
        Options.Add(_whatIf);
    }

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        bool create = invocation.Parsed.GetValue(_create);
        bool whatIf = invocation.Parsed.GetValue(_whatIf);
        using (IResultWriter<InitializationResult> writer = invocation.Writer(InitializationResultView.Table))
        {
            await foreach (InitializationResult result in invocation.Engine
                .InitializeAsync(create, whatIf, invocation.Monitor, cancellationToken)
                .ConfigureAwait(false))
            {
                writer.Write(result);
            }
        }

        if (whatIf && invocation.IsForPeople)
        {
            invocation.Reporter.Note("Nothing was changed (--what-if).");
        }
    }
}
