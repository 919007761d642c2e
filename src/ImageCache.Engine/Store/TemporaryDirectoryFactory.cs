namespace ImageCache.Engine.Store;

/// <summary>Makes private directories in one cache.</summary>
internal sealed class TemporaryDirectoryFactory(CacheLayout layout)
{
    public Task<TemporaryDirectory> CreateAsync(CancellationToken cancellationToken) => TemporaryDirectory.CreateAsync(layout, cancellationToken);
}
