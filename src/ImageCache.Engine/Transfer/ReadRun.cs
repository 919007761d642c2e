namespace ImageCache.Engine.Transfer;

/// <summary>What one read of a byte source gave: data in the buffer, or a hole that was not read. Neither is the end.</summary>
/// <param name="Count">Bytes in the buffer.</param>
/// <param name="Hole">Zero bytes that the source knows of without reading them.</param>
internal readonly record struct ReadRun(int Count, long Hole)
{
    public bool IsEnd => Count == 0 && Hole == 0;
}
