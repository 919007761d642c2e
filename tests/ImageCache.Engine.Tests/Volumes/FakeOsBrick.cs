using System.Text.Json;
using ImageCache.Engine.Volumes;

namespace ImageCache.Engine.Tests.Volumes;

/// <summary>
/// A Python whose os-brick only notes what it is asked: the packages that the bridge imports, with the names and signatures of the
/// real ones, and devices as the real ones return them.
/// </summary>
internal sealed class FakeOsBrick : IDisposable
{
    private const string Connector = """
        import json, os, signal, subprocess, sys, time
        from . import ROOT
        SETTINGS = json.load(open(os.path.join(ROOT, "settings.json")))

        def note(name, *arguments):
            with open(os.path.join(ROOT, "calls.jsonl"), "a") as calls:
                calls.write(json.dumps([name, *arguments]) + "\n")

        class Handle:
            def __init__(self): self.offset = 0
            def seek(self, offset, whence=0): self.offset = 1 << 30 if whence == 2 else offset
            def tell(self): return self.offset

        class InitiatorConnector:
            _root_helper = "helper"

            def __init__(self, protocol, options): self.protocol, self.options = protocol, options

            @staticmethod
            def factory(protocol, root_helper, driver=None, use_multipath=False, device_scan_attempts=3, arch=None, *args, **kwargs):
                note("factory", protocol, use_multipath, {k: v for k, v in kwargs.items() if k != "conn"})
                if protocol == "CARRIER_PIGEON":
                    raise ValueError("Invalid InitiatorConnector protocol specified CARRIER_PIGEON")
                return InitiatorConnector(protocol, kwargs)

            def connect_volume(self, connection):
                note("connect", connection)
                mode = SETTINGS["mode"]
                if mode == "fail":
                    raise RuntimeError("iscsiadm --value " + connection.get("auth_password", "") + " failed\nin two lines")
                if mode == "noise":
                    print("noise on standard output"); os.system("echo more of it")
                if mode == "flood":
                    sys.stderr.write("x" * (4 << 20))
                if mode == "die":
                    os.kill(os.getpid(), signal.SIGKILL)
                if mode == "hang":
                    child = subprocess.Popen(["sleep", "600"])
                    with open(os.path.join(ROOT, "pids"), "w") as pids: pids.write(f"{os.getpid()} {child.pid}\n")
                    open(os.path.join(ROOT, "hanging"), "w").close()
                    time.sleep(600)
                if self.protocol == "RBD":
                    return {"path": Handle()}
                if SETTINGS["path"] is None:
                    return {"path": None}
                path = SETTINGS["path"]
                if self.protocol == "ISCSI":
                    return {"type": "block", "scsi_wwn": "360000000000000000e00000000010001", "path": path, "multipath_id": "360000000000000000e00000000010001"}
                if self.protocol == "NVMEOF":
                    return {"type": "block", "path": path.encode()}
                return {"path": path}

            def disconnect_volume(self, connection, device, force=False, ignore_errors=False):
                note("disconnect", connection, {k: v for k, v in device.items() if isinstance(v, str)}, force)
                if SETTINGS["mode"] == "busy":
                    raise RuntimeError("umount: target is busy")

            def _execute(self, *command, run_as_root=False, root_helper=None):
                note("execute", list(command), run_as_root)
                if SETTINGS["mode"] == "no setro":
                    raise RuntimeError("BLKROSET: Permission denied")

        def get_connector_properties(root_helper, my_ip, multipath, enforce_multipath, host=None, execute=None):
            note("properties", root_helper, my_ip, multipath, enforce_multipath, host)
            return {"ip": my_ip, "host": host, "platform": "x86_64", "os_type": "linux", "multipath": multipath}
        """;

    private const string Config = """
        class Group:
            lock_path = None
        class Conf:
            oslo_concurrency = Group()
            def __call__(self, args, project=None, default_config_files=None, default_config_dirs=None): self.files = default_config_files
            def set_override(self, name, value, group): setattr(self.oslo_concurrency, name, value)
        CONF = Conf()
        """;

    private const string Context = """
        class Default:
            def set_client_mode(self, enabled): pass
        default = Default()
        def init(root_helper=None): pass
        """;

    private readonly TestDirectory _directory = new();

    public FakeOsBrick(string mode = "well", string? path = null)
    {
        Mode(mode, path ?? _directory["volume"]);
        File.WriteAllText(_directory["volume"], "x");
        Write("os_brick/__init__.py", string.Empty);
        Write("os_brick/privileged/__init__.py", Context);
        Write("os_brick/initiator/__init__.py", $"ROOT = {JsonSerializer.Serialize(_directory.FullPath)}");
        Write("os_brick/initiator/connector.py", Connector);
        Write("oslo_config/__init__.py", string.Empty);
        Write("oslo_config/cfg.py", Config);
        Write("oslo_concurrency/__init__.py", string.Empty);
        Write("oslo_concurrency/lockutils.py", string.Empty);
        Write("oslo_privsep/__init__.py", string.Empty);
        Write("oslo_privsep/priv_context.py", Context);
        File.WriteAllText(_directory["python"], $"#!/bin/sh\nPYTHONPATH='{_directory.FullPath}' exec /usr/bin/python3 \"$@\"\n");
        File.SetUnixFileMode(_directory["python"], (UnixFileMode)0x1ED);
    }

    /// <summary>The node that uses it.</summary>
    public VolumeNode Node => new()
    {
        Address = "10.0.0.1",
        Host = "node-1",
        Python = _directory["python"],
        MountBase = _directory["mnt"],
        LockPath = _directory["locks"],
        Timeout = TimeSpan.FromSeconds(30),
    };

    public string this[string name] => _directory[name];

    /// <summary>What it was asked, in order.</summary>
    public IReadOnlyList<JsonElement> Calls => File.Exists(_directory["calls.jsonl"])
        ? [.. File.ReadAllLines(_directory["calls.jsonl"]).Select(static line => JsonSerializer.Deserialize<JsonElement>(line))]
        : [];

    /// <summary>How it behaves from now on.</summary>
    public void Mode(string mode, string? path) => File.WriteAllText(_directory["settings.json"], JsonSerializer.Serialize(new { mode, path }));

    public void Dispose() => _directory.Dispose();

    private void Write(string name, string text)
    {
        string path = _directory[name];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
