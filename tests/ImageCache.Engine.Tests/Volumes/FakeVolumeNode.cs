using System.Text.Json.Nodes;
using ImageCache.Engine.OpenStack.Volumes;
using ImageCache.Engine.Volumes;

namespace ImageCache.Engine.Tests.Volumes;

/// <summary>A node's connections and views in memory; each effect is a step at which the process may be killed, before and after it.</summary>
internal sealed class FakeVolumeNode(KillSwitch kill, string directory) : IVolumeConnector, IVolumeViews
{
    private readonly Dictionary<string, int> _views = [];
    private readonly HashSet<string> _connected = [];
    private int _processes;

    public VolumeNode Node { get; } = new() { Host = "node-1", Address = "10.0.0.1" };

    /// <summary>The volumes that are connected.</summary>
    public IReadOnlyCollection<string> Connected => _connected;

    /// <summary>The directories of the views that run.</summary>
    public IReadOnlyCollection<string> Views => _views.Keys;

    /// <summary>Everything is gone but what is on the disk.</summary>
    public void Reboot()
    {
        _views.Clear();
        foreach (string volume in _connected)
        {
            File.Delete(DeviceOf(volume));
        }

        _connected.Clear();
    }

    public Task<JsonObject> DescribeNodeAsync(CancellationToken cancellationToken)
    {
        kill.Step();
        return Task.FromResult(new JsonObject { ["host"] = Node.Host, ["ip"] = Node.Address });
    }

    public Task<ConnectedVolume> ConnectAsync(string volumeId, ConnectionInfo connection, CancellationToken cancellationToken)
    {
        kill.Step();
        File.WriteAllText(DeviceOf(volumeId), "device");
        _connected.Add(volumeId);
        kill.Step();
        return Task.FromResult(new ConnectedVolume { VolumeId = volumeId, Kind = ConnectedKind.File, Path = DeviceOf(volumeId) });
    }

    public Task DisconnectAsync(string volumeId, ConnectionInfo connection, ConnectedVolume? volume, bool force, CancellationToken cancellationToken)
    {
        kill.Step();
        File.Delete(DeviceOf(volumeId));
        _connected.Remove(volumeId);
        kill.Step();
        return Task.CompletedTask;
    }

    public Task<VolumeExport> StartAsync(VolumeExportRequest request, CancellationToken cancellationToken)
    {
        kill.Step();
        Directory.CreateDirectory(request.Directory);
        string path = new ExportFiles(request.Directory).View;
        File.WriteAllBytes(path, new byte[request.Size ?? 0]);
        _views[request.Directory] = ++_processes;
        kill.Step();
        return Task.FromResult(new VolumeExport
        {
            Directory = request.Directory,
            Path = path,
            Size = request.Size ?? 0,
            ProcessId = _processes,
            StartTime = _processes,
            BootId = "boot",
            LogPath = string.Empty,
        });
    }

    public Task<bool> IsRunningAsync(VolumeExport export, CancellationToken cancellationToken)
    {
        kill.Step();
        return Task.FromResult(_views.TryGetValue(export.Directory, out int process) && process == export.ProcessId);
    }

    public Task StopAsync(string directory, CancellationToken cancellationToken)
    {
        kill.Step();
        _views.Remove(directory);
        new ExportFiles(directory).Remove();
        kill.Step();
        return Task.CompletedTask;
    }

    private string DeviceOf(string volumeId) => Path.Join(directory, volumeId);
}
