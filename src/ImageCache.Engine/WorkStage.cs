namespace ImageCache.Engine;

/// <summary>What is being done for an image.</summary>
public enum WorkStage
{
    /// <summary>Its record is asked for.</summary>
    Resolving,

    /// <summary>Somebody else works on it.</summary>
    Waiting,

    /// <summary>Bytes travel; counted in bytes.</summary>
    Transferring,

    /// <summary>Digests and formats are compared.</summary>
    Verifying,

    /// <summary>It is turned into raw; counted in bytes of the result.</summary>
    Converting,

    /// <summary>It is synced and named.</summary>
    Publishing,
}
