namespace ImageCache.Engine.Transfer;

/// <summary>Says that the rest shall come over several connections. It is no failure, and never leaves the engine.</summary>
/// <param name="read">Bytes that the last read still brought.</param>
internal sealed class MoreConnectionsException(int read) : Exception("the rest comes over several connections")
{
    public int Read { get; } = read;
}
