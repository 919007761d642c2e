namespace ImageCache.Engine.Native.Keyutils;

/// <summary>Keeps small secrets by their descriptions, for a while.</summary>
internal interface IKeyring
{
    /// <summary>The bytes kept under a description.</summary>
    /// <returns><see langword="null"/> when there are none, or more than <paramref name="most"/>.</returns>
    /// <exception cref="IOException">There is no keyring, or it may not be read.</exception>
    byte[]? TryRead(string description, int most);

    /// <summary>Keeps bytes in place of those before.</summary>
    /// <exception cref="IOException">There is no keyring, no right to write, or no room.</exception>
    void Write(string description, ReadOnlySpan<byte> payload, TimeSpan life);

    /// <summary>Lets go what is kept under a description, if anything is.</summary>
    /// <exception cref="IOException">It may not be removed.</exception>
    void Remove(string description);
}
