using System.Runtime.CompilerServices;
using ImageCache.Engine.Life.Critical;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life;

/// <summary>
/// Reads the files of a cache again, one after the other, and tells of each what it found. Every proof is kept when it is made, so that
/// what was done counts when the rest is interrupted.
/// </summary>
internal sealed class IntegrityScan(
    CacheDirectory directory, CacheReader cache, RecordStore records, CriticalStore criticals, IntegrityCheck check, EventLog events, TimeProvider time)
{
    public async IAsyncEnumerable<IntegrityResult> RunAsync(
        VerifyRequest request, OperationMonitor monitor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        directory.RequireReadable();
        List<string> names = directory.Guard(() => request.Image is { } image ? Named(image) : [.. EveryName()]);
        List<IntegrityCandidate> due = directory.Guard(
            () => IntegrityOrder.Due(names.Select(Candidate), request.OlderThan, time.GetUtcNow()).ToList());
        IntegrityRun run = new(monitor, request.AskGlance);
        foreach (IntegrityCandidate candidate in due)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (await directory.GuardAsync(() => check.RunAsync(candidate.BaseName, run, cancellationToken)).ConfigureAwait(false) is { } result)
            {
                Note(result);
                yield return result;
            }
        }
    }

    private IEnumerable<string> EveryName() => cache.Names().Concat(records.Names()).Concat(criticals.Look().Images.Keys).Distinct();

    private List<string> Named(string image)
    {
        List<string> names = [.. cache.NamesOf(image)];
        names = names.Count > 0 ? names : [.. CriticalNames(image)];
        return names.Count switch
        {
            1 => names,
            0 => throw new NotFoundException(
                ErrorIds.ImageNotCached,
                $"The cache '{directory.Layout.CachePath}' neither holds the image '{image}' nor a record of it.",
                image,
                "'imagecache list' (Get-BaseImage) shows what it holds; 'imagecache fetch' (Invoke-ImageFetch) brings an image."),
            _ => throw new InvalidInputException(
                ErrorIds.AmbiguousImage,
                $"Several images of the cache are named '{image}': {string.Join(", ", names.Select(name => records.Read(name).Record?.Id ?? name))}.",
                image,
                "Name the one you mean by its id."),
        };
    }

    private IEnumerable<string> CriticalNames(string image)
        => criticals.Look().Images
            .Where(critical => critical.Key == image || critical.Value.Id == image || critical.Value.Descriptor.Name == image)
            .Select(static critical => critical.Key);

    private IntegrityCandidate Candidate(string baseName)
        => new(baseName, cache.Find(baseName)?.Proof is { IsIntact: true } proof ? proof.At : null);

    private void Note(IntegrityResult result)
    {
        if (result.Status is IntegrityStatus.Damaged or IntegrityStatus.Missing)
        {
            events.Append(events.New(result.Status == IntegrityStatus.Damaged ? "damaged" : "missing") with
            {
                ImageId = result.Id,
                Name = result.Name,
                Path = result.Path,
                Digest = result.Actual,
                Reason = result.Reason,
            });
        }
    }
}
