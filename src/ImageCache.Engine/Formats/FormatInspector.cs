namespace ImageCache.Engine.Formats;

/// <summary>
/// Tells the format of a stream while it passes. All formats are looked for at once, as nova does; memory is bounded whatever the
/// headers say, and past the headers it costs next to nothing. For one stream, and one thread at a time.
/// </summary>
internal sealed class FormatInspector
{
    /// <summary>Bytes at the beginning that every format is recognised by; the furthest mark is that of an ISO, past 32 KiB.</summary>
    public const int HeadLength = 64 * 1024;

    private readonly FormatProbe[] _probes =
    [
        new Qcow2Probe(), new QedProbe(), new VmdkProbe(), new VhdProbe(), new VhdxProbe(), new VdiProbe(),
        new IsoProbe(), new PartitionTableProbe(), new LuksProbe(), new PloopProbe(),
    ];

    private readonly RegionCaptures _captures;
    private readonly StreamTail _tail = new();
    private FormatReport? _early;
    private int _earlyVersion;
    private bool _completed;

    /// <summary>Begins a stream.</summary>
    public FormatInspector() => _captures = new RegionCaptures(HeadLength, ReadHead);

    /// <summary>
    /// What is known before the end: <see langword="null"/> until the head was seen. From then on the formats are final, while problems
    /// may still be added, so that a transfer can be stopped on it.
    /// </summary>
    public FormatReport? EarlyReport
    {
        get
        {
            if (_captures.Delivered != _earlyVersion)
            {
                _earlyVersion = _captures.Delivered;
                _early = Describe(null, false);
            }

            return _early;
        }
    }

    /// <summary>Takes the next bytes.</summary>
    public void Consume(ReadOnlySpan<byte> data)
    {
        RefuseMore();
        _tail.Append(data);
        while (!data.IsEmpty)
        {
            int step = (int)_captures.StepWithin(data.Length);
            _captures.Advance(data[..step]);
            data = data[step..];
        }
    }

    /// <summary>Takes a hole of so many zeros, however large.</summary>
    public void ConsumeZeros(long count)
    {
        RefuseMore();
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        _tail.AppendZeros(count);
        while (count > 0)
        {
            long step = _captures.StepWithin(count);
            _captures.AdvanceZeros(step);
            count -= step;
        }
    }

    /// <summary>Ends the stream.</summary>
    public FormatReport Complete()
    {
        RefuseMore();
        _completed = true;
        _captures.Close();
        byte[] tail = _tail.ToArray();
        foreach (FormatProbe probe in _probes.Where(static probe => probe.IsMatch))
        {
            probe.Finish(_captures.Position, tail);
        }

        return Describe(_captures.Position, EndsInVhdFooter(tail));
    }

    private void ReadHead(ReadOnlyMemory<byte> head)
    {
        foreach (FormatProbe probe in _probes)
        {
            probe.ReadHead(head.Span, _captures);
        }
    }

    private FormatReport Describe(long? length, bool endsInVhdFooter) => new()
    {
        Detected = [.. _probes.Where(static probe => probe.IsMatch).Select(static probe => probe.Describe())],
        Length = length,
        EndsInVhdFooter = endsInVhdFooter,
    };

    private static bool EndsInVhdFooter(ReadOnlySpan<byte> tail)
        => tail.Length >= VhdProbe.FooterLength && tail[^VhdProbe.FooterLength..].StartsWith(VhdProbe.Cookie);

    private void RefuseMore()
    {
        if (_completed)
        {
            throw new InvalidOperationException("The stream has ended.");
        }
    }
}
