# Ceph: one mon, one mgr, one OSD (BlueStore on a sparse file), the pools
# `images` and `volumes`, and the users glance, cinder and compute.

PACKAGES[ceph]="ceph-mon ceph-mgr ceph-osd ceph-common python3-rbd python3-rados
    qemu-utils qemu-block-extra"
DAEMONS[ceph]="ceph-mon ceph-mgr ceph-osd"
CEPH_ETC=$LAB/etc/ceph
CEPH_CONF_FILE=$CEPH_ETC/ceph.conf

ceph_cmd()   { timeout 60 ceph -c "$CEPH_CONF_FILE" --name client.admin "$@"; }
keyring_of() { echo "$CEPH_ETC/ceph.$1.keyring"; }

ceph_conf() {
    [ ! -e "$CEPH_CONF_FILE" ] || return 0
    mkdir -p "$CEPH_ETC" "$LAB/data/ceph"/{mon,mgr,osd} "$LAB/run/ceph"
    cat >"$CEPH_CONF_FILE" <<CONF
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon_host = [v2:127.0.0.1:3300,v1:127.0.0.1:6789]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = cephx
auth_service_required = cephx
auth_client_required = cephx
keyring = $CEPH_ETC/ceph.\$name.keyring
run_dir = $LAB/run/ceph
admin_socket = $LAB/run/ceph/\$name.\$pid.asok
log_file = $LAB/log/ceph-\$name.log
mon_cluster_log_file = $LAB/log/ceph-cluster.log
crash_dir = $LAB/data/ceph/crash
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 16
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_allow_pool_delete = true
mon_warn_on_pool_no_redundancy = false
mon_data_avail_warn = 2
mon_data_avail_crit = 1
paxos_propose_interval = 0.05
auth_allow_insecure_global_id_reclaim = false

[client]
# One socket and one log per client process would only litter.
admin_socket =
log_file =

[mon]
mon_data = $LAB/data/ceph/mon

[mgr]
mgr_data = $LAB/data/ceph/mgr
mgr_initial_modules =

[osd]
osd_data = $LAB/data/ceph/osd
osd_objectstore = bluestore
bluestore_block_size = $((${LAB_OSD_GIB:-30} * 1024 * 1024 * 1024))
bluestore_block_create = true
osd_memory_target = 1073741824
CONF
}

authtool() { ceph-authtool "$@" >>"$LAB/log/ceph-mkfs.log"; }

ceph_mkfs_mon() {
    local kr
    [ ! -e "$LAB/data/ceph/mon/.made" ] || return 0
    kr=$(keyring_of mon.)
    rm -rf "$LAB/data/ceph/mon"; mkdir "$LAB/data/ceph/mon"
    authtool --create-keyring "$kr" --gen-key -n mon. --cap mon 'allow *'
    authtool --create-keyring "$(keyring_of client.admin)" --gen-key -n client.admin \
        --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *' --cap mds 'allow *'
    authtool --create-keyring "$(keyring_of mgr.a)" --gen-key -n mgr.a \
        --cap mon 'allow profile mgr' --cap osd 'allow *' --cap mds 'allow *'
    authtool "$kr" --import-keyring "$(keyring_of client.admin)"
    authtool "$kr" --import-keyring "$(keyring_of mgr.a)"
    monmaptool --create --clobber --fsid "$(sed -n 's/^fsid = //p' "$CEPH_CONF_FILE")" \
        --addv a '[v2:127.0.0.1:3300,v1:127.0.0.1:6789]' "$LAB/data/ceph/monmap" >/dev/null
    ceph-mon -c "$CEPH_CONF_FILE" -i a --mkfs --monmap "$LAB/data/ceph/monmap" --keyring "$kr" \
        >>"$LAB/log/ceph-mkfs.log" 2>&1 || die "ceph-mon could not make its store, see $LAB/log/ceph-mkfs.log"
    touch "$LAB/data/ceph/mon/.made"
}

ceph_mkfs_osd() {
    local uuid secret kr
    [ ! -e "$LAB/data/ceph/osd/.made" ] || return 0
    kr=$(keyring_of osd.0)
    uuid=$(cat /proc/sys/kernel/random/uuid)
    secret=$(ceph-authtool --gen-print-key)
    rm -rf "$LAB/data/ceph/osd"; mkdir "$LAB/data/ceph/osd"
    ceph_cmd osd purge 0 --force >/dev/null 2>&1 || true    # left by an interrupted run
    echo "{\"cephx_secret\": \"$secret\"}" | ceph_cmd osd new "$uuid" 0 -i - >/dev/null
    authtool --create-keyring "$kr" -n osd.0 --add-key "$secret"
    ceph-osd -c "$CEPH_CONF_FILE" -i 0 --mkfs --osd-uuid "$uuid" >>"$LAB/log/ceph-mkfs.log" 2>&1 ||
        die "ceph-osd could not make its store, see $LAB/log/ceph-mkfs.log"
    touch "$LAB/data/ceph/osd/.made"
}

ceph_user() {    # NAME MON-CAP OSD-CAP
    [ ! -s "$(keyring_of "$1")" ] || return 0
    ceph_cmd auth get-or-create "$1" mon "$2" osd "$3" -o "$(keyring_of "$1").new"
    mv "$(keyring_of "$1").new" "$(keyring_of "$1")"
}

ceph_pool() {
    [ ! -e "$LAB/data/.done-pool-$1" ] || return 0
    ceph_cmd osd pool create "$1" 16 16 >/dev/null 2>&1
    timeout 60 rbd -c "$CEPH_CONF_FILE" --name client.admin pool init "$1"
    touch "$LAB/data/.done-pool-$1"
}

ceph-mon_start() { start_daemon ceph-mon 3300 ceph-mon -f -c "$CEPH_CONF_FILE" -i a; }
ceph-mgr_start() { start_daemon ceph-mgr 0 ceph-mgr -f -c "$CEPH_CONF_FILE" -i a; }
ceph-osd_start() { start_daemon ceph-osd 0 ceph-osd -f -c "$CEPH_CONF_FILE" -i 0; }

ceph_up() {
    ceph_conf
    ceph_mkfs_mon
    ceph-mon_start
    wait_for 120 ceph-mon ceph_cmd --connect-timeout 2 quorum_status
    ceph-mgr_start
    ceph_mkfs_osd
    ceph-osd_start
    wait_for 120 ceph-osd ceph_osd_up
    ceph_pool images
    ceph_pool volumes
    ceph_user client.glance  'profile rbd' 'profile rbd pool=images'
    ceph_user client.cinder  'profile rbd' 'profile rbd pool=volumes, profile rbd-read-only pool=images'
    ceph_user client.compute 'profile rbd' 'profile rbd-read-only pool=images'
    wait_for 120 ceph-osd ceph_ready
}

ceph_osd_up() {
    ceph_cmd --connect-timeout 5 osd stat -f json |
        $PY -c 'import json, sys; sys.exit(json.load(sys.stdin)["num_up_osds"] != 1)'
}

ceph_ready() { timeout 10 rbd -c "$CEPH_CONF_FILE" --name client.admin ls images; }
