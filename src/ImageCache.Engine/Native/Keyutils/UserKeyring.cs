using System.Runtime.InteropServices;
using ImageCache.Engine.Native.Posix;

namespace ImageCache.Engine.Native.Keyutils;

/// <summary>
/// The kernel's keyring of this user, with keys of the type "user". Nothing of it is on any disk, and the kernel drops a key by itself when its
/// time is over. Source: keyrings(7), user-keyring(7), keyctl(2), add_key(2).
/// </summary>
internal sealed partial class UserKeyring : IKeyring
{
    private const int ProcessKeyring = -2; // KEY_SPEC_PROCESS_KEYRING
    private const int ThisUserKeyring = -4; // KEY_SPEC_USER_KEYRING
    private const string KeyType = "user";
    private const uint ShortestLife = 1;

    public byte[]? TryRead(string description, int most)
    {
        Possess();
        if (Find(description) is not { } key)
        {
            return null;
        }

        byte[] payload = new byte[most];
        nint length = Read(key, payload, (nuint)payload.Length);
        if (length < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            return IsGone(error) ? null : throw PosixError.Exception("keyctl_read", description, error);
        }

        // The length is the key's, also where it did not fit.
        return length > most ? null : payload[..(int)length];
    }

    public void Write(string description, ReadOnlySpan<byte> payload, TimeSpan life)
    {
        Possess();
        int key = Add(KeyType, description, payload, (nuint)payload.Length, ThisUserKeyring);
        if (key < 0)
        {
            throw PosixError.Exception("add_key", description, Marshal.GetLastPInvokeError());
        }

        if (SetTimeout(key, Math.Max(ShortestLife, (uint)life.TotalSeconds)) < 0)
        {
            // For ever is longer than was agreed.
            int error = Marshal.GetLastPInvokeError();
            _ = Invalidate(key);
            throw PosixError.Exception("keyctl_set_timeout", description, error);
        }
    }

    public void Remove(string description)
    {
        Possess();
        if (Find(description) is { } key && Invalidate(key) < 0 && Marshal.GetLastPInvokeError() is int error && !IsGone(error))
        {
            throw PosixError.Exception("keyctl_invalidate", description, error);
        }
    }

    // Only who possesses a key may read it, and a service's session has no link to its user's keyring. A process keyring belongs to the
    // credentials, which each thread has of its own: so this comes before every use, on the same thread.
    private static void Possess()
    {
        if (KeyutilsLibrary.WhyNot() is { } reason)
        {
            throw new IOException(reason, PosixError.ENOSYS);
        }

        if (Link(ThisUserKeyring, ProcessKeyring) < 0)
        {
            throw PosixError.Exception("keyctl_link", "the user's keyring", Marshal.GetLastPInvokeError());
        }
    }

    private static int? Find(string description)
    {
        nint key = Search(ThisUserKeyring, KeyType, description, 0);
        if (key >= 0)
        {
            return (int)key;
        }

        int error = Marshal.GetLastPInvokeError();
        return IsGone(error) ? null : throw PosixError.Exception("keyctl_search", description, error);
    }

    private static bool IsGone(int error) => error is PosixError.ENOKEY or PosixError.EKEYEXPIRED or PosixError.EKEYREVOKED;

    [LibraryImport(KeyutilsLibrary.FileName, EntryPoint = "keyctl_link", SetLastError = true)]
    private static partial nint Link(int key, int keyring);

    [LibraryImport(KeyutilsLibrary.FileName, EntryPoint = "keyctl_search", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Search(int keyring, string type, string description, int destination);

    [LibraryImport(KeyutilsLibrary.FileName, EntryPoint = "keyctl_read", SetLastError = true)]
    private static partial nint Read(int key, [Out] byte[] buffer, nuint size);

    [LibraryImport(KeyutilsLibrary.FileName, EntryPoint = "add_key", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Add(string type, string description, ReadOnlySpan<byte> payload, nuint length, int keyring);

    [LibraryImport(KeyutilsLibrary.FileName, EntryPoint = "keyctl_set_timeout", SetLastError = true)]
    private static partial nint SetTimeout(int key, uint seconds);

    [LibraryImport(KeyutilsLibrary.FileName, EntryPoint = "keyctl_invalidate", SetLastError = true)]
    private static partial nint Invalidate(int key);
}
