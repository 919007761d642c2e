# `lab demo`: from nothing to a verified base image. Sourced by `lab`.

. "$here/lib/cli.sh"

DEMO=$LAB/demo
DEMO_IMAGE=cirros-demo

demo_digests() { # IMAGE RECORD: what Glance says and what was recorded must agree
    $PY -B - "$here/lib" "$@" <<'PYTHON'
import json, sys
sys.path.insert(0, sys.argv[1])
from osapi import Session

def find(node, name):
    if isinstance(node, dict):
        for key, value in node.items():
            if key.lower() == name:
                return value
    values = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return next((v for v in (find(x, name) for x in values) if v), None)

image = Session().get("image", f"/v2/images/{sys.argv[2]}")
glance = f"{image['os_hash_algo']}:{image['os_hash_value']}"
record = find(json.load(open(sys.argv[3])), "sourcedigest")
print("Glance's os_hash_value    ", glance)
print("the record's sourceDigest ", record)
sys.exit(glance != record)
PYTHON
}

cmd_demo() {
    local v id base record
    need_root
    for v in ${!OS_@}; do unset "$v"; done
    cli_tools
    cmd_up glance
    exec 9>&-    # the lab is free for others
    "$here/make-images" --small "$LAB/images" >/dev/null
    id=$(image_named "$DEMO_IMAGE" "$LAB/images/disk64.qcow2")
    step "image $DEMO_IMAGE, $id"
    cli_build
    export OS_CLIENT_CONFIG_FILE=$LAB/etc/clouds.yaml OS_CLOUD=lab
    rm -rf "$DEMO/instances"
    mkdir -p "$DEMO/instances/_base"
    cd "$DEMO/instances" || exit
    base=_base/$(base_name "$id")
    record=_base/.imagecache/records/${base#_base/}.json

    printf '\nIn %s, with\n' "$PWD"
    printf '  export %s=%s\n' OS_CLIENT_CONFIG_FILE "$OS_CLIENT_CONFIG_FILE" OS_CLOUD "$OS_CLOUD"
    show "imagecache find --name 'cirros*'"
    show "imagecache fetch $DEMO_IMAGE --cache-path _base"
    show "imagecache fetch $DEMO_IMAGE --cache-path _base"
    show "imagecache list --cache-path _base"
    show "ls -ls _base"
    show "cat $record"
    show "qemu-img info $base"
    echo
    demo_digests "$id" "$record" || die "the record's digest is not Glance's"
    cmp "$base" "$LAB/images/disk64.raw" || die "the base image is not the disk that was uploaded"
    echo "The base image is, byte for byte, the disk in the uploaded qcow2."
    step "demo"
}
