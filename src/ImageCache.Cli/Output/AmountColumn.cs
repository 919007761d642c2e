using System.Collections.Concurrent;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ImageCache.Cli.Output;

/// <summary>How much is done, how fast, and how long it will take; empty while nobody knows how much there is.</summary>
internal sealed class AmountColumn : ProgressColumn
{
    private readonly ConcurrentDictionary<int, string> _amounts = new();

    /// <summary>Says what a bar shows here.</summary>
    public void Set(ProgressTask bar, string amount) => _amounts[bar.Id] = amount;

    /// <inheritdoc/>
    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(_amounts.GetValueOrDefault(task.Id, string.Empty));
}
