using System.Runtime.CompilerServices;
using ImageCache.Engine.Ceph;
using ImageCache.Engine.Diagnostics;
using ImageCache.Engine.Transfer;
using Microsoft.Extensions.Logging;

namespace ImageCache.Engine.Handlers;

/// <summary>Reads an image's snapshot straight from Ceph; Glance gives the record only.</summary>
internal sealed class RbdExportHandler(CephConnector connector, ILogger logger) : BaseImageHandler
{
    private readonly CephNode _node = connector.Node;

    public override FetchMethod Method => FetchMethod.RbdExport;

    public override BaseImageMethod RecordedAs => BaseImageMethod.RbdExport;

    public override void Prepare() => connector.Begin();

    public override IReadOnlyList<Need> Needs =>
    [
        .. _node.Needs,
        new NodeProbe("ceph-cluster", "The cluster lets this node's user in.", AskClusterAsync) { After = ["ceph-keyring"] },
        new ImageNeed("rbd-location", "Glance tells where in Ceph the image lies, and that is allowed.", Location),
        new ImageProbe("rbd-snapshot", "The image can be opened in this node's cluster.", OpenAsync) { After = ["ceph-cluster", "rbd-location"] },
    ];

    public override async Task<IByteSource> FetchAsync(ImageDescriptor image, CancellationToken cancellationToken)
    {
        List<RbdLocation> locations = Usable(image, out _);
        if (!_node.HasLibrary())
        {
            return await OpenByCommandAsync(image, locations, cancellationToken).ConfigureAwait(false);
        }

        CephConnection connection = await connector.ConnectAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            List<RbdLocation> here = InCluster(connection.Fsid, image, locations);
            CephSnapshot snapshot = await OpenFirstAsync(here, connection.OpenAsync, cancellationToken).ConfigureAwait(false);
            if (WhyWrong(image, snapshot.Size) is { } wrong)
            {
                await CephConnection.CloseAsync(snapshot.Dispose).ConfigureAwait(false);
                throw wrong;
            }

            CephLog.Reading(logger, snapshot.Location, connection.Fsid, _node.User, snapshot.Size, snapshot.ObjectSize);
            return new RbdByteSource(connector, connection, snapshot);
        }
        catch
        {
            connector.CloseSoon(() => connection.DisposeAsync().AsTask());
            throw;
        }
    }

    private NeedAnswer Location(ImageDescriptor image)
        => !image.Locations.Any(RbdLocation.IsRbd)
            ? NeedAnswer.Fail(
                "Glance tells no rbd:// location of it (the data lie in another store, or show_image_direct_url is off)",
                "Set show_image_direct_url in glance-api.conf where Glance keeps its images in Ceph.")
            : Usable(image, out string? reason) is [{ } first, ..] ? NeedAnswer.Pass(first.ToString()) : NeedAnswer.Fail(reason!);

    private async Task<NeedAnswer> AskClusterAsync(CancellationToken cancellationToken)
    {
        if (!_node.HasLibrary())
        {
            return NeedAnswer.Pass($"cluster {await new RbdCommand(_node).FsidAsync(cancellationToken).ConfigureAwait(false)}, as {_node.User}");
        }

        CephConnection connection = await connector.ConnectAsync(cancellationToken).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closed = connection.ConfigureAwait(false);
        return NeedAnswer.Pass($"cluster {connection.Fsid}, as {_node.User}");
    }

    private async Task<NeedAnswer> OpenAsync(ImageDescriptor image, CancellationToken cancellationToken)
    {
        IByteSource bytes = await FetchAsync(image, cancellationToken).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closed = bytes.ConfigureAwait(false);
        return NeedAnswer.Pass($"{bytes.Length} bytes can be read");
    }

    private async Task<IByteSource> OpenByCommandAsync(ImageDescriptor image, List<RbdLocation> locations, CancellationToken cancellationToken)
    {
        RbdCommand command = new(_node);
        string fsid = await command.FsidAsync(cancellationToken).ConfigureAwait(false);
        List<RbdLocation> here = InCluster(fsid, image, locations);
        (RbdLocation location, SnapshotFacts snapshot) = await OpenFirstAsync(
            here,
            async (place, token) => (place, await command.FindAsync(place, token).ConfigureAwait(false)),
            cancellationToken).ConfigureAwait(false);
        return WhyWrong(image, snapshot.Size) is { } wrong ? throw wrong : new RbdCommandByteSource(_node, command, location, snapshot);
    }

    private static ImageCacheException? WhyWrong(ImageDescriptor image, long size)
    {
        if ((image.Size ?? size) != size)
        {
            return new VerificationException(
                ErrorIds.SizeMismatch,
                $"The data of image '{image.Id}' in Ceph have {size} bytes instead of {image.Size}. Nothing was kept.",
                image.Id,
                "Compare the image's data in its store with its record.");
        }

        return size == 0
            ? new NotFoundException(ErrorIds.ImageDataNotFound, $"Image '{image.Id}' has no data.", image.Id, "Upload data to it.")
            : null;
    }

    private List<RbdLocation> InCluster(string fsid, ImageDescriptor image, List<RbdLocation> locations)
    {
        List<RbdLocation> here = [.. locations.Where(location => string.Equals(location.Fsid, fsid, StringComparison.OrdinalIgnoreCase))];
        string others = string.Join(", ", locations.Select(static location => location.Fsid).Distinct());
        return here.Count > 0 ? here : throw new PolicyException(
            ErrorIds.OtherCluster,
            $"The data of image '{image.Id}' lie in the Ceph cluster {others}; '{_node.ConfigurationPath()}' leads to the cluster {fsid}.",
            image.Id,
            "Set rbd_ceph_conf to the ceph.conf of the cluster that holds the image, or use Auto or Download.");
    }

    // Glance keeps several copies, and one may be as good as another.
    private static async Task<T> OpenFirstAsync<T>(
        List<RbdLocation> here, Func<RbdLocation, CancellationToken, Task<T>> open, CancellationToken cancellationToken)
    {
        for (int i = 0; ; i++)
        {
            try
            {
                return await open(here[i], cancellationToken).ConfigureAwait(false);
            }
            catch (ImageCacheException) when (i + 1 < here.Count)
            {
                // The last one's error is told.
            }
        }
    }

    private List<RbdLocation> Usable(ImageDescriptor image, out string? reason)
    {
        List<RbdLocation> usable = [];
        List<string> reasons = [];
        foreach (string url in image.Locations.Where(RbdLocation.IsRbd))
        {
            if (!RbdLocation.TryParse(url, out RbdLocation? location, out string? why))
            {
                reasons.Add($"its location cannot be used: {why}");
            }
            else if (!_node.Allows(location.Pool))
            {
                reasons.Add($"its pool '{location.Pool}' is not one of rbd_pools");
            }
            else
            {
                usable.Add(location);
            }
        }

        reason = reasons.Count == 0 ? null : string.Join("; ", reasons.Distinct());
        return usable;
    }
}
