namespace ImageCache.Cli.Output;

/// <summary>Tells people.</summary>
internal sealed class TextReporter(bool verbose) : Reporter(verbose)
{
    private readonly Lock _gate = new();
    private Action<string>? _writeLine;

    /// <inheritdoc/>
    public override void Error(ErrorLine error)
    {
        Write($"error: {PlainText.Of(error.Message)} [{error.ErrorId}]");
        if (error.NextStep is { } nextStep)
        {
            Write($"       {PlainText.Of(nextStep)}");
        }
    }

    /// <inheritdoc/>
    public override void Warning(string message) => Write($"warning: {PlainText.Of(message)}");

    /// <inheritdoc/>
    public override void Note(string message) => Write(PlainText.Of(message));

    /// <inheritdoc/>
    public override void Redirect(Action<string>? writeLine)
    {
        lock (_gate)
        {
            _writeLine = writeLine;
        }
    }

    /// <inheritdoc/>
    protected override void WriteVerbose(string message)
    {
        foreach (string line in message.Split('\n'))
        {
            Write($"verbose: {PlainText.Of(line)}");
        }
    }

    private void Write(string line)
    {
        lock (_gate)
        {
            (_writeLine ?? Console.Error.WriteLine)(line);
        }
    }
}
