namespace ImageCache;

/// <summary>What an initialization did about one thing.</summary>
public enum InitializationAction
{
    /// <summary>In order; nothing was done.</summary>
    Kept,

    /// <summary>A directory was made.</summary>
    Created,

    /// <summary>What a dead process left was removed.</summary>
    RemovedLeftover,

    /// <summary>A record without a file was removed.</summary>
    RemovedRecord,

    /// <summary>A damaged record was set aside and made anew from the file.</summary>
    RebuiltRecord,

    /// <summary>A link whose volume was not there any more was brought back.</summary>
    Relinked,

    /// <summary>A critical image that was not here, or not usable, was fetched.</summary>
    Fetched,

    /// <summary>Something is wrong that only a person or a fetch can mend.</summary>
    Reported,
}
