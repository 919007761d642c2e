using System.Management.Automation;
using ImageCache.Engine;
using ImageCache.Module.Pipeline;
using Microsoft.Extensions.Logging;

namespace ImageCache.Module.Binding;

/// <summary>What all cmdlets share: the parameters that choose cache, cloud and configuration, and the engine opened on them.</summary>
public abstract class ImageCacheCmdlet : AsyncCmdlet
{
    private readonly CmdletLogger _logger;
    private ImageCacheEngine? _engine;

    private protected ImageCacheCmdlet(string activity)
        : base(activity)
        => _logger = new CmdletLogger(Writer);

    /// <summary>nova's <c>_base</c> directory, when it is not the one that the configuration names.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CachePath { get; set; }

    /// <summary>The entry of clouds.yaml.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(CloudCompleter))]
    public string? Cloud { get; set; }

    /// <summary>The imagecache.yaml to read.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ConfigurationPath { get; set; }

    private protected ImageCacheEngine Engine => _engine ?? throw new InvalidOperationException("The engine is not open.");

    /// <summary>The cache in force, for questions to the user.</summary>
    private protected string CacheInForce
        => CachePath ?? Engine.GetConfiguration().FirstOrDefault(static setting => setting.Name == "cache_path")?.Value as string ?? "the image cache";

    /// <summary>Whether -WhatIf is in force, by the parameter or by the preference variable.</summary>
    private protected bool IsDryRun => LanguagePrimitives.IsTrue(
        MyInvocation.BoundParameters.TryGetValue("WhatIf", out object? whatIf) ? whatIf : SessionState.PSVariable.GetValue("WhatIfPreference"));

    /// <summary>Parameters of one cmdlet that are settings: name as in imagecache.yaml, value as text.</summary>
    private protected virtual IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>();

    /// <summary>Turns paths among a cmdlet's own parameters into those of the file system.</summary>
    private protected virtual void ResolvePaths()
    {
    }

    /// <summary>Opens the engine. Nothing works without it, so what is wrong here ends the cmdlet.</summary>
    protected override void BeginProcessing()
    {
        try
        {
            CachePath = FileSystemPath(CachePath);
            ConfigurationPath = FileSystemPath(ConfigurationPath);
            ResolvePaths();
            _engine = ImageCacheEngine.Open(EngineOptionsWith(_logger));
        }
        catch (Exception e) when (e is not PipelineStoppedException)
        {
            ThrowTerminatingError(ErrorRecords.From(e, ConfigurationPath ?? Cloud ?? CachePath ?? "imagecache.yaml"));
        }
    }

    /// <summary>What the parameters in force open an engine with; their paths are resolved by now.</summary>
    private protected EngineOptions EngineOptionsWith(ILoggerFactory loggers) => EngineOptions.FromProcess() with
    {
        CachePath = CachePath,
        Cloud = Cloud,
        ConfigurationPath = ConfigurationPath,
        Settings = Settings,
        WorkingDirectory = SessionState.Path.CurrentFileSystemLocation.ProviderPath,
        LoggerFactory = loggers,
    };

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _engine?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            _logger.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Runs the work for one item; its failure is an error of this item, and the pipeline goes on.</summary>
    /// <param name="target">The user's object that the work is about.</param>
    /// <param name="work">The work.</param>
    private protected void RunItem(object target, Func<OperationMonitor, CancellationToken, Task> work)
        => Run(async (monitor, cancellationToken) =>
        {
            try
            {
                await work(monitor, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                await Writer.WriteErrorAsync(ErrorRecords.From(e, target)).ConfigureAwait(false);
            }
        });

    /// <summary>The path in the file system that a PowerShell path stands for.</summary>
    private protected string? FileSystemPath(string? path)
    {
        if (path is null)
        {
            return null;
        }

        string resolved = Resolve(path, out ProviderInfo provider);
        return provider.Name == "FileSystem" ? resolved : throw NotAFile(path, $"is a path of the provider {provider.Name}");
    }

    private string Resolve(string path, out ProviderInfo provider)
    {
        try
        {
            return SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out provider, out _);
        }
        catch (SessionStateException e)
        {
            throw NotAFile(path, $"cannot be resolved: {e.Message}");
        }
    }

    private static InvalidInputException NotAFile(string path, string why)
        => new(ErrorIds.InvalidReference, $"'{path}' {why}", path, "Name a path of the file system.");
}
