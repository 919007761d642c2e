using ImageCache.Engine;
using Spectre.Console;

namespace ImageCache.Cli.Output;

/// <summary>
/// Bars on a terminal's standard error for work that takes longer than a moment: the engine counts, this samples ten times a second. Where
/// standard error is no terminal, nothing is shown. The bars are gone when it is disposed.
/// </summary>
internal sealed class ConsoleProgress : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly OperationMonitor _monitor;
    private readonly Reporter _reporter;
    private readonly CancellationTokenSource _end = new();
    private readonly Dictionary<(int Activity, WorkStage Stage), ProgressBarState> _bars = [];
    private readonly AmountColumn _amounts = new();
    private readonly Task _display;

    private ConsoleProgress(OperationMonitor monitor, Reporter reporter, bool isShown)
    {
        _monitor = monitor;
        _reporter = reporter;
        _display = isShown ? ShowAsync() : Task.CompletedTask;
    }

    /// <summary>Begins to show the work of a monitor.</summary>
    /// <param name="monitor">What is sampled.</param>
    /// <param name="reporter">Its lines appear above the bars.</param>
    /// <param name="isWanted">Whether a person is served at all.</param>
    public static ConsoleProgress Start(OperationMonitor monitor, Reporter reporter, bool isWanted)
        => new(monitor, reporter, isWanted && !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _display.ConfigureAwait(false);
        _end.Dispose();
    }

    private async Task ShowAsync()
    {
        await Task.Delay(Patience, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_end.IsCancellationRequested)
        {
            return;
        }

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        _reporter.Redirect(console.WriteLine);
        try
        {
            await console.Progress()
                .AutoClear(true)
                .AutoRefresh(false)
                .HideCompleted(true)
                .Columns(
                    new TaskDescriptionColumn { Alignment = Justify.Left },
                    new ProgressBarColumn { Width = 30 },
                    new PercentageColumn(),
                    _amounts)
                .StartAsync(DrawAsync)
                .ConfigureAwait(false);
        }
        finally
        {
            _reporter.Redirect(null);
        }
    }

    private async Task DrawAsync(ProgressContext context)
    {
        while (!_end.IsCancellationRequested)
        {
            Update(context, _monitor.Sample());
            context.Refresh();
            await Task.Delay(Interval, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Update(ProgressContext context, IReadOnlyList<ProgressSnapshot> samples)
    {
        foreach (ProgressSnapshot sample in samples)
        {
            if (!_bars.TryGetValue((sample.ActivityId, sample.Stage), out ProgressBarState? bar))
            {
                bar = new ProgressBarState(context.AddTask(Describe(sample)), _amounts, sample);
                _bars[(sample.ActivityId, sample.Stage)] = bar;
            }

            bar.Show(sample, Describe(sample));
        }

        foreach ((int, WorkStage) gone in _bars.Keys.Except(samples.Select(static sample => (sample.ActivityId, sample.Stage))).ToList())
        {
            _bars[gone].End();
            _bars.Remove(gone);
        }
    }

    private static string Describe(ProgressSnapshot sample)
    {
        const int Longest = 32;
        string subject = PlainText.Of(sample.Subject);
        string cut = subject.Length <= Longest ? subject : $"{subject.AsSpan(0, Longest - 1)}…";
        return $"{Markup.Escape(cut)}: {sample.Stage.ToString().ToLowerInvariant()}";
    }
}
