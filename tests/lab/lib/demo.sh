# `lab demo`: from nothing to a verified base image. Sourced by `lab`.

DEMO=$LAB/demo
DEMO_IMAGE=cirros-demo
# The executable; where it is not given it is built from this clone.
CLI=${IMAGECACHE_CLI:-$DEMO/bin/imagecache}
CLI_PROJECT=$here/../../src/ImageCache.Cli/ImageCache.Cli.csproj

demo_build() {
    [ -z "${IMAGECACHE_CLI:-}" ] || return 0
    PATH=$CALLER_PATH DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1 \
        DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false \
        dotnet publish "$CLI_PROJECT" -c Release -o "$DEMO/bin" >"$LAB/log/demo-build.log" 2>&1 </dev/null ||
        die "dotnet publish failed: $(grep -m 1 -E 'error|MSB' "$LAB/log/demo-build.log") (see $LAB/log/demo-build.log)"
    step "built imagecache"
}

demo_tools() {   # said before a minute is spent
    [ -z "${IMAGECACHE_CLI:-}" ] || return 0
    PATH=$CALLER_PATH command -v dotnet >/dev/null ||
        die "the .NET 10 SDK is missing: there is no dotnet on PATH (https://dotnet.microsoft.com/download)"
    PATH=$CALLER_PATH dotnet --list-sdks | grep -q '^10\.' ||
        die "the .NET 10 SDK is missing: dotnet --list-sdks shows no 10.x (https://dotnet.microsoft.com/download)"
}

demo_image() {   # prints the id
    $PY -B - "$here/lib" "$DEMO_IMAGE" <<'PYTHON' || "$here/upload" --name "$DEMO_IMAGE" --visibility public "$LAB/images/disk64.qcow2"
import sys
sys.path.insert(0, sys.argv[1])
from osapi import Session
found = Session().get("image", f"/v2/images?status=active&name={sys.argv[2]}")["images"]
print(found[0]["id"]) if found else sys.exit(1)
PYTHON
}

imagecache() { env -u IMAGECACHE_LAB -u IMAGECACHE_CLI "$CLI" "$@"; }

show() {         # echo a command as a user would type it, then run it
    printf '\n$ %s\n' "$1"
    eval "$1" </dev/null || die "that ended with exit code $?"
}

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
    demo_tools
    cmd_up glance
    exec 9>&-    # the lab is free for others
    "$here/make-images" --small "$LAB/images" >/dev/null
    id=$(demo_image)
    step "image $DEMO_IMAGE, $id"
    demo_build
    export OS_CLIENT_CONFIG_FILE=$LAB/etc/clouds.yaml OS_CLOUD=lab
    rm -rf "$DEMO/instances"
    mkdir -p "$DEMO/instances/_base"
    cd "$DEMO/instances" || exit
    base=_base/$(printf %s "$id" | sha1sum | cut -d' ' -f1)
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
