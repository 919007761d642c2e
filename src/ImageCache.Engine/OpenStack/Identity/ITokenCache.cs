namespace ImageCache.Engine.OpenStack.Identity;

/// <summary>Keeps the token of one cloud's login for the next process. It never fails: what cannot be kept is not kept.</summary>
internal interface ITokenCache
{
    /// <summary>The token of an earlier login with the same credentials, or <see langword="null"/>.</summary>
    KeystoneToken? Find();

    /// <summary>Keeps the token of a new login.</summary>
    void Keep(KeystoneToken token);

    /// <summary>Lets go a token that was refused; another one stays.</summary>
    void Forget(KeystoneToken token);
}
