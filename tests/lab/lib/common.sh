# What all parts of the lab share: steps, packages, databases, daemons with pid
# files. Sourced by `lab`.

LAB=${IMAGECACHE_LAB:-/var/lib/imagecache-testlab}
HOST=127.0.0.1
PASSWORD=labpass
PY=/usr/bin/python3
declare -A NEEDS=() PACKAGES=() DAEMONS=()

# The distribution's modules need byte code caches to start fast, and the
# distribution's own interpreter whatever stands first on PATH. Nothing here
# may go through a proxy.
unset PYTHONDONTWRITEBYTECODE PYTHONHOME
export PYTHONPATH=$LAB/python
CALLER_PATH=$PATH
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
export no_proxy="127.0.0.1,localhost${no_proxy:+,$no_proxy}"
export NO_PROXY=$no_proxy

T0=$EPOCHREALTIME
step() { printf '[%s s] %s\n' "$(awk -v a="$T0" -v b="$EPOCHREALTIME" 'BEGIN { printf "%6.1f", b - a }')" "$*"; }
note() { printf 'lab: %s\n' "$*" >&2; }
die()  { note "$@"; exit 1; }

call_if() { ! declare -F "$1" >/dev/null || "$1"; }

# All labs use the same ports, so there is one lock for them all.
lab_lock() {
    exec 9>/run/imagecache-lab.lock
    flock -w 600 9 || die "another lab command is running"
}

part_is_up() { grep -qsx "$1" "$LAB/run/parts"; }

part_is_active() {   # running, or to be brought up by this command
    part_is_up "$1" || case " ${parts[*]:-} " in *" $1 "*) ;; *) return 1 ;; esac
}

# Changes with each start of the machine, and of a container.
machine_start() {
    local START
    starttime 1
    echo "$(cat /proc/sys/kernel/random/boot_id) $START"
}

# Brought up and not taken down, and the machine was not restarted since.
lab_is_up() { [ -s "$LAB/run/parts" ] && [ "$(machine_start)" = "$(cat "$LAB/run/machine")" ]; }

lab_umount() {   # everything mounted below the state directory
    awk -v p="$LAB/" 'index($2, p) == 1 { print $2 }' /proc/mounts | sort -r |
        while read -r m; do umount "$m" || umount -l "$m"; done
}

once() {         # NAME COMMAND...: run once in the life of the state directory
    local mark=$LAB/data/.done-$1
    shift
    [ -e "$mark" ] && return 0
    "$@" && touch "$mark"
}

# Reads standard input into FILE; true if that changed it.
write_conf() {
    cat >"$1.new"
    if cmp -s "$1.new" "$1"; then rm "$1.new"; return 1; fi
    mv "$1.new" "$1"
}

# ---- packages ---------------------------------------------------------------

install_missing() {
    local p state missing=()
    local -A have=()
    command -v apt-get >/dev/null || die "the lab is made of Debian packages; there is no apt-get here"
    while read -r state p; do
        [ "$state" != installed ] || have[$p]=1
    done < <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null)
    for p in "$@"; do
        [ -n "${have[$p]:-}" ] || missing+=("$p")
        have[$p]=1
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    step "installing ${missing[*]}"
    apt_install "${missing[@]}" ||
        die "apt-get failed: $(grep -E '^(E|dpkg: error)' "$LAB/log/apt.log" | tail -n 2 | head -n 1) (see $LAB/log/apt.log)"
    step "installed ${#missing[@]} packages and what they need"
}

apt_install() (  # a subshell: the trap is its own
    exec >>"$LAB/log/apt.log" 2>&1 </dev/null 9>&-
    export DEBIAN_FRONTEND=noninteractive
    # No service may start while packages are installed.
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
        printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
        chmod 755 /usr/sbin/policy-rc.d
    fi
    apt="apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3"
    # Another repository of this machine may be out of order: what counts is the installation.
    $apt update || true
    $apt install -y --no-install-recommends "$@"
)

# ---- databases --------------------------------------------------------------
# sqlite is enough here, in WAL mode (a property of the file) and with python/labdb.py.

declare -A DATABASE_JOB=()

# PART: make its database in the background, if it has one. Half a database, of
# a run that was interrupted, is thrown away. The job holds the lab's lock too.
start_database() {
    declare -F "$1_database" >/dev/null && [ ! -e "$LAB/data/.done-$1-db" ] || return 0
    mkdir -p "$LAB/data/db"
    rm -f "$LAB/data/db/$1.sqlite"*
    $PY -c 'import sqlite3, sys
sqlite3.connect(sys.argv[1]).execute("pragma journal_mode=wal")' "$LAB/data/db/$1.sqlite"
    once "$1-db" "$1_database" >>"$LAB/log/$1-db.log" 2>&1 &
    DATABASE_JOB[$1]=$!
}

