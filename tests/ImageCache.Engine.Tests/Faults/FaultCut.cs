namespace ImageCache.Engine.Tests.Faults;

/// <summary>How a connection is broken off.</summary>
public enum FaultCut
{
    /// <summary>An ordinary close: the client sees the end of the stream.</summary>
    Fin,

    /// <summary>A reset: the client's read fails.</summary>
    Reset,
}
