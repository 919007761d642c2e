using System.Security.Cryptography;
using ImageCache.Engine.OpenStack.Clouds;

namespace ImageCache.Engine.OpenStack.Identity;

/// <summary>
/// What a login is for, without its secret: who, where, with which scope, and all that decides which endpoints are chosen and whether
/// they were learned from a Keystone whose certificate was checked.
/// </summary>
internal static class LoginFacts
{
    /// <summary>The facts as one text: equal for equal logins only.</summary>
    public static byte[] Write(CloudConfiguration cloud)
    {
        using MemoryStream bytes = new();
        using (BinaryWriter writer = new(bytes))
        {
            foreach (string? fact in Who(cloud.Credentials).Concat(Where(cloud)))
            {
                // With its length before it, no fact can look like another.
                writer.Write(fact is not null);
                writer.Write(fact ?? string.Empty);
            }
        }

        return bytes.ToArray();
    }

    /// <summary>The name under which a login's token is kept.</summary>
    public static string Description(ReadOnlySpan<byte> facts) => "imagecache:" + Convert.ToHexStringLower(SHA256.HashData(facts));

    private static IEnumerable<string?> Who(CloudCredentials who) => [who.AuthUrl.AbsoluteUri, who.Method.ToString(), .. who.Names];

    private static IEnumerable<string?> Where(CloudConfiguration cloud)
    {
        IEnumerable<string?> choices = ServiceType.All.Select(type => EndpointChoice.Of(cloud, type))
            .SelectMany(static choice => choice.Types.Append(choice.Interface).Append(choice.Region));
        return choices.Concat([cloud.VerifyCertificate ? "verified" : "unverified", cloud.AuthorityPath, cloud.CertificatePath, cloud.KeyPath]);
    }
}
