using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ImageCache.Module.Binding;

/// <summary>Completes the entries of clouds.yaml.</summary>
public sealed class CloudCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        CompletionText word = CompletionText.Parse(wordToComplete);
        return CompletionEngine.Clouds(fakeBoundParameters)
            .Where(cloud => cloud.StartsWith(word.Beginning, StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.OrdinalIgnoreCase)
            .Select(cloud => new CompletionResult(word.Write(cloud), cloud, CompletionResultType.ParameterValue, cloud));
    }
}
