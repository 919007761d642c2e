using System.Runtime.CompilerServices;
using ImageCache.Engine.Fetch;
using ImageCache.Engine.Handlers;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.Requests;

namespace ImageCache.Engine.Diagnostics;

/// <summary>Looks at every need of this node and of its methods, and of an image where one is named.</summary>
/// <param name="everyMethod">What every method needs.</param>
/// <param name="methods">The methods.</param>
/// <param name="cloud">Who tells of the image.</param>
internal sealed class NodeCheck(IReadOnlyList<Need> everyMethod, MethodSelector methods, CloudConnection cloud)
{
    private const string Ready = "ready";

    /// <summary>Runs; results stream, and after those of each method comes one that sums them up.</summary>
    /// <exception cref="NotFoundException">There is no such image.</exception>
    /// <exception cref="InvalidInputException">The image's name is none, or that of several.</exception>
    public async IAsyncEnumerable<NodeCheckResult> RunAsync(
        NodeCheckRequest request, OperationMonitor monitor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using WorkProgress progress = monitor.Begin(request.Image ?? Environment.MachineName);
        ImageSubject subject = await FindAsync(request.Image, cancellationToken).ConfigureAwait(false);
        NeedCheck check = new(subject, request.Online);
        List<NodeCheckResult> common = [];
        await foreach (NodeCheckResult result in check.RunAsync(everyMethod, null, cancellationToken).ConfigureAwait(false))
        {
            common.Add(result);
            yield return result;
        }

        foreach (BaseImageHandler handler in methods.Handlers.Where(handler => request.Method is null or FetchMethod.Auto || request.Method == handler.Method))
        {
            List<NodeCheckResult> all = [.. common];
            await foreach (NodeCheckResult result in check.RunAsync(handler.Needs, handler.Method, cancellationToken).ConfigureAwait(false))
            {
                all.Add(result);
                yield return result;
            }

            yield return Summary(handler.Method, all, subject);
        }
    }

    /// <summary>The methods all of whose required needs are met, as far as they were looked at.</summary>
    public static IReadOnlyList<FetchMethod> ReadyMethods(IEnumerable<NodeCheckResult> results)
        => [.. results.Where(static result => result is { Need: Ready, Status: NodeCheckStatus.Pass }).Select(static result => result.Method).OfType<FetchMethod>()];

    private static NodeCheckResult Summary(FetchMethod method, List<NodeCheckResult> results, ImageSubject subject)
    {
        string[] unmet = [.. results.Where(IsInTheWay).Select(static result => result.Need)];
        return new NodeCheckResult
        {
            Node = Environment.MachineName,
            Method = method,
            Need = Ready,
            Description = "All that the method must have is there, as far as it was looked at.",
            Status = unmet.Length == 0 ? NodeCheckStatus.Pass : NodeCheckStatus.Fail,
            Reason = unmet.Length == 0 ? null : $"not met: {string.Join(", ", unmet)}",
            ImageId = subject.Id,
        };
    }

    private static bool IsInTheWay(NodeCheckResult result) => result is { IsRequired: true, Status: NodeCheckStatus.Fail or NodeCheckStatus.Unknown };

    // An image that does not exist is the caller's mistake; a service that does not answer is what the check is for.
    private async Task<ImageSubject> FindAsync(string? image, CancellationToken cancellationToken)
    {
        if (image is null)
        {
            return ImageSubject.None;
        }

        try
        {
            return new ImageSubject(image, await cloud.Glance.FindOneAsync(image, cancellationToken).ConfigureAwait(false), null);
        }
        catch (ImageCacheException error) when (error is not NotFoundException and not InvalidInputException { ErrorId: not ErrorIds.CloudNotConfigured })
        {
            return new ImageSubject(image, null, error);
        }
    }
}
