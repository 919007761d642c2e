using ImageCache.Engine.Configuration;
using ImageCache.Engine.Life.Critical;
using ImageCache.Engine.Life.Popularity;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Life.Precache;

/// <summary>Finds the images that a request means, the most wanted first. Glance is asked only for what this node does not know.</summary>
internal sealed class PrecacheChooser(
    ImageCacheConfiguration configuration, PopularityTeller popularity, CriticalStore criticals, CacheReader cache, CloudConnection cloud)
{
    private readonly PrecacheTaste _taste = new(configuration);

    /// <summary>The candidates, each once.</summary>
    public async Task<IReadOnlyList<PrecacheChoice>> ChooseAsync(PrecacheRequest request, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        List<PrecacheChoice> found = request.IsByPopularity
            ? await ByPopularityAsync(request, monitor, cancellationToken).ConfigureAwait(false)
            : await NamedAsync(request, monitor, cancellationToken).ConfigureAwait(false);
        IEnumerable<PrecacheChoice> once = found.DistinctBy(static candidate => candidate.Image?.Id ?? candidate.Request.Subject);
        return [.. once.Take(request.First ?? (request.IsByPopularity ? configuration.PrecacheCount : int.MaxValue))];
    }

    private async Task<List<PrecacheChoice>> NamedAsync(PrecacheRequest request, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        List<FetchRequest> wanted = [.. request.Images.Select(image => RequestFor(image, request))];
        List<PrecacheChoice> found = [.. await LookAsync(wanted, request, cancellationToken).ConfigureAwait(false)];
        if (request.Critical)
        {
            found.AddRange(Criticals(request, monitor));
        }

        if (request.Query is { } query)
        {
            found.AddRange(await QueryAsync(query, request, monitor, cancellationToken).ConfigureAwait(false));
        }

        return found;
    }

    // Known from when they were registered, so that nobody need be asked.
    private IEnumerable<PrecacheChoice> Criticals(PrecacheRequest request, OperationMonitor monitor)
    {
        CriticalReading reading = criticals.Read();
        if (!reading.IsComplete)
        {
            monitor.Warn($"The list of critical images cannot be read whole: {reading.Reason}");
        }

        return reading.Images.Values
            .OrderBy(static entry => entry.RegisteredAt)
            .Select(entry => new PrecacheChoice(Adapt(entry.ToRequest(), request), entry.Descriptor, IsPresent(entry.Id)));
    }

    private static FetchRequest Adapt(FetchRequest registered, PrecacheRequest request) => registered with
    {
        Method = request.Method ?? registered.Method,
        RequireSignature = request.RequireSignature || registered.RequireSignature,
    };

    // The most popular of what was found first; what nobody used yet follows as Glance lists it.
    private async Task<IEnumerable<PrecacheChoice>> QueryAsync(
        FindRequest query, PrecacheRequest request, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        List<ImageDescriptor> images = [];
        await foreach (ImageDescriptor image in cloud.Glance.ListAsync(query, cancellationToken).ConfigureAwait(false))
        {
            images.Add(image);
        }

        IReadOnlyList<ImagePopularity> ranked = await popularity
            .TellAsync(new PopularityRequest { Imported = request.Imported }, monitor, cancellationToken)
            .ConfigureAwait(false);
        Dictionary<string, int> rankOf = ranked.ToDictionary(static image => image.BaseName, static image => image.Rank, StringComparer.Ordinal);
        return images
            .OrderBy(image => rankOf.GetValueOrDefault(CacheLayout.BaseName(image.Id), int.MaxValue))
            .Select(image => new PrecacheChoice(RequestFor(image.Id, request), image, IsPresent(image.Id)));
    }

    private async Task<List<PrecacheChoice>> ByPopularityAsync(PrecacheRequest request, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        int count = request.First ?? configuration.PrecacheCount;
        IReadOnlyList<ImagePopularity> ranked = await popularity
            .TellAsync(new PopularityRequest { Imported = request.Imported }, monitor, cancellationToken)
            .ConfigureAwait(false);
        Queue<ImagePopularity> rest = new(ranked.Where(CanBeBrought).Where(image => _taste.Wants(image.Owner, image.Visibility) != false));
        List<PrecacheChoice> found = [];
        while (found.Count < count && rest.Count > 0)
        {
            List<ImagePopularity> next = [];
            while (next.Count < count - found.Count && rest.TryDequeue(out ImagePopularity? image))
            {
                next.Add(image);
            }

            IReadOnlyList<PrecacheChoice> looked = await LookAsync([.. next.Select(image => RequestFor(image.Id!, request))], request, cancellationToken).ConfigureAwait(false);
            found.AddRange(looked.Zip(next)
                .Where(pair => pair.First.Error is not null || pair.First.IsPresent
                    || _taste.Wants(pair.First.Image?.Owner ?? pair.Second.Owner, pair.First.Image?.Visibility ?? pair.Second.Visibility) != false)
                .Select(static pair => pair.First));
        }

        return found;
    }

    // An image without an id cannot be asked for; one that is known by its digest came from a URI, which nobody keeps once it is gone.
    private bool CanBeBrought(ImagePopularity image) => image.Id is { } id && (IsPresent(id) || !ImageDigest.TryParse(id, out _));

    private async Task<IReadOnlyList<PrecacheChoice>> LookAsync(List<FetchRequest> wanted, PrecacheRequest request, CancellationToken cancellationToken)
    {
        PrecacheChoice[] found = new PrecacheChoice[wanted.Count];
        ParallelOptions options = new() { MaxDegreeOfParallelism = request.ThrottleLimit ?? configuration.ThrottleLimit, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, wanted.Count, options, async (index, token) =>
            found[index] = await LookAsync(wanted[index], token).ConfigureAwait(false)).ConfigureAwait(false);
        return found;
    }

    private async ValueTask<PrecacheChoice> LookAsync(FetchRequest wanted, CancellationToken cancellationToken)
    {
        string reference = wanted.Image!;
        if (cache.Resolve(reference) is [{ HoldsData: true, Record: { SourceDigest: not null } record }])
        {
            return new PrecacheChoice(wanted, record.Descriptor, IsPresent: true);
        }

        try
        {
            ImageDescriptor image = await cloud.Glance.FindOneAsync(reference, cancellationToken).ConfigureAwait(false);
            return new PrecacheChoice(wanted with { Image = image.Id }, image, IsPresent(image.Id));
        }
        catch (ImageCacheException e)
        {
            return new PrecacheChoice(wanted, null, IsPresent: false, e);
        }
    }

    private bool IsPresent(string imageId) => cache.Find(CacheLayout.BaseName(imageId)) is { HoldsData: true, Record: not null };

    private static FetchRequest RequestFor(string image, PrecacheRequest request)
        => new() { Image = image, Method = request.Method, RequireSignature = request.RequireSignature, IsUpkeep = true };
}
