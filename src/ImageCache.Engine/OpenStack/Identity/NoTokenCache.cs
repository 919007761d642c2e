namespace ImageCache.Engine.OpenStack.Identity;

/// <summary>Keeps nothing.</summary>
internal sealed class NoTokenCache : ITokenCache
{
    public KeystoneToken? Find() => null;

    public void Keep(KeystoneToken token)
    {
    }

    public void Forget(KeystoneToken token)
    {
    }
}
