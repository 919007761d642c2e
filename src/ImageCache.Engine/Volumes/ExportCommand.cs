using System.Text.Json;
using System.Text.Json.Nodes;

namespace ImageCache.Engine.Volumes;

/// <summary>
/// The arguments of qemu-storage-daemon. Source: qemu-storage-daemon(1); QEMU's qapi/block-core.json (BlockdevOptions) and
/// qapi/block-export.json (BlockExportOptionsFuse). Objects are written as JSON, so that no name in them can become an option.
/// </summary>
internal static class ExportCommand
{
    public const string Executable = "qemu-storage-daemon";

    /// <summary>Where Debian and Ubuntu have it.</summary>
    public const string Package = "qemu-system-common";

    private const string VolumeNode = "volume";
    private const string ViewNode = "view";

    /// <summary>The arguments that show a volume's first bytes.</summary>
    /// <param name="files">The export's files.</param>
    /// <param name="volume">What to show.</param>
    /// <param name="size">How much, in whole sectors; <see langword="null"/> shows all.</param>
    public static IReadOnlyList<string> Arguments(ExportFiles files, ConnectedVolume volume, long? size)
    {
        JsonObject view = new() { ["driver"] = "raw", ["node-name"] = ViewNode, ["file"] = VolumeNode, ["read-only"] = true };
        if (size is not null)
        {
            view["size"] = size;
        }

        JsonObject export = new()
        {
            ["type"] = "fuse",
            ["id"] = "export",
            ["node-name"] = ViewNode,
            ["mountpoint"] = files.View,
            ["writable"] = false,
            ["growable"] = false,
            ["allow-other"] = "auto",
        };
        return
        [
            .. ExportProcess.Marks(files.PidPath),
            "--blockdev", Text(Source(files, volume)),
            "--blockdev", Text(view),
            "--export", Text(export),
        ];
    }

    private static JsonObject Source(ExportFiles files, ConnectedVolume volume)
    {
        JsonObject source = new() { ["node-name"] = VolumeNode, ["read-only"] = true };
        switch (volume)
        {
            case { Rbd: { } rbd }:
                source["driver"] = "rbd";
                source["pool"] = rbd.Pool;
                source["image"] = rbd.Image;
                source["user"] = rbd.User;
                source["conf"] = files.CephConfiguration;
                break;
            default:
                source["driver"] = volume.Kind == ConnectedKind.Block ? "host_device" : "file";
                source["filename"] = volume.Path;
                break;
        }

        return source;
    }

    private static string Text(JsonObject value) => value.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