wait_database() {
    [ -n "${DATABASE_JOB[$1]:-}" ] || return 0
    wait "${DATABASE_JOB[$1]}" || die "$1: its database could not be made, see $LAB/log/$1-db.log"
    step "$1 database"
}

conf_database() {
    cat <<CONF
[database]
connection = sqlite:///$LAB/data/db/$1.sqlite?timeout=60&check_same_thread=false&plugin=labdb
sqlite_synchronous = false
CONF
}

# ---- daemons ----------------------------------------------------------------
# A pid file holds "pid starttime"; the start time guards against reused pids.
# A zombie (its parent may be slow to reap it) counts as gone.

starttime() {    # PID; sets START
    local stat
    START=
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
    set -- ${stat##*) }
    [ "$1" = Z ] || START=${20}
}

daemon_pid() {   # prints the pid if NAME is alive
    local pid was START
    read -r pid was 2>/dev/null <"$LAB/run/$1.pid" || return 1
    starttime "$pid"
    [ -n "$was" ] && [ "$START" = "$was" ] && echo "$pid"
}

all_run() { local n; for n in "$@"; do daemon_pid "$n" >/dev/null || return 1; done; }

close_files() {  # all but 0, 1, 2: a daemon must not keep a pipe of the caller's open
    local f
    for f in /proc/"$BASHPID"/fd/*; do
        f=${f##*/}
        [ "$f" -le 2 ] || eval "exec $f>&-"
    done
}

start_daemon() { # NAME PORT COMMAND...; a port of 0 is not looked at
    local name=$1 port=$2 pid START
    shift 2
    ! daemon_pid "$name" >/dev/null || return 0
    [ "$port" = 0 ] || ! port_open "$port" || die "$name: port $port is taken by another program"
    (close_files; exec setsid "$@") >>"$LAB/log/$name.log" 2>&1 </dev/null &
    pid=$!
    starttime "$pid"
    echo "$pid $START" >"$LAB/run/$name.pid"
}

signal_group() { # NAME SIGNAL
    local pid
    pid=$(daemon_pid "$1") || die "$1 is not running"
    kill -"$2" -- "-$pid"
}

stop_daemon() {  # NAME [SIGNAL]: signal it, wait, then kill what is left of its group
    local name=$1 sig=${2:-TERM} pid i
    if pid=$(daemon_pid "$name"); then
        kill -CONT -- "-$pid" 2>/dev/null || true
        kill -"$sig" "$pid" 2>/dev/null || true
        for i in $(seq 150); do daemon_pid "$name" >/dev/null || break; sleep 0.1; done
        kill -KILL -- "-$pid" 2>/dev/null || true
    fi
    rm -f "$LAB/run/$name.pid"
}

stop_daemons() { # several at once
    local n pids=()
    for n in "$@"; do stop_daemon "$n" & pids+=($!); done
    [ ${#pids[@]} = 0 ] || wait "${pids[@]}"
}

wait_for() {     # SECONDS DAEMON COMMAND...: poll until the command succeeds
    local limit=$1 name=$2 end
    shift 2
    ! "$@" >/dev/null 2>&1 || return 0
    end=$((SECONDS + limit))
    until "$@" >/dev/null 2>&1; do
        daemon_pid "$name" >/dev/null ||
            die "$name ended: $(tail -n 1 "$LAB/log/$name.log") (see $LAB/log/$name.log)"
        [ $SECONDS -lt $end ] || die "$name: not ready after $limit s, see $LAB/log/$name.log"
        sleep 0.1
    done
    step "$name ready"
}

port_open() { (exec 3<>"/dev/tcp/$HOST/$1") 2>/dev/null; }
http_ok()   { curl -fsS -o /dev/null --max-time 5 "$1"; }

tree_rss() {     # summed RSS of a process group
    ps -eo pgid=,rss= | awk -v g="$1" '$1 == g { s += $2; n++ } END { printf "%d MB in %d processes", s / 1024, n }'
}

daemon_table() {
    local f n pid
    for n in $(for p in "${PARTS[@]}"; do ! part_is_up "$p" || echo ${DAEMONS[$p]:-}; done); do
        if pid=$(daemon_pid "$n"); then
            printf '%-18s pid %-8s %s\n' "$n" "$pid" "$(tree_rss "$pid")"
        else
            printf '%-18s not running\n' "$n"
        fi
    done
}
