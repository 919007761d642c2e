namespace ImageCache.Engine.OpenStack.Clouds;

/// <summary>How Keystone is convinced.</summary>
internal enum AuthenticationMethod
{
    Password,
    Token,
    ApplicationCredential,
}
