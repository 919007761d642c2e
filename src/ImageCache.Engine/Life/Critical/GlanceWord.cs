namespace ImageCache.Engine.Life.Critical;

/// <summary>What Glance says of a critical image now.</summary>
/// <param name="Status"><see cref="CriticalStatus.Present"/> when it has the same image, else what became of it.</param>
/// <param name="Reason">What is to be told; <see langword="null"/> when nothing changed.</param>
/// <param name="Descriptor">The image as the list is to have it from now on.</param>
/// <param name="Successor">What takes its place: another image, or other data under the same id.</param>
internal sealed record GlanceWord(CriticalStatus Status, string? Reason, ImageDescriptor Descriptor, ImageDescriptor? Successor = null)
{
    /// <summary>Whether Glance has the very image that was registered.</summary>
    public bool IsSame => Status == CriticalStatus.Present;
}
