using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ImageCache.Module.Binding;

/// <summary>
/// Completes an image from the beginning of its id or of its name, out of the records and of what a search last saw. The id is
/// inserted, since names need not be unique; the list shows the name.
/// </summary>
public sealed class ImageIdCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        CompletionText word = CompletionText.Parse(wordToComplete);
        return CompletionEngine.Images(fakeBoundParameters, word.Beginning)
            .Where(image => commandName is not ("Get-BaseImage" or "Remove-BaseImage") || image.IsCached)
            .Select(image => new CompletionResult(
                word.Write(image.Id), image.Name ?? image.Id, CompletionResultType.ParameterValue, ImageToolTip.For(image)));
    }
}
