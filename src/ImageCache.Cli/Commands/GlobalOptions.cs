using System.CommandLine;

namespace ImageCache.Cli.Commands;

/// <summary>The options of every verb; they may stand anywhere on the line.</summary>
internal sealed class GlobalOptions
{
    public Option<string?> CachePath { get; } = Text("--cache-path", "DIRECTORY", "The directory of base images: nova's _base.");

    public Option<string?> Cloud { get; } = Text("--cloud", "NAME", "The entry of clouds.yaml.");

    public Option<string?> ConfigurationPath { get; } = Text("--configuration-path", "FILE", "The imagecache.yaml to read.");

    public Option<bool> Json { get; } = Flag("--json", "One JSON object a line, for results and for errors.");

    public Option<bool> Verbose { get; } = Flag("--verbose", "Tell on standard error what is being done.");

    public IEnumerable<Option> All => [CachePath, Cloud, ConfigurationPath, Json, Verbose];

    private static Option<bool> Flag(string name, string description)
    {
        Option<bool> flag = OptionKinds.Flag(name, description);
        flag.Recursive = true;
        return flag;
    }

    private static Option<string?> Text(string name, string helpName, string description)
    {
        Option<string?> text = OptionKinds.Text(name, helpName, description);
        text.Recursive = true;
        return text;
    }
}
