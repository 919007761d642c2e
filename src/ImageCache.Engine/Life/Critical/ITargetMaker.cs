namespace ImageCache.Engine.Life.Critical;

/// <summary>Makes targets: copy-on-write disks of one size on a base image, which later disks share.</summary>
internal interface ITargetMaker
{
    /// <summary>Sees to it that there is a target.</summary>
    /// <exception cref="ImageCacheException">It cannot be made.</exception>
    Task EnsureAsync(string baseName, long size, OperationMonitor monitor, CancellationToken cancellationToken);
}
