using ImageCache.Engine.Handlers;
using ImageCache.Engine.Native.Rbd;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImageCache.Engine;

/// <summary>What a front end knows before the engine opens: parameters, environment, and where log lines go.</summary>
public sealed record EngineOptions
{
    /// <summary>The <c>_base</c> directory, when the caller names one.</summary>
    public string? CachePath { get; init; }

    /// <summary>The entry of clouds.yaml, when the caller names one.</summary>
    public string? Cloud { get; init; }

    /// <summary>The imagecache.yaml, when the caller names one.</summary>
    public string? ConfigurationPath { get; init; }

    /// <summary>Settings given as parameters: name as in imagecache.yaml, value as text. They win over everything else.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>The environment variables in force.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>The directory against which relative paths count.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>Where log lines go.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Whether this machine has librbd; tests say that it has not.</summary>
    internal Func<bool> HasRbdLibrary { get; init; } = RbdLibrary.IsPresent;

    /// <summary>Methods besides our own, which Auto tries before them; tests bring some.</summary>
    internal IReadOnlyList<BaseImageHandler> MoreHandlers { get; init; } = [];

    /// <summary>Options with this process's environment and current directory.</summary>
    public static EngineOptions FromProcess()
    {
        Dictionary<string, string> environment = new(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry entry in System.Environment.GetEnvironmentVariables())
        {
            environment[(string)entry.Key] = (string?)entry.Value ?? string.Empty;
        }

        return new EngineOptions { Environment = environment, WorkingDirectory = System.Environment.CurrentDirectory };
    }
}
