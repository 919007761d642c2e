namespace ImageCache.Engine.Volumes;

/// <summary>A read-only view of a connected volume as a file, served by a process of its own. May be kept on disk.</summary>
internal sealed record VolumeExport
{
    /// <summary>The directory that holds all of the export: its file, its log, its configuration.</summary>
    public required string Directory { get; init; }

    /// <summary>The file that is the view.</summary>
    public required string Path { get; init; }

    /// <summary>The bytes of the view.</summary>
    public required long Size { get; init; }

    /// <summary>The process that serves it.</summary>
    public required int ProcessId { get; init; }

    /// <summary>When that process began, in clock ticks since the machine's start.</summary>
    public required long StartTime { get; init; }

    /// <summary>Which start of the machine that was.</summary>
    public required string BootId { get; init; }

    /// <summary>What the process had to say.</summary>
    public required string LogPath { get; init; }
}
