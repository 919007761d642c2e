# Cinder: volumes in Ceph (types rbd and multi) and, where this machine lets us
# play NFS with itself, as files on a share (type nfs).

NEEDS[cinder]="keystone rabbitmq ceph glance"
PACKAGES[cinder]="cinder-api cinder-scheduler cinder-volume python3-cinderclient python3-os-brick qemu-system-common fuse3 sudo"
DAEMONS[cinder]="cinder-api cinder-scheduler cinder-volume"

nfs_backend() { [ -e "$LAB/etc/cinder/nfs_shares" ]; }

cinder_conf() {  # true if it changed
    local backends=rbd
    mkdir -p "$LAB/etc/cinder" "$LAB/data/cinder"/{conversion,mnt,volumes} "$LAB/run/cinder"
    ! nfs_backend || backends="rbd, nfs"
    conf_uwsgi cinder 8776 /usr/bin/cinder-wsgi "--config-file $LAB/etc/cinder/cinder.conf"
    { cat <<CONF
[DEFAULT]
host = lab
my_ip = $HOST
transport_url = $RABBIT_URL
auth_strategy = keystone
state_path = $LAB/data/cinder
rootwrap_config = /etc/cinder/rootwrap.conf
api_paste_config = /etc/cinder/api-paste.ini
resource_query_filters_file = /etc/cinder/resource_filters.json
image_conversion_dir = $LAB/data/cinder/conversion
volumes_dir = $LAB/data/cinder/volumes
quota_volumes = -1
use_default_quota_class = false
enabled_backends = $backends
default_volume_type = rbd
glance_api_servers = http://$HOST:9292
allowed_direct_url_schemes = cinder
cinder_internal_tenant_project_id = $(cat "$LAB/etc/service_project_id")
cinder_internal_tenant_user_id = $(cat "$LAB/etc/cinder_user_id")
[rbd]
volume_driver = cinder.volume.drivers.rbd.RBDDriver
volume_backend_name = rbd
rbd_ceph_conf = $CEPH_CONF_FILE
rbd_user = cinder
rbd_pool = volumes
rbd_secret_uuid = 457eb676-33da-42ec-9a8c-9293d545c337
image_volume_cache_enabled = true
image_upload_use_cinder_backend = true
[nfs]
volume_driver = cinder.volume.drivers.nfs.NfsDriver
volume_backend_name = nfs
nfs_shares_config = $LAB/etc/cinder/nfs_shares
nfs_mount_point_base = $LAB/data/cinder/mnt
nas_secure_file_operations = false
nas_secure_file_permissions = false
nfs_snapshot_support = true
image_upload_use_cinder_backend = true
[oslo_concurrency]
lock_path = $LAB/run/cinder
[privsep]
helper_command = /usr/bin/privsep-helper --config-file $LAB/etc/cinder/cinder.conf
[cinder_sys_admin]
helper_command = /usr/bin/privsep-helper --config-file $LAB/etc/cinder/cinder.conf
[privsep_osbrick]
helper_command = /usr/bin/privsep-helper --config-file $LAB/etc/cinder/cinder.conf
[service_user]
send_service_user_token = true
auth_type = password
auth_url = $AUTH_URL
username = cinder
password = $PASSWORD
project_name = service
user_domain_name = Default
project_domain_name = Default
CONF
    conf_database cinder; conf_authtoken cinder; conf_keymanager; } | write_conf "$LAB/etc/cinder/cinder.conf"
}

cinder_database() {
    mkdir -p "$LAB/etc/cinder" "$LAB/data/cinder"
    { echo "[DEFAULT]"; echo "state_path = $LAB/data/cinder"; conf_database cinder; } >"$LAB/etc/cinder/db.conf"
    cinder-manage --config-file "$LAB/etc/cinder/db.conf" db sync
}

