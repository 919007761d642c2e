using System.Text.Json.Nodes;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.OpenStack.Volumes;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Volumes;

/// <summary>
/// Takes a volume to this node, read-only, and lets it go: Cinder's attachment, os-brick's connection, the view. Every step is written
/// down before the next, and may be repeated after a kill. The caller holds the base file's lock.
/// </summary>
internal sealed class VolumeAttacher(CloudConnection cloud, IVolumeConnector brick, IVolumeViews views, VolumeHoldStore holds, TimeProvider time)
{
    private const int ReserveAttempts = 40;
    private static readonly TimeSpan s_betweenReserves = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan s_secondLook = TimeSpan.FromSeconds(3);

    // Ceph counts a reader that was killed as one for 30 s more (osd_client_watch_timeout), and Cinder's RBD driver leaves a copy that is
    // deleted meanwhile in the state error_deleting, out of which only an administrator gets it.
    private static readonly TimeSpan s_watch = TimeSpan.FromSeconds(35);

    // Cinder's word for an attachment that nobody has given a connector.
    private const string Reserved = "reserved";

    private string Mark => $"{brick.Node.Host}:{holds.CacheKey}";

    /// <summary>Makes and deletes this node's own copies of volumes.</summary>
    public VolumeCloner Cloner => field ??= new VolumeCloner(cloud, Mark);

