# The command line as a user has it, and what shows it at work. Sourced by `demo` and the scenarios.

# The executable; where it is not given it is built from this clone.
CLI_BIN=$LAB/cli
CLI=${IMAGECACHE_CLI:-$CLI_BIN/imagecache}
CLI_PROJECT=$here/../../src/ImageCache.Cli/ImageCache.Cli.csproj

cli_build() {
    [ -z "${IMAGECACHE_CLI:-}" ] || return 0
    PATH=$CALLER_PATH DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1 \
        DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false \
        dotnet publish "$CLI_PROJECT" -c Release -o "$CLI_BIN" >"$LAB/log/cli-build.log" 2>&1 </dev/null ||
        die "dotnet publish failed: $(grep -m 1 -E 'error|MSB' "$LAB/log/cli-build.log") (see $LAB/log/cli-build.log)"
    step "built imagecache"
}

cli_tools() {   # said before a minute is spent
    [ -z "${IMAGECACHE_CLI:-}" ] || return 0
    PATH=$CALLER_PATH command -v dotnet >/dev/null ||
        die "the .NET 10 SDK is missing: there is no dotnet on PATH (https://dotnet.microsoft.com/download)"
    PATH=$CALLER_PATH dotnet --list-sdks | grep -q '^10\.' ||
        die "the .NET 10 SDK is missing: dotnet --list-sdks shows no 10.x (https://dotnet.microsoft.com/download)"
}

image_named() {  # NAME FILE [upload's options...]: prints the id of the image, which is uploaded if it is not there
    local name=$1 file=$2
    shift 2
    $PY -B - "$here/lib" "$name" <<'PYTHON' || "$here/upload" --name "$name" --visibility public "$@" "$file"
import sys
sys.path.insert(0, sys.argv[1])
from osapi import Session
found = Session().get("image", f"/v2/images?status=active&name={sys.argv[2]}")["images"]
print(found[0]["id"]) if found else sys.exit(1)
PYTHON
}

base_name() { printf %s "$1" | sha1sum | cut -d' ' -f1; }

imagecache() { env -u IMAGECACHE_LAB -u IMAGECACHE_CLI "$CLI" "$@"; }

show() {         # echo a command as a user would type it, then run it
    printf '\n$ %s\n' "$1"
    eval "$1" </dev/null || die "that ended with exit code $?"
}
