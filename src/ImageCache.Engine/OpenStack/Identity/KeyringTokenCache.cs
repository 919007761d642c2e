using ImageCache.Engine.Native.Keyutils;
using ImageCache.Engine.OpenStack.Clouds;
using Microsoft.Extensions.Logging;

namespace ImageCache.Engine.OpenStack.Identity;

/// <summary>
/// Keeps the token of one cloud's login in a keyring, sealed by the login's own secret, so that it opens for nobody who could not log in.
/// Once the keyring fails, this one is left alone. Used by one caller at a time, but for <see cref="Forget"/>.
/// </summary>
/// <param name="cloud">The cloud, with its credentials.</param>
/// <param name="keyring">Where tokens are kept.</param>
/// <param name="life">How long after its issue a token may be used from there.</param>
/// <param name="time">Tells the time.</param>
/// <param name="logger">Is told why nothing is kept.</param>
internal sealed class KeyringTokenCache(CloudConfiguration cloud, IKeyring keyring, TimeSpan life, TimeProvider time, ILogger logger) : ITokenCache
{
    /// <summary>The largest payload: who is not root has 20,000 bytes in all.</summary>
    public const int LargestPayload = 4096;

    private readonly byte[] _facts = LoginFacts.Write(cloud);
    private volatile bool _isAbsent;

    private string Description => LoginFacts.Description(_facts);

    // Without a secret anybody could open it.
    private TokenSeal? Seal => cloud.Credentials.ProvenBy is { } secret && secret.Reveal().Length > 0 ? new TokenSeal(secret, _facts) : null;

    public KeystoneToken? Find() => Try(() => Read() is { } token && IsGood(token) ? token : null);

    public void Keep(KeystoneToken token) => Try<KeystoneToken>(() =>
    {
        TimeSpan left = token.ExpiresAt - time.GetUtcNow() - KeystoneSession.LeastLife;
        if (left <= TimeSpan.Zero || Seal is not { } seal)
        {
            return null;
        }

        byte[] text = KeptToken.Write(token, cloud);
        if (text.Length + TokenSeal.Overhead > LargestPayload)
        {
            IdentityLog.TokenTooLarge(logger, text.Length + TokenSeal.Overhead);
            return null;
        }

        keyring.Write(Description, seal.Close(text), left < life ? left : life);
        return null;
    });

    public void Forget(KeystoneToken token) => Try<KeystoneToken>(() =>
    {
        if (Read() is { } kept && kept.Value.Reveal() == token.Value.Reveal())
        {
            keyring.Remove(Description);
        }

        return null;
    });

    private KeystoneToken? Read()
    {
        if (Seal is not { } seal || keyring.TryRead(Description, LargestPayload) is not { } payload || !seal.TryOpen(payload, out byte[]? text))
        {
            return null;
        }

        return KeptToken.Read(text);
    }

    // One that comes from the future was kept before the clock was set back, and its age is not known.
    private bool IsGood(KeystoneToken token)
    {
        DateTimeOffset now = time.GetUtcNow();
        return token.IssuedAt <= now && now - token.IssuedAt <= life && token.ExpiresAt - now >= KeystoneSession.LeastLife;
    }

    private T? Try<T>(Func<T?> work)
        where T : class
    {
        if (_isAbsent)
        {
            return null;
        }

        try
        {
            return work();
        }
        catch (IOException error)
        {
            _isAbsent = true;
            IdentityLog.NoKeyring(logger, error.Message);
            return null;
        }
    }
}
