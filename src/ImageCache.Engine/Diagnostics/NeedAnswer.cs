namespace ImageCache.Engine.Diagnostics;

/// <summary>Whether a need is met, why not, and what to do.</summary>
internal sealed record NeedAnswer(NodeCheckStatus Status, string? Reason = null, string? NextStep = null)
{
    public static NeedAnswer Pass(string? reason = null) => new(NodeCheckStatus.Pass, reason);

    public static NeedAnswer Fail(string reason, string? nextStep = null) => new(NodeCheckStatus.Fail, reason, nextStep);

    public static NeedAnswer Unknown(string reason, string? nextStep = null) => new(NodeCheckStatus.Unknown, reason, nextStep);

    public static NeedAnswer Skipped(string reason) => new(NodeCheckStatus.Skipped, reason);

    /// <summary>Passes when there is no reason why not.</summary>
    public static NeedAnswer Unless(string? reason, string? nextStep = null) => reason is null ? Pass() : Fail(reason, nextStep);

    /// <summary>An error as an answer.</summary>
    public static NeedAnswer From(ImageCacheException error) => Fail(error.Message.TrimEnd('.'), error.NextStep);
}
