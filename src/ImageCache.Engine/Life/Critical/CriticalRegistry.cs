using ImageCache.Engine.Configuration;
using ImageCache.Engine.Fetch;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Sources;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Critical;

/// <summary>Takes images into the critical set and out of it. Files are neither brought nor removed here.</summary>
internal sealed class CriticalRegistry(
    ImageCacheConfiguration configuration,
    CacheDirectory directory,
    CacheReader cache,
    CriticalStore store,
    AccessPolicy access,
    TemporaryDirectoryFactory temporaries,
    EventLog events,
    TimeProvider time)
{
    /// <summary>Registers an image; one that is registered already is registered anew, as it is asked for now.</summary>
    /// <exception cref="ImageCacheException">There is no such image, policy refuses it, or the list cannot be written.</exception>
    public async Task<CriticalEntry> AddAsync(CriticalRequest request, GlanceReach reach, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        directory.RequireWritable();
        store.Require();
        CriticalEntry entry = await ResolveAsync(request, reach, monitor, cancellationToken).ConfigureAwait(false);
        await access
            .RequireAsync(new ResolvedImage(entry.Descriptor, ImageOrigin.Registered), entry.ToRequest(), cancellationToken)
            .ConfigureAwait(false);
        return await AddAsync(entry, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds an entry, in place of the one that the image has.</summary>
    public async Task<CriticalEntry> AddAsync(CriticalEntry entry, CancellationToken cancellationToken)
    {
        await ChangeAsync(entries =>
        {
            CriticalEntry? former = entries.FirstOrDefault(other => other.Id == entry.Id);
            entry = entry with { RegisteredAt = former?.RegisteredAt ?? entry.RegisteredAt, SyncedAt = former?.SyncedAt };
            return [.. entries.Where(other => other.Id != entry.Id), entry];
        }, cancellationToken).ConfigureAwait(false);
        Tell("criticalRegistered", entry);
        return entry;
    }

    /// <summary>Takes an image out of the set; its file stays.</summary>
    /// <exception cref="NotFoundException">It is not in the set.</exception>
    public async Task RemoveAsync(CriticalEntry entry, CancellationToken cancellationToken)
    {
        directory.RequireWritable();
        bool wasThere = false;
        await ChangeAsync(entries =>
        {
            wasThere = entries.Any(other => other.Id == entry.Id);
            return wasThere ? [.. entries.Where(other => other.Id != entry.Id)] : entries;
        }, cancellationToken).ConfigureAwait(false);
        if (!wasThere)
        {
            throw NotRegistered(entry.Id);
        }

        Tell("criticalUnregistered", entry);
    }

    /// <summary>Notes what became of entries since they were read; who was taken out meanwhile stays out.</summary>
    public Task NoteAsync(IReadOnlyList<CriticalEntry> noted, CancellationToken cancellationToken)
        => ChangeAsync(entries => [.. entries.Select(entry => noted.FirstOrDefault(other => other.Id == entry.Id) is { } now
            ? entry with { Descriptor = now.Descriptor, SyncedAt = now.SyncedAt }
            : entry)], cancellationToken);

    /// <summary>The entries that a user means: an id, or a name; all of them when nothing is named.</summary>
    /// <exception cref="NotFoundException">None is meant.</exception>
    /// <exception cref="InvalidInputException">Several have the name.</exception>
    public IReadOnlyList<CriticalEntry> Select(string? image)
    {
        directory.RequireReadable();
        IReadOnlyCollection<CriticalEntry> all = [.. store.Require().Images.Values.OrderBy(static entry => entry.Descriptor.Name, StringComparer.Ordinal).ThenBy(static entry => entry.Id, StringComparer.Ordinal)];
        if (image is null)
        {
            return [.. all];
        }

        List<CriticalEntry> found = [.. all.Where(entry => string.Equals(entry.Id, image, StringComparison.OrdinalIgnoreCase) || CacheLayout.BaseName(entry.Id) == image)];
        found = found.Count > 0 ? found : [.. all.Where(entry => entry.Descriptor.Name == image || entry.RegisteredAs == image)];
        return found.Count switch
        {
            0 => throw NotRegistered(image),
            1 => found,
            _ => throw new InvalidInputException(
                ErrorIds.AmbiguousImage,
                $"Several critical images are named '{image}': {string.Join(", ", found.Select(static entry => entry.Id))}.",
                image,
                "Name the one you mean by its id."),
        };
    }

    /// <summary>Sets a list that cannot be read aside, so that a new one can be begun.</summary>
    public async Task ResetDamagedAsync(OperationMonitor monitor, CancellationToken cancellationToken)
    {
        directory.RequireWritable();
        string? reason = await directory.GuardAsync(() => store.SetDamagedAsideAsync(time.GetUtcNow(), cancellationToken)).ConfigureAwait(false);
        if (reason is not null)
        {
            monitor.Warn($"The list of critical images could not be read ({reason.TrimEnd('.')}); it was set aside in '{directory.Layout.QuarantinePath}', and a new one is begun. What was critical must be registered again.");
            events.Append(events.New("criticalListReset") with { Reason = reason });
        }
    }

    private async Task<CriticalEntry> ResolveAsync(CriticalRequest request, GlanceReach reach, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        CacheEntry? cached = Cached(request.Image);
        if (cached?.Record is { SourceUri: { } uri } fromUri)
        {
            return EntryOf(request, fromUri.Descriptor) with { SourceUri = uri };
        }

        if (await reach.AskAsync(glance => glance.FindOneAsync(request.Image, cancellationToken)).ConfigureAwait(false) is { } image)
        {
            return EntryOf(request, image);
        }

        if (reach.Failure is not PolicyException && cached?.Record is { SourceDigest: not null } record)
        {
            monitor.Warn($"Glance cannot be asked for '{request.Image}'; it is registered as the cache recorded it: {reach.Failure!.Message}");
            return EntryOf(request, record.Descriptor);
        }

        throw reach.Error(request.Image);
    }

    private CacheEntry? Cached(string reference)
    {
        IReadOnlyList<CacheEntry> found = directory.Guard(() => cache.Resolve(reference));
        return found.Count == 1 ? found[0] : null;
    }

    private CriticalEntry EntryOf(CriticalRequest request, ImageDescriptor image) => new()
    {
        Id = image.Id,
        Descriptor = image with { IsCached = false },
        RegisteredAs = request.Image == image.Name && request.Image != image.Id ? request.Image : null,
        Method = request.Method ?? configuration.Method,
        RequireSignature = request.RequireSignature,
        TargetSizes = [.. request.TargetSizes.Select(InSectors).Distinct().Order()],
        RegisteredAt = time.GetUtcNow(),
    };

    // Disks are made of sectors, and a target's name tells its true size.
    private static long InSectors(long size)
    {
        const long Sector = 512;
        return size > long.MaxValue - Sector ? size / Sector * Sector : (size + Sector - 1) / Sector * Sector;
    }

    private async Task ChangeAsync(Func<IReadOnlyList<CriticalEntry>, IReadOnlyList<CriticalEntry>> change, CancellationToken cancellationToken)
        => await directory.GuardAsync(async () =>
        {
            await store.UpdateAsync(change, temporaries, cancellationToken).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);

    private void Tell(string what, CriticalEntry entry) => events.Append(events.New(what) with
    {
        ImageId = entry.Id,
        Name = entry.Descriptor.Name,
        Path = directory.Layout.BasePath(CacheLayout.BaseName(entry.Id)),
    });

    private NotFoundException NotRegistered(string image) => new(
        ErrorIds.ImageNotCritical,
        $"The image '{image}' is not registered as critical in the cache '{directory.Layout.CachePath}'.",
        image,
        "'imagecache critical list' (Get-CriticalImage) shows what is; 'imagecache critical register' (Register-CriticalImage) registers.");
}
