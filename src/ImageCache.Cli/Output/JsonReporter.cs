using System.Text.Json.Serialization.Metadata;

namespace ImageCache.Cli.Output;

/// <summary>Tells programs: one JSON object a line.</summary>
internal sealed class JsonReporter(bool verbose) : Reporter(verbose)
{
    private readonly Lock _gate = new();
    private readonly Stream _stream = Console.OpenStandardError();

    /// <inheritdoc/>
    public override void Error(ErrorLine error) => Write(error, JsonContext.Default.ErrorLine);

    /// <inheritdoc/>
    public override void Warning(string message) => Write(new WarningLine(message), JsonContext.Default.WarningLine);

    /// <inheritdoc/>
    public override void Note(string message)
    {
    }

    /// <inheritdoc/>
    protected override void WriteVerbose(string message) => Write(new VerboseLine(message), JsonContext.Default.VerboseLine);

    private void Write<T>(T line, JsonTypeInfo<T> type)
    {
        ReadOnlySpan<byte> bytes = JsonLine.Of(line, type);
        lock (_gate)
        {
            _stream.Write(bytes);
        }
    }
}