# A kernel without an NFS client: `mount -t nfs` runs this helper, which binds
# the exported directory of the same machine instead.
MOUNT_NFS=/sbin/mount.nfs
MARK="imagecache lab $LAB"
nfs_helper() {
    if [ -e $MOUNT_NFS ]; then grep -qsF "# $MARK:" $MOUNT_NFS || { grep -qs '^# imagecache lab' $MOUNT_NFS; return; }; fi
    cat >$MOUNT_NFS <<SCRIPT
#!/bin/sh
# $MARK: bind mount in place of NFS from this machine
[ \$# -ge 2 ] || exit 0
mount --bind "\${1#*:}" "\$2" || exit
case ",\$4," in *,ro,*) exec mount -o remount,bind,ro "\$2" ;; esac
SCRIPT
    chmod 755 $MOUNT_NFS
}

# The share is a file system of its own (on a sparse file): a bind mount of the
# same file system is no mount point for glance (os.path.ismount).
share_mount() {
    local img=$LAB/data/cinder/share.img dir=$LAB/data/cinder/share
    ! mountpoint -q "$dir" || return 0
    mkdir -p "$dir"
    if [ ! -e "$img" ]; then
        truncate -s "${LAB_SHARE_GIB:-20}G" "$img.new" && mkfs.ext4 -q -F -m 0 "$img.new" && mv "$img.new" "$img"
    fi
    mount -o loop,discard "$img" "$dir"
}

nfs_up() {
    mkdir -p "$LAB/etc/cinder"
    if nfs_helper && share_mount >>"$LAB/log/share.log" 2>&1; then
        echo "$HOST:$LAB/data/cinder/share" >"$LAB/etc/cinder/nfs_shares"
    else
        rm -f "$LAB/etc/cinder/nfs_shares"
        note "no nfs store: $MOUNT_NFS is not the lab's, or there is no loop device (see $LAB/log/share.log)"
    fi
}

# os-brick reads /etc/ceph/<cluster>.client.<user>.keyring: make the lab the
# cluster of this machine unless the machine has one already.
ceph_links() {
    local f
    mkdir -p /etc/ceph
    for f in ceph.conf ceph.client.cinder.keyring ceph.client.compute.keyring; do
        [ -e "/etc/ceph/$f" ] || ln -sfn "$CEPH_ETC/$f" "/etc/ceph/$f"
    done
}

# The packages and glance's cinder store look the machine's own name up.
cinder_before_install() {
    [ -e /etc/hosts ] || echo "127.0.0.1 localhost" >/etc/hosts
    getent hosts "$(hostname)" >/dev/null || echo "127.0.0.1 $(hostname) # $MARK" >>/etc/hosts
}

start_cinder() { # DAEMON
    start_daemon "$1" 0 env HOME="$LAB/data" $PY "/usr/bin/$1" --config-file "$LAB/etc/cinder/cinder.conf"
}
cinder-api_start()       { start_uwsgi cinder-api 8776 cinder; }
cinder-scheduler_start() { start_cinder cinder-scheduler; }
cinder-volume_start()    { start_cinder cinder-volume; }

cinder_up() {
    local d
    nfs_up
    ceph_links
    identity cinder
    wait_database cinder
    if cinder_conf; then stop_daemons ${DAEMONS[cinder]}; fi
    rabbitmq_wait
    for d in ${DAEMONS[cinder]}; do "${d}_start"; done
    wait_for 120 cinder-api http_ok http://$HOST:8776/
    once volume-types $PY -B "$here/lib/setup.py" types >>"$LAB/log/setup.log" 2>&1 ||
        die "cinder refused the volume types: $(tail -n 1 "$LAB/log/setup.log")"
}

cinder_wait() {  # all back ends have reported
    wait_for 120 cinder-volume cinder_ready
}

cinder_ready() {
    [ "$(timeout 20 $PY -B "$here/lib/setup.py" backends)" = "$(nfs_backend && echo 2 || echo 1)" ]
}

cinder_wipe() {  # what the part left outside the state directory
    local f hosts
    ! grep -qsF "# $MARK:" $MOUNT_NFS || rm -f $MOUNT_NFS
    if hosts=$(grep -vF "# $MARK" /etc/hosts); then    # written in place: it may be a mount
        cmp -s <(echo "$hosts") /etc/hosts || echo "$hosts" >/etc/hosts
    fi
    for f in /etc/ceph/*; do
        [ -L "$f" ] || continue
        case $(readlink "$f") in "$LAB"/*) rm -f "$f" ;; esac
    done
}
