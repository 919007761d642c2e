using System.Text.Json;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Life.Usage;

/// <summary>
/// nova's register of the nodes that share an instances_path: <c>compute_nodes</c>, a JSON object of host names and Unix times, written
/// in place under the lock <c>nova-storage-registry-lock</c>. Source: nova/virt/storage_users.py. It is only read here.
/// </summary>
internal sealed class NovaRegistry(CacheLayout layout, string host, TimeProvider time)
{
    private const string FileName = "compute_nodes";
    private const string LockName = "storage-registry-lock";
    private const int Attempts = 20;
    private const int MostHosts = 10_000;

    // TWENTY_FOUR_HOURS: nova forgets the instances of nodes that are silent for longer.
    private static readonly TimeSpan s_window = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(10);
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 4 };

    /// <summary>The other nodes. What is damaged is as empty as it is to nova, and told.</summary>
    public IReadOnlyList<SharingHost> Read(UsageNotes notes)
    {
        string path = Path.Join(layout.InstancesPath, FileName);
        try
        {
            if (!File.Exists(path))
            {
                return [];
            }

            using BaseFileLock? held = TryLock();
            return DocumentBytes.ReadIfExists(path) is { } content ? Parse(content) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            notes.Limit($"nova's register of nodes, '{path}', cannot be read: {e.Message}");
            return [];
        }
    }

    // nova holds it for the time of one write. Who may not lock reads without, and may find half of a write.
    private BaseFileLock? TryLock()
    {
        try
        {
            for (int attempt = 0; attempt < Attempts; attempt++)
            {
                if (BaseFileLock.TryAcquire(layout.LockPath(LockName)) is { } held)
                {
                    return held;
                }

                Thread.Sleep(s_pause);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        return null;
    }

    private List<SharingHost> Parse(byte[] content)
    {
        using JsonDocument document = JsonDocument.Parse(content, s_options);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("it is no JSON object");
        }

        DateTimeOffset now = time.GetUtcNow();
        List<SharingHost> hosts = [];
        foreach (JsonProperty entry in document.RootElement.EnumerateObject().Take(MostHosts))
        {
            if (entry.Name == host)
            {
                continue;
            }

            double seconds = entry.Value.ValueKind == JsonValueKind.Number && entry.Value.TryGetDouble(out double told)
                ? told
                : throw new JsonException("a host has no time");
            DateTimeOffset seen = Moment(seconds);
            hosts.Add(new SharingHost(entry.Name, seen, now - seen < s_window));
        }

        return hosts;
    }

    private static DateTimeOffset Moment(double seconds)
        => DateTimeOffset.UnixEpoch.AddSeconds(Math.Clamp(double.IsNaN(seconds) ? 0 : seconds, 0, DateTimeOffset.MaxValue.ToUnixTimeSeconds() - 1));
}
