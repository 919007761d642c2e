using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace ImageCache.Cli.Commands;

/// <summary>The kinds of options and arguments that several verbs have.</summary>
internal static class OptionKinds
{
    private static readonly string[] Visibilities = ["public", "community", "shared", "private", "all"];

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

    /// <summary>An option with a number of at least 1.</summary>
    public static Option<int?> Count(string name, string description) => new(name)
    {
        HelpName = "N",
        Description = description,
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count >= 1)
            {
                return count;
            }

            result.AddError($"{name} takes a whole number of at least 1, not '{result.Tokens[0].Value}'.");
            return null;
        },
    };

    /// <summary>Refuses what Glance knows as no visibility.</summary>
    public static void CheckVisibility(Option option) => Check(option, static value => Visibilities.Contains(value), string.Join(", ", Visibilities));

    /// <summary>Refuses values that are not right.</summary>
    public static void Check(Option option, Func<string, bool> isRight, string expected)
        => option.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => !isRight(token.Value)) is { } wrong)
            {
                result.AddError($"{option.Name} takes {expected}, not '{wrong.Value}'.");
            }
        });

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
