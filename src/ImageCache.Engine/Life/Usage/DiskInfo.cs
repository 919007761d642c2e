using System.Text.Json;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Usage;

/// <summary>
/// nova's <c>disk.info</c> (nova/virt/libvirt/imagebackend.py, Image.resolve_driver_format): the format as which each disk of an instance
/// is opened, so that a guest cannot turn its raw disk into another format by writing a header into it.
/// </summary>
internal static class DiskInfo
{
    private const string FileName = "disk.info";
    private const string Raw = "raw";

    /// <summary>Whether nova opens a disk as raw, so that nothing in it is a header.</summary>
    public static bool SaysRaw(string disk)
    {
        try
        {
            if (DocumentBytes.ReadIfExists(Path.Join(Path.GetDirectoryName(disk), FileName)) is not { } content)
            {
                return false;
            }

            using JsonDocument? document = JsonRead.TryParse(content);
            if (document is not { RootElement.ValueKind: JsonValueKind.Object })
            {
                return false;
            }

            // By name alone: the instances may be reached by several paths.
            JsonElement[] formats =
                [.. document.RootElement.EnumerateObject().Where(entry => Path.GetFileName(entry.Name) == Path.GetFileName(disk)).Select(static entry => entry.Value)];
            return formats.Length > 0 && Array.TrueForAll(formats, static format => format.ValueKind == JsonValueKind.String && format.GetString() == Raw);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            return false;
        }
    }
}
