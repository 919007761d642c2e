using System.Security.Cryptography;
using System.Text;
using ImageCache.Engine.OpenStack.Clouds;

namespace ImageCache.Engine.OpenStack.Local;

/// <summary>Tells clouds, users and scopes apart in the names of local files. No secret can be had from it.</summary>
internal static class CloudKey
{
    private const int Digits = 32;

    public static string Of(CloudConfiguration cloud)
    {
        CloudCredentials who = cloud.Credentials;
        string?[] parts = [who.AuthUrl.AbsoluteUri, cloud.Region, .. who.Names, TokenMark(who)];
        string text = string.Join('\n', parts.Select(static part => part is null ? "-" : "=" + part));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..Digits];
    }

    // Of a token given by the user nothing else says whose it is.
    private static string? TokenMark(CloudCredentials who) => who is { Method: AuthenticationMethod.Token, Token: { } token }
        ? Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token.Reveal())))
        : null;
}
