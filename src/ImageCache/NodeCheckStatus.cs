namespace ImageCache;

/// <summary>Whether something that is needed is there.</summary>
public enum NodeCheckStatus
{
    /// <summary>It is there.</summary>
    Pass,

    /// <summary>It is not there, or does not work.</summary>
    Fail,

    /// <summary>It was looked at, and cannot be told.</summary>
    Unknown,

    /// <summary>It was not looked at: a service would have to be asked, or what it builds on is not there.</summary>
    Skipped,
}
