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
        string[] parts =
        [
            .. new[]
            {
                who.AuthUrl.AbsoluteUri, cloud.Region, who.UserId, who.UserName, who.UserDomainId, who.UserDomainName, who.ApplicationCredentialId,
                who.ApplicationCredentialName, who.ProjectId, who.ProjectName, who.ProjectDomainId, who.ProjectDomainName, who.DomainId,
                who.DomainName, who.SystemScope, who.TrustId, TokenMark(who),
            }.Select(static part => part is null ? "-" : "=" + part),
        ];
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))))[..Digits];
    }

    // Of a token given by the user nothing else says whose it is.
    private static string? TokenMark(CloudCredentials who) => who is { Method: AuthenticationMethod.Token, Token: { } token }
        ? Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token.Reveal())))
        : null;
}
