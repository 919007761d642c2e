using ImageCache.Engine.Native.Keyutils;

namespace ImageCache.Engine.Tests.OpenStack.Identity;

/// <summary>A keyring that cannot be used, or that has no room.</summary>
internal sealed class BrokenKeyring(bool readable) : IKeyring
{
    public int Calls { get; private set; }

    public byte[]? TryRead(string description, int most)
    {
        Calls++;
        return readable ? null : throw new IOException("planned to fail");
    }

    public void Write(string description, ReadOnlySpan<byte> payload, TimeSpan life)
    {
        Calls++;
        throw new IOException("planned to fail");
    }

    public void Remove(string description)
    {
        Calls++;
        throw new IOException("planned to fail");
    }
}
