namespace ImageCache.Engine.Diagnostics;

/// <summary>
/// Something without which images cannot be prepared, or not as well. It is stated once: the choice of a method, the error that a method is
/// unavailable, and the diagnostic all read the same needs.
/// </summary>
/// <param name="Name">A short name; scripts rely on it.</param>
/// <param name="Description">What is needed, in a sentence.</param>
internal abstract record Need(string Name, string Description)
{
    /// <summary>Whether nothing works without it.</summary>
    public bool IsRequired { get; init; } = true;
}
