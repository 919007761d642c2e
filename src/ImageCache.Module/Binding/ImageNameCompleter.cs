using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ImageCache.Module.Binding;

/// <summary>Completes the name of an image, out of the records and of what a search last saw.</summary>
public sealed class ImageNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        CompletionText word = CompletionText.Parse(wordToComplete);
        return CompletionEngine.Images(fakeBoundParameters, word.Beginning)
            .Where(image => commandName != "Get-BaseImage" || image.IsCached)
            .Where(image => image.Name?.StartsWith(word.Beginning, StringComparison.OrdinalIgnoreCase) is true)
            .DistinctBy(static image => image.Name)
            .Select(image => new CompletionResult(
                word.Write(WildcardPattern.Escape(image.Name)), image.Name, CompletionResultType.ParameterValue, ImageToolTip.For(image)));
    }
}