    /// <summary>Takes a volume.</summary>
    /// <returns>What is held now, with its view.</returns>
    /// <exception cref="ImageCacheException">It cannot be had; what was taken is still held.</exception>
    public async Task<VolumeHold> TakeAsync(VolumeHold wanted, CinderVolume volume, CancellationToken cancellationToken)
    {
        CinderClient cinder = cloud.Cinder;
        JsonObject connector = await brick.DescribeNodeAsync(cancellationToken).ConfigureAwait(false);
        if (wanted.ClonedFrom is not null)
        {
            (wanted, volume) = await CloneAsync(wanted, cancellationToken).ConfigureAwait(false);
        }

        IReadOnlyList<CinderAttachment> others = await cinder.ListAttachmentsAsync(volume.Id, cancellationToken).ConfigureAwait(false);
        VolumeHold hold = Keep(wanted.Detached() with { Others = [.. others.Select(static other => other.Id)] });
        CinderAttachment attachment = await ReserveAsync(cinder, volume, cancellationToken).ConfigureAwait(false);
        hold = Keep(hold with { AttachmentId = attachment.Id });
        return await ConnectAsync(hold, connector, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Brings back what a reboot or a kill took away.</summary>
    /// <returns>What is held now, and whether anything had to be done.</returns>
    /// <exception cref="ImageCacheException">It cannot be brought back.</exception>
    public async Task<(VolumeHold Hold, bool IsNew)> ReviveAsync(VolumeHold hold, CancellationToken cancellationToken)
    {
        if (await IsAliveAsync(hold, cancellationToken).ConfigureAwait(false) && !await LacksAttachmentAsync(hold, cancellationToken).ConfigureAwait(false))
        {
            return (hold, false);
        }

        hold = hold with { ShownAgainAt = time.GetUtcNow() };
        ConnectionInfo? kept = hold.KeptConnection();
        CinderAttachment? attachment;
        try
        {
            attachment = hold.AttachmentId is { } id ? await cloud.Cinder.FindAttachmentAsync(id, cancellationToken).ConfigureAwait(false) : null;
        }
        catch (UnavailableException) when (kept is not null)
        {
            // Cinder is away; what was written down is enough.
            return (Keep(await ShowAsync(hold, kept, cancellationToken).ConfigureAwait(false)), true);
        }

        if (attachment is not null && IsFor(attachment, hold))
        {
            return (await ReconnectAsync(hold, attachment, cancellationToken).ConfigureAwait(false), true);
        }

        if (hold is { AttachmentId: null, IsClonePending: false })
        {
            await DeleteForgottenAsync(hold, cancellationToken).ConfigureAwait(false);
        }

        // A copy that is gone is made anew of the image's volume.
        CinderVolume volume = hold.ClonedFrom is null
            ? await cloud.Cinder.ShowVolumeAsync(hold.VolumeId, cancellationToken).ConfigureAwait(false)
            : await cloud.Cinder.ShowVolumeAsync(hold.ClonedFrom, cancellationToken).ConfigureAwait(false);
        return (await TakeAsync(hold, volume, cancellationToken).ConfigureAwait(false), true);
    }

    /// <summary>Lets everything go that is held for an image. Nothing held is no error.</summary>
    /// <exception cref="ImageCacheException">Something stays, and stays written down.</exception>
    public async Task ReleaseAsync(string baseName, VolumeHold hold, CancellationToken cancellationToken)
    {
        DateTimeOffset? lost = hold.View is { } view && !await views.IsRunningAsync(view, cancellationToken).ConfigureAwait(false) ? time.GetUtcNow() : hold.ShownAgainAt;
        await views.StopAsync(holds.ViewDirectory(baseName), cancellationToken).ConfigureAwait(false);
        if (!hold.IsClonePending)
        {
            await LetGoAsync(hold, cancellationToken).ConfigureAwait(false);
        }

        if (hold.ClonedFrom is not null)
        {
            await OutwaitAsync(hold, lost, cancellationToken).ConfigureAwait(false);
            await Cloner.DeleteAllAsync(hold.ImageId, keep: null, cancellationToken).ConfigureAwait(false);
        }

        holds.Delete(baseName);
    }

    /// <summary>Deletes the completed attachments of a volume that are this cache's and that no link has.</summary>
    /// <returns>Their ids.</returns>
    public async Task<IReadOnlyList<string>> RemoveStraysAsync(VolumeHold hold, string? keep, CancellationToken cancellationToken)
    {
        List<string> removed = [];
        foreach (VolumeUse use in await cloud.Cinder.ListOursAsync(hold.VolumeId, Mark, cancellationToken).ConfigureAwait(false))
        {
            if (use.AttachmentId != keep && await cloud.Cinder.DeleteAttachmentAsync(use.AttachmentId, cancellationToken).ConfigureAwait(false))
            {
                removed.Add(use.AttachmentId);
            }
        }

        return removed;
    }

    /// <summary>Whether the view can be read, and the device below it is there.</summary>
    public async Task<bool> IsAliveAsync(VolumeHold hold, CancellationToken cancellationToken)
        => hold is { View: { } view, Connected: { } connected }
            && (connected.Path is not { } path || File.Exists(path))
            && await views.IsRunningAsync(view, cancellationToken).ConfigureAwait(false);

    private async Task<VolumeHold> ReconnectAsync(VolumeHold hold, CinderAttachment attachment, CancellationToken cancellationToken)
    {
        if (attachment.Connection is not { } connection)
        {
            JsonObject connector = await brick.DescribeNodeAsync(cancellationToken).ConfigureAwait(false);
            return await ConnectAsync(hold, connector, cancellationToken).ConfigureAwait(false);
        }

        if (attachment.Status != CinderAttachment.Attached)
        {
            await cloud.Cinder.CompleteAsync(attachment.Id, cancellationToken).ConfigureAwait(false);
        }

        return Keep(await ShowAsync(hold, connection, cancellationToken).ConfigureAwait(false));
    }

    private async Task<VolumeHold> ConnectAsync(VolumeHold hold, JsonObject connector, CancellationToken cancellationToken)
    {
        CinderAttachment attachment = await cloud.Cinder.UpdateAttachmentAsync(hold.AttachmentId!, connector, Mark, cancellationToken).ConfigureAwait(false);
        hold = await ShowAsync(hold, attachment.Connection!, cancellationToken).ConfigureAwait(false);

        // A view that is written down counts as all there is to do.
        await cloud.Cinder.CompleteAsync(hold.AttachmentId!, cancellationToken).ConfigureAwait(false);
        return Keep(hold);
    }

    // Somebody deleted it, or it was never completed: the view goes on, and the volume is attached anew below it before somebody else has it.
    private async Task<bool> LacksAttachmentAsync(VolumeHold hold, CancellationToken cancellationToken)
    {
        try
        {
            return hold.AttachmentId is not { } id
                || await cloud.Cinder.FindAttachmentAsync(id, cancellationToken).ConfigureAwait(false) is not { } attachment
                || !IsFor(attachment, hold) || attachment.Status != CinderAttachment.Attached;
        }
        catch (Exception e) when (e is UnavailableException or InvalidInputException)
        {
            return false;
        }
    }

    private async Task<VolumeHold> ShowAsync(VolumeHold hold, ConnectionInfo connection, CancellationToken cancellationToken)
    {
        RequireRaw(hold, connection);
        string baseName = CacheLayout.BaseName(hold.ImageId);
        ConnectionInfo kept = connection.ForRecord();
        hold = Keep(hold with { Connection = kept.Reveal(), IsConnectionComplete = kept.IsComplete });
        ConnectedVolume connected = await brick.ConnectAsync(hold.VolumeId, connection, cancellationToken).ConfigureAwait(false);
        hold = Keep(hold with { Connected = connected });
        VolumeExport view = await views
            .StartAsync(new VolumeExportRequest(holds.ViewDirectory(baseName), connected, hold.Size), cancellationToken)
            .ConfigureAwait(false);
        return hold with { View = view };
    }

    private async Task OutwaitAsync(VolumeHold hold, DateTimeOffset? lost, CancellationToken cancellationToken)
    {
        if (hold.Connected is { Kind: ConnectedKind.Rbd } && lost + s_watch - time.GetUtcNow() is { } left && left > TimeSpan.Zero)
        {
            await Task.Delay(left < s_watch ? left : s_watch, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task LetGoAsync(VolumeHold hold, CancellationToken cancellationToken)
    {
        if (hold.AttachmentId is { } id)
        {
            await DetachAsync(hold, id, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await DeleteForgottenAsync(hold, cancellationToken).ConfigureAwait(false);
        }

        await RemoveStraysAsync(hold, keep: null, cancellationToken).ConfigureAwait(false);
    }

    // That there may be a copy is written down before it is asked for, and which one before it is waited for.
    private async Task<(VolumeHold Hold, CinderVolume Copy)> CloneAsync(VolumeHold wanted, CancellationToken cancellationToken)
    {
        CinderVolume? copy = wanted.IsClonePending ? null : await Cloner.FindAsync(wanted.ImageId, wanted.VolumeId, cancellationToken).ConfigureAwait(false);
        if (copy is null)
        {
            VolumeHold hold = Keep(wanted.Detached() with { VolumeId = wanted.ClonedFrom! });
            copy = await Cloner.MakeAsync(hold.ImageId, hold.VolumeId, cancellationToken).ConfigureAwait(false);
            wanted = Keep(hold with { VolumeId = copy.Id });
        }

        return (wanted, await Cloner.WaitAsync(copy, cancellationToken).ConfigureAwait(false));
    }

    // Another node of ours that attaches at the same moment is done soon; Cinder refuses everybody else meanwhile.
    private async Task<CinderAttachment> ReserveAsync(CinderClient cinder, CinderVolume volume, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await cinder.ReserveAsync(volume.Id, cancellationToken).ConfigureAwait(false);
            }
            catch (BusyException) when (volume.IsMultiattach && attempt < ReserveAttempts)
            {
                await Task.Delay(s_betweenReserves, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task DetachAsync(VolumeHold hold, string id, CancellationToken cancellationToken)
    {
        CinderAttachment? attachment = await cloud.Cinder.FindAttachmentAsync(id, cancellationToken).ConfigureAwait(false);
        if (attachment is not null && !IsFor(attachment, hold))
        {
            return;
        }

        ConnectionInfo? kept = hold.KeptConnection();
        if (hold.Connection is not null && (attachment?.Connection ?? kept) is { } connection)
        {
            await brick.DisconnectAsync(hold.VolumeId, connection, hold.Connected, force: true, cancellationToken).ConfigureAwait(false);
        }

        if (attachment is not null)
        {
            await cloud.Cinder.DeleteAttachmentAsync(id, cancellationToken).ConfigureAwait(false);
        }
    }

    // We were killed between Cinder's reservation and its answer. What is reserved, was not there before, has no connector, is no instance's
    // and stays so is ours: whoever else attaches is further by the second look.
    private async Task DeleteForgottenAsync(VolumeHold hold, CancellationToken cancellationToken)
    {
        HashSet<string> first = await ForgottenAsync(hold, cancellationToken).ConfigureAwait(false);
        if (first.Count == 0)
        {
            return;
        }

        await Task.Delay(s_secondLook, time, cancellationToken).ConfigureAwait(false);
        first.IntersectWith(await ForgottenAsync(hold, cancellationToken).ConfigureAwait(false));
        foreach (string id in first)
        {
            await cloud.Cinder.DeleteAttachmentAsync(id, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<HashSet<string>> ForgottenAsync(VolumeHold hold, CancellationToken cancellationToken)
    {
        IReadOnlyList<CinderAttachment> all = await cloud.Cinder.ListAttachmentsAsync(hold.VolumeId, cancellationToken).ConfigureAwait(false);
        return
        [
            .. all.Where(found => found is { Status: Reserved, InstanceId: null, Connection: null } && !hold.Others.Contains(found.Id))
                .Select(static found => found.Id),
        ];
    }

    // What was written down is believed only as far as Cinder agrees.
    private static bool IsFor(CinderAttachment attachment, VolumeHold hold)
        => attachment.InstanceId is null && string.Equals(attachment.VolumeId, hold.VolumeId, StringComparison.OrdinalIgnoreCase);

    private static void RequireRaw(VolumeHold hold, ConnectionInfo connection)
    {
        if (connection.Format is not (null or "raw"))
        {
            throw new UnavailableException(
                ErrorIds.MethodUnavailable,
                $"Volume '{hold.VolumeId}', which holds the image '{hold.ImageId}', is a {connection.Format} file: its bytes are not the image's.",
                hold.ImageId,
                "Use Auto or Download.",
                category: FailureCategory.ResourceUnavailable);
        }
    }

    private VolumeHold Keep(VolumeHold hold)
    {
        holds.Write(hold);
        return hold;
    }
}
