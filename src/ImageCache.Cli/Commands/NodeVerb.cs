using System.CommandLine;
using ImageCache.Cli.Output;
using ImageCache.Cli.Views;
using ImageCache.Engine;
using ImageCache.Engine.Requests;

namespace ImageCache.Cli.Commands;

/// <summary><c>imagecache node</c>.</summary>
internal sealed class NodeVerb : Verb
{
    private readonly Argument<string?> _image = new("IMAGE")
    {
        Description = "An image whose own needs are looked at, too: its id, or its unique name.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<FetchMethod?> _method = OptionKinds.Method("Look at this method only; auto looks at all.");
    private readonly Option<bool> _online = OptionKinds.Flag("--online", "Ask the services, too; else nobody is asked, but Glance about an image.");

    public NodeVerb(GlobalOptions globals)
        : base("node", "Tell what each method needs of this node, and whether it is here.", globals)
    {
        Arguments.Add(_image);
        Options.Add(_method);
        Options.Add(_online);
    }

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        NodeCheckRequest request = new()
        {
            Image = invocation.Parsed.GetValue(_image),
            Method = invocation.Parsed.GetValue(_method),
            Online = invocation.Parsed.GetValue(_online),
        };
        List<NodeCheckResult> results = [];
        using (IResultWriter<NodeCheckResult> writer = invocation.Writer(NodeCheckResultView.Table))
        {
            await foreach (NodeCheckResult result in invocation.Engine.CheckNodeAsync(request, invocation.Monitor, cancellationToken).ConfigureAwait(false))
            {
                results.Add(result);
                writer.Write(result);
            }
        }

        IReadOnlyList<FetchMethod> ready = ImageCacheEngine.ReadyMethods(results);
        invocation.Judge(ready.Count > 0 ? ExitCodes.Done : ExitCodes.Unavailable);
        if (invocation.IsForPeople)
        {
            TellSteps(results, invocation.Reporter);
            invocation.Reporter.Note(ready.Count > 0 ? $"Possible: {string.Join(", ", ready)}." : "No method is possible.");
        }
    }

    // What to do is too long for a column.
    private static void TellSteps(List<NodeCheckResult> results, Reporter reporter)
    {
        foreach (NodeCheckResult result in results.Where(static result => result is { Status: NodeCheckStatus.Fail or NodeCheckStatus.Unknown, NextStep: not null }))
        {
            reporter.Note($"{result.Need}: {result.NextStep}");
        }
    }
}
