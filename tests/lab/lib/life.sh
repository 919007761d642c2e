# `lab scenario life`: images come, are used, are kept with every service down, and leave when nobody needs them. Sourced by `lab`.

. "$here/lib/cli.sh"

LIFE=$LAB/life
DAY_OLD=3   # older than any age by default

life_disk() { qemu-img create -q -f raw "$1" 16M && printf '%s' "$2" | dd of="$1" conv=notrunc status=none; }

life_age() { find _base -maxdepth 1 -type f -exec touch -h -d "$DAY_OLD days ago" {} + ; }

life_services() { "$here/lab" "$1" glance keystone barbican cinder >"$LAB/log/life-services.log" 2>&1 || die "services: $(tail -n 1 "$LAB/log/life-services.log")"; }

life_expect() {  # WHAT NAME...: the base images that must be here, and no others
    local what=$1 want have
    shift
    want=$(for n in "$@"; do base_name "${IMAGES[$n]}"; done | sort)
    have=$(find _base -maxdepth 1 -type f -printf '%f\n' | sort)
    [ "$want" = "$have" ] || die "$what: expected $* in the cache, but there is: $have"
    echo "-> in the cache: $*"
}

life_decision() { # FILE NAME ACTION WORDS: what prune must have decided about an image, and why
    $PY -B - "$1" "${IMAGES[$2]}" "$3" "$4" <<'PYTHON' || die "prune did not decide to $3 $2 because of '$4'"
import json, sys
path, image, action, words = sys.argv[1:]
found = [d for d in map(json.loads, open(path)) if d.get("imageId") == image and d.get("kind") == "BaseImage"]
sys.exit(not (len(found) == 1 and found[0]["action"] == action and words in found[0]["reason"]))
PYTHON
}

cmd_life() {
    local n
    declare -gA IMAGES=()
    need_root
    for n in ${!OS_@}; do unset "$n"; done
    cli_tools
    cmd_up glance barbican cinder nova
    exec 9>&-    # the lab is free for others
    mkdir -p "$LIFE"
    for n in web gold old; do
        [ -e "$LIFE/$n.raw" ] || life_disk "$LIFE/$n.raw" "the disk of life-$n"
        IMAGES[$n]=$(image_named "life-$n" "$LIFE/$n.raw" --format raw)
    done
    step "images life-web, life-gold, life-old"
    cli_build
    export OS_CLIENT_CONFIG_FILE=$LAB/etc/clouds.yaml OS_CLOUD=lab
    rm -rf "$LIFE/instances"
    mkdir -p "$LIFE/instances/_base"
    cd "$LIFE/instances" || exit
    printf '\nIn %s, with\n  export OS_CLIENT_CONFIG_FILE=%s OS_CLOUD=lab\n' "$PWD" "$OS_CLIENT_CONFIG_FILE"
    trap 'life_services start' EXIT

    printf '\n# Three images; disks on two; one that must never leave.\n'
    show "imagecache fetch life-web life-gold life-old --cache-path _base"
    mkdir 11111111-1111-4111-8111-111111111111 22222222-2222-4222-8222-222222222222
    show "imagecache disk create life-web --path $PWD/11111111-1111-4111-8111-111111111111/disk --size 32MiB --cache-path _base"
    show "imagecache disk create life-gold --path $PWD/22222222-2222-4222-8222-222222222222/disk --size 32MiB --cache-path _base"
    show "imagecache critical register life-gold --cache-path _base"

    printf '\n# Every service of OpenStack stops; an instance starts from the critical image all the same.\n'
    life_services stop
    mkdir 33333333-3333-4333-8333-333333333333
    show "imagecache fetch life-gold --cache-path _base"
    show "imagecache disk create life-gold --path $PWD/33333333-3333-4333-8333-333333333333/disk --size 64MiB --cache-path _base"
    show "qemu-img info --backing-chain 33333333-3333-4333-8333-333333333333/disk"
    qemu-img convert -O raw 33333333-3333-4333-8333-333333333333/disk "$LIFE/booted.raw"
    cmp -n $((16 << 20)) "$LIFE/booted.raw" "$LIFE/gold.raw" || die "the disk does not begin with the image"
    life_services start
    step "services are back"

    printf '\n# The instances of life-gold go; days pass.\n'
    rm -r 22222222-2222-4222-8222-222222222222 33333333-3333-4333-8333-333333333333
    life_age
    show "imagecache prune --what-if --cache-path _base"
    life_expect "a rehearsal" web gold old
    show "imagecache prune --json --cache-path _base >$LIFE/decisions"
    life_decision "$LIFE/decisions" web Keep "in use"
    life_decision "$LIFE/decisions" gold Keep "critical"
    life_decision "$LIFE/decisions" old Remove ""
    life_expect "prune" web gold
    show "$here/nova-cache-manager --instances-path $PWD --instance 11111111-1111-4111-8111-111111111111=${IMAGES[web]}"
    life_expect "nova's cache manager after it" web gold

    printf '\n# The other way round: nova comes first, and what maintenance keeps is too young for it.\n'
    imagecache fetch life-old --cache-path _base >/dev/null || die "life-old did not come again"
    life_age
    show "imagecache maintain --steps scan,critical --cache-path _base"
    show "$here/nova-cache-manager --instances-path $PWD --instance 11111111-1111-4111-8111-111111111111=${IMAGES[web]}"
    show "imagecache prune --cache-path _base"
    life_expect "prune after nova's cache manager" web gold
    show "imagecache init --cache-path _base"
    show "imagecache verify --cache-path _base"
    trap - EXIT
    step "scenario life"
}
