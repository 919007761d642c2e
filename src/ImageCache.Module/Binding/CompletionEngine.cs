using System.Collections;
using System.Management.Automation;
using ImageCache.Engine;

namespace ImageCache.Module.Binding;

/// <summary>The engine as a completer sees it: opened on the parameters typed so far, asked for local knowledge only.</summary>
internal static class CompletionEngine
{
    /// <summary>The images whose id or name begins with a text.</summary>
    public static IReadOnlyList<ImageDescriptor> Images(IDictionary boundParameters, string beginning) => Ask(boundParameters, options =>
    {
        ImageCacheEngine engine = ImageCacheEngine.Open(options);
        try
        {
            return engine.Complete(beginning);
        }
        finally
        {
            engine.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    });

    /// <summary>The clouds that can be named.</summary>
    public static IReadOnlyList<string> Clouds(IDictionary boundParameters) => Ask(boundParameters, ImageCacheEngine.CloudNames);

    // What fails is answered with nothing: a completer has nobody to tell.
    private static IReadOnlyList<T> Ask<T>(IDictionary boundParameters, Func<EngineOptions, IReadOnlyList<T>> question)
    {
        try
        {
            return question(EngineOptions.FromProcess() with
            {
                CachePath = FilePath(boundParameters["CachePath"]),
                Cloud = boundParameters["Cloud"] as string,
                ConfigurationPath = FilePath(boundParameters["ConfigurationPath"]),
                WorkingDirectory = FilePath(".") ?? Environment.CurrentDirectory,
            });
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
