namespace ImageCache.Engine.Volumes;

/// <summary>Shows connected volumes as files of exact size; one directory for each, and one caller at a time.</summary>
internal interface IVolumeViews
{
    /// <summary>Begins a view, or finds that it is there already, and returns when it can be read.</summary>
    /// <exception cref="UnavailableException">It did not begin; nothing is left of it.</exception>
    Task<VolumeExport> StartAsync(VolumeExportRequest request, CancellationToken cancellationToken);

    /// <summary>Whether a view is still the one that was recorded, and can be read.</summary>
    Task<bool> IsRunningAsync(VolumeExport export, CancellationToken cancellationToken);

    /// <summary>Ends the view of a directory, if there is one, and takes the directory away. May be repeated, also after a kill.</summary>
    /// <exception cref="UnavailableException">Something of it stays.</exception>
    Task StopAsync(string directory, CancellationToken cancellationToken);
}
