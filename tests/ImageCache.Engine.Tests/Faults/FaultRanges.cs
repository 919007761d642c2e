namespace ImageCache.Engine.Tests.Faults;

/// <summary>What a server does with a Range header.</summary>
public enum FaultRanges
{
    /// <summary>200 and the whole body, as if it had not been asked.</summary>
    Ignore,

    /// <summary>206 with Content-Range, 416 when the start lies behind the end.</summary>
    Honour,

    /// <summary>400, as Glance answers on stores that cannot read at random (rbd, swift, s3).</summary>
    Refuse,
}
