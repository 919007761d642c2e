using ImageCache.Engine.Ceph;
using ImageCache.Engine.Transfer;
using Microsoft.Extensions.Logging;

namespace ImageCache.Engine.Handlers;

/// <summary>Reads an image's snapshot straight from Ceph; Glance gives the record only.</summary>
internal sealed class RbdExportHandler(CephNode node, ILogger logger) : BaseImageHandler
{
    public override FetchMethod Method => FetchMethod.RbdExport;

    public override string? WhyNot(ImageDescriptor image)
    {
        if (!image.Locations.Any(RbdLocation.IsRbd))
        {
            return "Glance tells no rbd:// location of it (the data lie in another store, or show_image_direct_url is off)";
        }

        if (Usable(image, out string? reason).Count == 0)
        {
            return reason;
        }

        IReadOnlyList<string> missing = node.Missing();
        return missing.Count == 0 ? null : string.Join("; ", missing);
    }

    public override async Task<IByteSource> FetchAsync(ImageDescriptor image, CancellationToken cancellationToken)
    {
        List<RbdLocation> locations = Usable(image, out _);
        CephConnection connection = await CephConnection.OpenAsync(node, cancellationToken).ConfigureAwait(false);
        try
        {
            CephSnapshot snapshot = await OpenFirstAsync(connection, image, locations, cancellationToken).ConfigureAwait(false);
            if (WhyWrong(image, snapshot) is { } wrong)
            {
                await CephConnection.CloseAsync(snapshot.Dispose).ConfigureAwait(false);
                throw wrong;
            }

            CephLog.Reading(logger, snapshot.Location, connection.Fsid, node.User, snapshot.Size, snapshot.ObjectSize);
            return new RbdByteSource(connection, snapshot);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static ImageCacheException? WhyWrong(ImageDescriptor image, CephSnapshot snapshot)
    {
        if ((image.Size ?? snapshot.Size) != snapshot.Size)
        {
            return new VerificationException(
                ErrorIds.SizeMismatch,
                $"The data of image '{image.Id}' in Ceph ({snapshot.Location}) have {snapshot.Size} bytes instead of {image.Size}. Nothing was kept.",
                image.Id,
                "Compare the image's data in its store with its record.");
        }

        return snapshot.Size == 0
            ? new NotFoundException(ErrorIds.ImageDataNotFound, $"Image '{image.Id}' has no data.", image.Id, "Upload data to it.")
            : null;
    }

    private static async Task<CephSnapshot> OpenFirstAsync(
        CephConnection connection, ImageDescriptor image, List<RbdLocation> locations, CancellationToken cancellationToken)
    {
        List<RbdLocation> here = [.. locations.Where(location => string.Equals(location.Fsid, connection.Fsid, StringComparison.OrdinalIgnoreCase))];
        if (here.Count == 0)
        {
            string others = string.Join(", ", locations.Select(static location => location.Fsid).Distinct());
            throw new PolicyException(
                ErrorIds.OtherCluster,
                $"The data of image '{image.Id}' lie in the Ceph cluster {others}; '{connection.Node.ConfigurationPath()}' leads to the cluster {connection.Fsid}.",
                image.Id,
                "Set rbd_ceph_conf to the ceph.conf of the cluster that holds the image, or use Auto or Download.");
        }

        for (int i = 0; ; i++)
        {
            try
            {
                return await connection.OpenAsync(here[i], cancellationToken).ConfigureAwait(false);
            }
            catch (ImageCacheException) when (i + 1 < here.Count)
            {
                // Glance keeps several copies, and one may be as good as another.
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
            else if (!node.Allows(location.Pool))
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
