using ImageCache.Engine.Formats;

namespace ImageCache.Engine.Transfer;

/// <summary>Shows the bytes to the format inspector, and stops a transfer as soon as it cannot end well.</summary>
/// <param name="refuse">Called with each early report; throws when the image is refused already.</param>
internal sealed class InspectStage(Action<FormatReport> refuse) : ITransferStage
{
    private FormatInspector _inspector = new();
    private bool _judged;

    /// <summary>The report, when all bytes were seen.</summary>
    public FormatReport? Report { get; private set; }

    public void Data(ReadOnlySpan<byte> data, long offset)
    {
        _inspector.Consume(data);
        JudgeEarly();
    }

    public void Hole(long length, long offset)
    {
        _inspector.ConsumeZeros(length);
        JudgeEarly();
    }

    public void Reset()
    {
        _inspector = new FormatInspector();
        _judged = false;
    }

    public void Complete(long length) => Report = _inspector.Complete();

    private void JudgeEarly()
    {
        if (!_judged && _inspector.EarlyReport is { } early)
        {
            _judged = true;
            refuse(early);
        }
    }
}
