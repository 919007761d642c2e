namespace ImageCache.Engine.Formats;

/// <summary>What the name of a backing file means on this node.</summary>
/// <param name="Path">The local file, as it is written; <see langword="null"/> when it is none, but something in a network.</param>
/// <param name="Format">The format that the name itself says the file is to be opened with.</param>
/// <param name="Unknown">Why it cannot be told which file is meant.</param>
internal sealed record BackingName(string? Path, string? Format, string? Unknown)
{
    private const string JsonPrefix = "json:";

    // Source: QEMU, block.c (path_has_protocol, bdrv_find_protocol) and the protocol_name of block/*.c.
    private static readonly HashSet<string> s_files = new(StringComparer.Ordinal) { "file", "host_device", "host_cdrom" };

    private static readonly HashSet<string> s_remote = new(StringComparer.Ordinal)
    {
        "nbd", "nbd+tcp", "nbd+unix", "rbd", "iscsi", "iser", "http", "https", "ftp", "ftps", "ssh", "nfs", "nvme",
        "gluster", "gluster+tcp", "gluster+rdma", "sheepdog",
    };

    /// <summary>Whether QEMU reaches a protocol or driver of this name by a file of the node.</summary>
    public static bool IsFileDriver(string name) => s_files.Contains(name);

    /// <summary>Whether QEMU reaches a protocol or driver of this name over a network, or past the file systems.</summary>
    public static bool IsRemoteDriver(string name) => s_remote.Contains(name);

    /// <summary>Reads a name as QEMU does: a path, a protocol with what it needs, or options in JSON.</summary>
    public static BackingName Parse(string name)
    {
        if (name.StartsWith(JsonPrefix, StringComparison.Ordinal))
        {
            return BackingJson.Parse(name[JsonPrefix.Length..]);
        }

        // A colon before any slash ends a protocol's name.
        int colon = name.IndexOf(':', StringComparison.Ordinal);
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        if (colon < 0 || (slash >= 0 && slash < colon))
        {
            return new BackingName(name, null, null);
        }

        string protocol = name[..colon];
        return IsFileDriver(protocol) ? File(name[(colon + 1)..], null)
            : IsRemoteDriver(protocol) ? new BackingName(null, null, null)
            : Doubtful("its backing file is reached by a protocol that is not known");
    }

    /// <summary>A file that is named past the directory of the disk: QEMU opens it from wherever it was started.</summary>
    public static BackingName File(string path, string? format) => path.StartsWith('/')
        ? new BackingName(path, format, null)
        : Doubtful("its backing file is named relative to a directory that is not known");

    public static BackingName Doubtful(string reason) => new(null, null, reason);
}
