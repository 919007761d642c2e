namespace ImageCache.Engine.Formats;

/// <summary>The last bytes of a stream, in a ring.</summary>
internal sealed class StreamTail
{
    /// <summary>How many are kept: marker, footer and end-of-stream of a VMDK.</summary>
    public const int Length = 1536;

    private readonly byte[] _ring = new byte[Length];
    private int _next;
    private int _filled;

    /// <summary>Takes data.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        if (data.Length > Length)
        {
            data = data[^Length..];
        }

        int first = Math.Min(data.Length, Length - _next);
        data[..first].CopyTo(_ring.AsSpan(_next));
        data[first..].CopyTo(_ring);
        Move(data.Length);
    }

    /// <summary>Takes a run of zeros.</summary>
    public void AppendZeros(long count)
    {
        int kept = (int)Math.Min(count, Length);
        int first = Math.Min(kept, Length - _next);
        _ring.AsSpan(_next, first).Clear();
        _ring.AsSpan(0, kept - first).Clear();
        Move(kept);
    }

    /// <summary>The last bytes in their order.</summary>
    public byte[] ToArray()
    {
        byte[] tail = new byte[_filled];
        int start = (_next - _filled + Length) % Length;
        int first = Math.Min(_filled, Length - start);
        _ring.AsSpan(start, first).CopyTo(tail);
        _ring.AsSpan(0, _filled - first).CopyTo(tail.AsSpan(first));
        return tail;
    }

    private void Move(int count)
    {
        _next = (_next + count) % Length;
        _filled = Math.Min(Length, _filled + count);
    }
}
