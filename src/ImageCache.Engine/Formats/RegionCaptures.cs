namespace ImageCache.Engine.Formats;

/// <summary>
/// The regions of a stream that are wanted whole: first its head, which is kept, then what readers of the head ask for. The stream
/// passes once, so that a region must lie ahead or in the head.
/// </summary>
internal sealed class RegionCaptures
{
    private readonly List<Region> _pending = [];
    private readonly Region _head;

    /// <summary>Begins with the head.</summary>
    public RegionCaptures(int headLength, Action<ReadOnlyMemory<byte>> deliverHead)
    {
        _head = new Region(0, new byte[headLength], deliverHead);
        _pending.Add(_head);
    }

    /// <summary>Where the stream stands.</summary>
    public long Position { get; private set; }

    /// <summary>How many regions were delivered.</summary>
    public int Delivered { get; private set; }

    /// <summary>Asks for a region. One that the stream does not reach is never delivered.</summary>
    /// <returns>Whether it can still be had.</returns>
    public bool TryRequest(long offset, int length, Action<ReadOnlyMemory<byte>> deliver)
    {
        if (offset < 0 || length <= 0 || offset > long.MaxValue - length || (offset < Position && Position > _head.End))
        {
            return false;
        }

        Region region = new(offset, new byte[length], deliver);
        region.Fill(0, _head.Buffer.AsSpan(0, (int)Math.Min(Position, _head.End)));
        _pending.Add(region);
        return true;
    }

    /// <summary>How far the stream may move in one step: to the end of the region that ends first.</summary>
    public long StepWithin(long count)
    {
        foreach (Region region in _pending)
        {
            count = Math.Min(count, region.End - Position);
        }

        return count;
    }

    /// <summary>Moves over data, no further than <see cref="StepWithin"/> said.</summary>
    public void Advance(ReadOnlySpan<byte> data)
    {
        foreach (Region region in _pending)
        {
            region.Fill(Position, data);
        }

        Position += data.Length;
        DeliverWhole();
    }

    /// <summary>Moves over zeros, no further than <see cref="StepWithin"/> said; buffers are made of zeros.</summary>
    public void AdvanceZeros(long count)
    {
        Position = checked(Position + count);
        DeliverWhole();
    }

    /// <summary>Ends the stream: a head that it did not fill is delivered as short as it is.</summary>
    public void Close()
    {
        if (Position < _head.End)
        {
            Delivered++;
            _pending.Remove(_head);
            _head.Deliver(_head.Buffer.AsMemory(0, (int)Position));
            DeliverWhole();
        }
    }

    private void DeliverWhole()
    {
        for (int i = 0; i < _pending.Count; i++)
        {
            if (_pending[i].End <= Position)
            {
                Region region = _pending[i];
                _pending.RemoveAt(i--);
                Delivered++;
                region.Deliver(region.Buffer);
            }
        }
    }

    private sealed record Region(long Offset, byte[] Buffer, Action<ReadOnlyMemory<byte>> Deliver)
    {
        public long End => Offset + Buffer.Length;

        public void Fill(long position, ReadOnlySpan<byte> data)
        {
            long from = Math.Max(Offset, position);
            long to = Math.Min(End, position + data.Length);
            if (from < to)
            {
                data[(int)(from - position)..(int)(to - position)].CopyTo(Buffer.AsSpan((int)(from - Offset)));
            }
        }
    }
}
