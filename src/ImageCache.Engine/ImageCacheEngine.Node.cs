using ImageCache.Engine.Diagnostics;
using ImageCache.Engine.Requests;

namespace ImageCache.Engine;

/// <content>What this node has for preparing base images.</content>
public sealed partial class ImageCacheEngine
{
    /// <summary>
    /// Looks at every need of every method: whether it is met, why not, and what to do. Nothing is changed, and no service is asked unless the
    /// request says so or names an image. Results stream.
    /// </summary>
    /// <exception cref="NotFoundException">There is no such image.</exception>
    public IAsyncEnumerable<NodeCheckResult> CheckNodeAsync(NodeCheckRequest request, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _parts.NodeCheck.RunAsync(request, Require(monitor), cancellationToken);
    }

    /// <summary>The methods by which images can be prepared, as far as a check went: each of their required needs is met, and so are the node's own.</summary>
    /// <param name="results">All results of one check.</param>
    public static IReadOnlyList<FetchMethod> ReadyMethods(IEnumerable<NodeCheckResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        return NodeCheck.ReadyMethods(results);
    }
}
