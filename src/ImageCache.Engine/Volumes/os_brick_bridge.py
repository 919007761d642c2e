"""Connects volumes to this node by os-brick, for a parent that speaks JSON.

One request on standard input, one answer on standard output, then the end. A
connection holds secrets: it comes by standard input only, and no secret of it
leaves again, in an answer or elsewhere.

Source of what os-brick is asked: os_brick/initiator/connector.py, and how nova
asks it: nova/virt/libvirt/volume/*.py.
"""
import json
import os
import shlex
import sys

PROTOCOL = 1
SECRET_WORDS = ("password", "keyring", "secret_key", "passphrase", "encryption_key", "chap_secret", "token")
SHARES = ("nfs", "glusterfs", "quobyte", "scality", "vzstorage")
SHORTEST_SECRET = 4
LONGEST_MESSAGE = 2000


class Refusal(Exception):
    """What the parent is told instead of a result."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


def secrets_of(value, named=False):
    """Every text below a key that names a secret."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from secrets_of(item, named or any(word in key.lower() for word in SECRET_WORDS))
    elif isinstance(value, list):
        for item in value:
            yield from secrets_of(item, named)
    elif named and isinstance(value, str) and len(value) >= SHORTEST_SECRET:
        yield value


def load(request):
    """Imports os-brick and sets it up as nova would, so that both take the same locks."""
    try:
        from oslo_config import cfg
        import os_brick
        from os_brick import privileged
        from os_brick.initiator import connector
        from oslo_concurrency import lockutils  # noqa: F401  registers lock_path
        from oslo_privsep import priv_context
    except ImportError as error:
        raise Refusal("missing", str(error))

    files = [path for path in request.get("config_files") or [] if os.access(path, os.R_OK)]
    cfg.CONF([], project="imagecache", default_config_files=files, default_config_dirs=[])
    if not cfg.CONF.oslo_concurrency.lock_path:
        cfg.CONF.set_override("lock_path", request["lock_path"], "oslo_concurrency")
    setup = getattr(os_brick, "setup", None)
    if setup is not None:
        setup(cfg.CONF)

    helper = request.get("root_helper") or ""
    if os.geteuid() == 0:
        privileged.default.set_client_mode(False)
    elif helper:
        priv_context.init(root_helper=shlex.split(helper))
    return connector


def version():
    try:
        from importlib import metadata
        return metadata.version("os-brick")
    except Exception:
        return None


def connector_for(library, request):
    connection = request["connection"]
    protocol = connection["driver_volume_type"]
    options = {"conn": connection, "use_multipath": bool(request.get("multipath")), "device_scan_attempts": request.get("scan_attempts") or 3}
    if protocol in SHARES:
        options[protocol + "_mount_point_base"] = request["mount_base"]
    if protocol == "rbd":
        options["do_local_attach"] = False
    try:
        return library.InitiatorConnector.factory(protocol.upper(), request.get("root_helper") or "", **options)
    except Exception as error:
        raise Refusal("unsupported", f"os-brick does not know the protocol {protocol}: {error}")


def read_only(connection):
    """A share is mounted read-only."""
    if connection["driver_volume_type"] not in SHARES:
        return connection
    words = (connection.get("options") or "").split()
    if "-o" in words[:-1]:
        at = words.index("-o") + 1
        words[at] += ",ro"
    else:
        words += ["-o", "ro"]
    return dict(connection, options=" ".join(words))


def is_block_device(path):
    import stat
    return stat.S_ISBLK(os.stat(path).st_mode)


def protect(connector, path):
    """Makes a device read-only in the kernel, whatever the store allows."""
    if not is_block_device(path):
        return
    connector._execute("blockdev", "--setro", os.path.realpath(path), run_as_root=True, root_helper=connector._root_helper)


def describe_handle(handle, connection):
    """What os-brick opened by librbd, for one who opens it for longer than this process lives."""
    handle.seek(0, 2)
    size = handle.tell()
    pool, image = connection["name"].split("/")
    return {"kind": "rbd", "pool": pool, "image": image, "user": connection["auth_username"],
            "cluster": connection["cluster_name"], "size": size,
            "monitors": [f"{host}:{port}" for host, port in zip(connection["hosts"], connection["ports"])]}


def do_connector(library, request):
    return library.get_connector_properties(
        request.get("root_helper") or "", request["ip"], bool(request.get("multipath")),
        bool(request.get("enforce_multipath")), host=request["host"])


def do_connect(library, request):
    request = dict(request, connection=read_only(request["connection"]))
    connection = request["connection"]
    connector = connector_for(library, request)
    device = connector.connect_volume(connection)
    path = device.get("path")
    if path is not None and not isinstance(path, (str, bytes)):
        try:
            return describe_handle(path, connection)
        finally:
            connector.disconnect_volume(connection, device)
    try:
        path = os.fsdecode(path)
        protect(connector, path)
        is_block = is_block_device(path)
    except BaseException:
        connector.disconnect_volume(connection, device, force=True, ignore_errors=True)
        raise
    device = {key: os.fsdecode(value) if isinstance(value, bytes) else value for key, value in device.items()}
    return {"kind": "block" if is_block else "file", "path": path, "device": device}


def do_disconnect(library, request):
    connection = request["connection"]
    if connection["driver_volume_type"] == "rbd":
        return {}
    connector = connector_for(library, request)
    connector.disconnect_volume(connection, request.get("device") or {}, force=bool(request.get("force")))
    if connection["driver_volume_type"] in SHARES:
        leave_share(connector, request["mount_base"])
    return {}


def leave_share(connector, base):
    """os-brick leaves shares mounted; this base is one volume's alone."""
    if not os.path.isdir(base):
        return
    for name in os.listdir(base):
        point = os.path.join(base, name)
        if os.path.ismount(point):
            connector._execute("umount", point, run_as_root=True, root_helper=connector._root_helper)
        os.rmdir(point)
    os.rmdir(base)


def do_version(library, request):
    return {}


REQUESTS = {"connector": do_connector, "connect": do_connect, "disconnect": do_disconnect, "version": do_version}


def answer(request):
    if request.get("protocol") != PROTOCOL:
        raise Refusal("protocol", f"this bridge speaks protocol {PROTOCOL}")
    return REQUESTS[request["request"]](load(request), request)


def main():
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    hidden, result, refusal = set(), None, None
    try:
        request = json.load(sys.stdin)
        hidden = set(secrets_of(request))
        result = answer(request)
    except Refusal as error:
        refusal = (error.kind, str(error))
    except Exception as error:
        refusal = ("failed", f"{type(error).__name__}: {error}")
    message = {"protocol": PROTOCOL, "os_brick": version()}
    if refusal is None:
        message["result"] = result
    else:
        kind, text = refusal
        for secret in sorted(hidden, key=len, reverse=True):
            text = text.replace(secret, "***")
        message["error"] = {"kind": kind, "message": text[:LONGEST_MESSAGE]}
    json.dump(message, out)
    out.flush()
    os._exit(0)


main()
