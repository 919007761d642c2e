using System.Management.Automation;
using ImageCache.Module.Binding;
using ImageCache.Module.Pipeline;

namespace ImageCache.Module.Commands;

/// <summary>Tells every setting in force and where it came from.</summary>
[Cmdlet(VerbsCommon.Get, "ImageCacheConfiguration")]
[OutputType(typeof(EffectiveSetting))]
public sealed class GetImageCacheConfigurationCommand : ImageCacheCmdlet
{
    /// <summary>Makes the cmdlet.</summary>
    public GetImageCacheConfigurationCommand()
        : base("Reading the configuration")
    {
    }

    /// <summary>Names, or patterns of names.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        foreach (string name in Name)
        {
            WildcardPattern pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
            EffectiveSetting[] settings = [.. Engine.GetConfiguration().Where(setting => pattern.IsMatch(setting.Name))];
            if (settings.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                WriteError(ErrorRecords.From(
                    new InvalidInputException(
                        ErrorIds.InvalidReference, $"There is no setting named '{name}'.", name, "Get-ImageCacheConfiguration lists all settings."),
                    name));
            }

            WriteObject(settings, enumerateCollection: true);
        }
    }
}
