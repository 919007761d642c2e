namespace ImageCache.Engine.Tests.Volumes;

/// <summary>What may happen to a <see cref="LinkModel"/>.</summary>
internal enum LinkActionKind
{
    Fetch,
    FetchAnew,
    Remove,
    Initialize,
    Reboot,
    DeleteAttachments,
}
