using System.Collections;
using System.Management.Automation;
using ImageCache.Engine;

namespace ImageCache.Module.Binding;

/// <summary>The engine as a completer sees it: opened on the parameters typed so far, asked for local knowledge only.</summary>
internal static class CompletionEngine
{
    /// <summary>Asks an engine, and answers with nothing when that fails: a completer has nobody to tell.</summary>
    public static IReadOnlyList<T> Ask<T>(IDictionary boundParameters, Func<ImageCacheEngine, IReadOnlyList<T>> question)
    {
        try
        {
            ImageCacheEngine engine = ImageCacheEngine.Open(EngineOptions.FromProcess() with
            {
                CachePath = FilePath(boundParameters["CachePath"]),
                Cloud = boundParameters["Cloud"] as string,
                ConfigurationPath = FilePath(boundParameters["ConfigurationPath"]),
                WorkingDirectory = FilePath(".") ?? Environment.CurrentDirectory,
            });
            try
            {
                return question(engine);
            }
            finally
            {
                engine.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }
        }
        catch (Exception e) when (e is ImageCacheException or RuntimeException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string? FilePath(object? path)
    {
        if (path is not string text)
        {
            return null;
        }

        using PowerShell shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        return shell
            .AddScript("$ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($args[0])", useLocalScope: true)
            .AddArgument(text)
            .Invoke<string>()
            .FirstOrDefault();
    }
}
