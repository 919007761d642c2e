using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace ImageCache.Cli.Tests.Secrets;

/// <summary>Looks for secrets, in the spellings that they may have, and for anything that looks like one of Keystone's tokens.</summary>
internal sealed class SecretHunt(IReadOnlyDictionary<string, string> secrets)
{
    /// <summary>Fails where a secret is found.</summary>
    public void In(string where, string text)
    {
        foreach ((string name, string secret) in secrets)
        {
            foreach (string spelling in Spellings(secret))
            {
                int at = text.IndexOf(spelling, StringComparison.OrdinalIgnoreCase);
                Assert.True(at < 0, $"{name} is in {where}: {Around(text, at)}");
            }
        }

        Match token = Regex.Match(text, "gAAAAA[A-Za-z0-9_-]{40,}");
        Assert.False(token.Success, $"a token is in {where}: {Around(text, token.Index)}");
    }

    /// <summary>Fails where a secret is found in a file below a directory.</summary>
    public void InFiles(string directory)
    {
        foreach (string path in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories))
        {
            In(path, Encoding.Latin1.GetString(File.ReadAllBytes(path)));
            In("the name of a file", path);
        }
    }

    private static IEnumerable<string> Spellings(string secret)
        => new[]
        {
            secret, Uri.EscapeDataString(secret), Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)), Convert.ToHexString(Encoding.UTF8.GetBytes(secret)),
        }.Distinct(StringComparer.Ordinal);

    private static string Around(string text, int at)
        => at < 0 ? string.Empty : text[Math.Max(0, at - 200)..Math.Min(text.Length, at + 100)];
}
