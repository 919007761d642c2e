using System.Runtime.CompilerServices;

namespace ImageCache.Engine.Diagnostics;

/// <summary>Looks at needs one after the other, and remembers which were not met: what builds on these is not tried.</summary>
/// <param name="subject">The image, if any.</param>
/// <param name="isOnline">Whether services are asked.</param>
internal sealed class NeedCheck(ImageSubject subject, bool isOnline)
{
    private readonly HashSet<string> _unmet = [];

    /// <summary>Looks at some needs; those of an image are left out when the check is about none.</summary>
    public async IAsyncEnumerable<NodeCheckResult> RunAsync(
        IReadOnlyList<Need> needs, FetchMethod? method, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (Need need in needs.Where(need => subject.Reference is not null || !IsOfImage(need)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return await RunAsync(need, method, cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool IsOfImage(Need need) => need is ImageNeed or ImageProbe;

    private async Task<NodeCheckResult> RunAsync(Need need, FetchMethod? method, CancellationToken cancellationToken)
    {
        NeedAnswer answer = await AnswerAsync(need, cancellationToken).ConfigureAwait(false);
        if (answer.Status is NodeCheckStatus.Fail or NodeCheckStatus.Unknown)
        {
            _unmet.Add(need.Name);
        }

        return new NodeCheckResult
        {
            Node = Environment.MachineName,
            Method = method,
            Need = need.Name,
            Description = need.Description,
            Status = answer.Status,
            IsRequired = need.IsRequired,
            Reason = answer.Reason,
            NextStep = answer.NextStep,
            ImageId = IsOfImage(need) ? subject.Id : null,
        };
    }

    private async Task<NeedAnswer> AnswerAsync(Need need, CancellationToken cancellationToken)
    {
        if (need is Probe { IsOnline: true } && !isOnline)
        {
            return NeedAnswer.Skipped("a service is asked only with -Online (--online)");
        }

        if (need is Probe probe && probe.After.FirstOrDefault(_unmet.Contains) is { } first)
        {
            return NeedAnswer.Unknown($"it builds on '{first}', which is not met");
        }

        if (IsOfImage(need) && subject.Image is null)
        {
            return NeedAnswer.Unknown($"Glance did not tell of the image: {subject.Failure!.Message.TrimEnd('.')}", subject.Failure.NextStep);
        }

        try
        {
            return need switch
            {
                NodeNeed node => node.Check(),
                ImageNeed image => image.Check(subject.Image!),
                NodeProbe node => await node.CheckAsync(cancellationToken).ConfigureAwait(false),
                ImageProbe image => await image.CheckAsync(subject.Image!, cancellationToken).ConfigureAwait(false),
                _ => throw new InvalidOperationException($"A need of the kind {need.GetType().Name} cannot be looked at."),
            };
        }
        catch (ImageCacheException error)
        {
            return NeedAnswer.From(error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return NeedAnswer.Fail(error.Message.TrimEnd('.'));
        }
    }
}
