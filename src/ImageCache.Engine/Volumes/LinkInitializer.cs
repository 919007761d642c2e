using System.Runtime.CompilerServices;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Volumes;

/// <summary>
/// After a restart: brings back the links whose view is gone, and lets go what is held without a link, so that there are as many
/// attachments of ours as links.
/// </summary>
internal sealed class LinkInitializer(
    CacheDirectory directory, CacheReader cache, RecordStore records, TemporaryDirectoryFactory temporaries, VolumeLinks links, StrayClones strayClones)
{
    public async IAsyncEnumerable<InitializationResult> RunAsync(bool dryRun, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        bool hadClones = directory.Guard(() => links.Names().Any(name => links.Find(name) is { ClonedFrom: not null }));
        List<string> names = directory.Guard(() => links.Names()
            .Concat(records.Names().Where(name => cache.Find(name) is { State: BaseImageState.Linked }))
            .Distinct().Order(StringComparer.Ordinal).ToList());
        foreach (string baseName in names)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (InitializationResult result in await directory
                .GuardAsync(() => CheckAsync(baseName, dryRun, cancellationToken)).ConfigureAwait(false))
            {
                yield return result;
            }
        }

        await foreach (InitializationResult result in strayClones.RemoveAsync(hadClones, dryRun, cancellationToken).ConfigureAwait(false))
        {
            yield return result;
        }
    }

    private async Task<IReadOnlyList<InitializationResult>> CheckAsync(string baseName, bool dryRun, CancellationToken cancellationToken)
    {
        using BaseFileLock? held = dryRun
            ? null
            : await BaseFileLock.AcquireAsync(directory.Layout.LockPath(baseName), null, cancellationToken).ConfigureAwait(false);
        try
        {
            return !links.IsLinked(baseName)
                ? await ReleaseAsync(baseName, dryRun, cancellationToken).ConfigureAwait(false)
                : await ReviveAsync(baseName, dryRun, cancellationToken).ConfigureAwait(false);
        }
        catch (ImageCacheException e)
        {
            return [About(baseName, InitializationAction.Reported, $"{e.Message} {e.NextStep}".Trim())];
        }
    }

    private async Task<IReadOnlyList<InitializationResult>> ReleaseAsync(string baseName, bool dryRun, CancellationToken cancellationToken)
    {
        // Somebody may have removed it meanwhile.
        if (links.Find(baseName) is not { } hold)
        {
            return [];
        }

        if (!dryRun)
        {
            await links.ReleaseAsync(baseName, cancellationToken).ConfigureAwait(false);
        }

        return [About(baseName, InitializationAction.RemovedLeftover, $"volume '{hold.VolumeId}' was held for it, and nothing links to the volume") with { Id = hold.ImageId }];
    }

    private async Task<IReadOnlyList<InitializationResult>> ReviveAsync(string baseName, bool dryRun, CancellationToken cancellationToken)
    {
        ImageRecord? record = records.Read(baseName).Record;
        if (dryRun)
        {
            return [await links.IsAliveAsync(baseName, cancellationToken).ConfigureAwait(false)
                ? About(baseName, InitializationAction.Kept, "linked")
                : About(baseName, InitializationAction.Relinked, "the view of its volume is gone")];
        }

        (RecordedLink link, bool isNew) = await links.ReviveAsync(baseName, record, cancellationToken).ConfigureAwait(false);
        await NoteAsync(baseName, link, cancellationToken).ConfigureAwait(false);
        List<InitializationResult> results =
        [
            record is null
                ? About(baseName, InitializationAction.Reported, "the link can be read, but no record tells of it; remove the image, then fetch it")
                : About(baseName, isNew ? InitializationAction.Relinked : InitializationAction.Kept, isNew ? "its view, or the attachment of its volume, was gone" : "linked"),
        ];
        return [.. results, .. await StraysAsync(baseName, isNew, cancellationToken).ConfigureAwait(false)];
    }

    // A link that can be read is worth more than knowing of strays: where Cinder is away, the next time does it.
    private async Task<IReadOnlyList<InitializationResult>> StraysAsync(string baseName, bool wasGone, CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<string> strays = await links.RemoveStraysAsync(baseName, cancellationToken).ConfigureAwait(false);
            return [.. strays.Select(id => About(baseName, InitializationAction.RemovedLeftover, $"attachment '{id}' was ours, and no link has it"))];
        }
        catch (Exception e) when (!wasGone && e is UnavailableException or InvalidInputException)
        {
            return [];
        }
        catch (UnavailableException e)
        {
            return [About(baseName, InitializationAction.Reported, $"whether it has attachments that no link has was not to be found out: {e.Message}")];
        }
    }

    private async Task NoteAsync(string baseName, RecordedLink link, CancellationToken cancellationToken)
    {
        if (records.Read(baseName) is { State: RecordState.Valid, Record: { } record } && record.Link != link)
        {
            using TemporaryDirectory temporary = await temporaries.CreateAsync(cancellationToken).ConfigureAwait(false);
            records.Write(VolumeLinks.Note(record, link), temporary, durable: true);
        }
    }

    private InitializationResult About(string baseName, InitializationAction action, string reason)
    {
        ImageRecord? record = records.Read(baseName).Record;
        return new InitializationResult
        {
            Id = record?.Id,
            Name = record?.Descriptor.Name,
            Node = Environment.MachineName,
            Path = directory.Layout.BasePath(baseName),
            Action = action,
            Reason = reason,
        };
    }
}
