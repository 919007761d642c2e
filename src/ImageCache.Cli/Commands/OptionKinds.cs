using System.CommandLine;
using System.CommandLine.Parsing;

namespace ImageCache.Cli.Commands;

/// <summary>The kinds of options and arguments that several verbs have.</summary>
internal static class OptionKinds
{
    /// <summary>An option that is there or not; it never takes the word behind it, which may be an image called "true".</summary>
    public static Option<bool> Flag(string name, string description) => new(name) { Description = description, Arity = ArgumentArity.Zero };

    /// <summary>An option with a text.</summary>
    public static Option<string?> Text(string name, string helpName, string description) => new(name) { HelpName = helpName, Description = description };

    /// <summary>An option with a text, that may be given several times.</summary>
    public static Option<string[]> Texts(string name, string helpName, string description) => new(name) { HelpName = helpName, Description = description };

    /// <summary>The certificates to trust.</summary>
    public static Option<string[]> TrustedCertificates()
        => Texts("--trusted-certificate", "ID", "A certificate that signers must lead to; name every intermediate and the root.");

    /// <summary>The setting that such certificates are.</summary>
    public static Dictionary<string, string> TrustedCertificateSetting(string[]? ids)
        => ids is { Length: > 0 } ? new() { ["trusted_certificates"] = string.Join(',', ids) } : [];

    /// <summary>How images come here.</summary>
    public static Option<FetchMethod?> Method(string description) => new("--method")
    {
        HelpName = string.Join('|', MethodWords.All),
        Description = description,
        CustomParser = ParseMethod,
    };

    /// <summary>Images, by position.</summary>
    public static Argument<string[]> Images(string description, ArgumentArity arity) => new("IMAGE") { Description = description, Arity = arity };

    private static FetchMethod? ParseMethod(ArgumentResult result)
    {
        string word = result.Tokens[0].Value;
        FetchMethod? method = MethodWords.Parse(word);
        if (method is null)
        {
            result.AddError($"--method takes {string.Join(", ", MethodWords.All)}, not '{word}'.");
        }

        return method;
    }
}
