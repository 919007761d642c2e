# Glance. Its stores follow from the parts that run beside it (a cinder store
# that cannot reach Cinder keeps glance-api 25 from starting):
#   file           always; the default
#   rbd            with Ceph
#   cinder, nfs    with Cinder: volumes in Ceph, and files on an "NFS" share
# When they change, a running Glance is restarted.

NEEDS[glance]="keystone"
PACKAGES[glance]="glance-api python3-glanceclient qemu-utils fdisk e2fsprogs"
DAEMONS[glance]="glance"

# No store name may be the beginning of another: glance matches cinder:// by prefix.
glance_stores() {
    echo file:file
    ! part_is_active ceph || echo rbd:rbd
    part_is_active cinder || return 0
    echo cinder:cinder
    ! nfs_backend || echo nfs:cinder
}

glance_conf() {  # true if it changed
    local stores
    stores=$(glance_stores)
    mkdir -p "$LAB/etc/glance" "$LAB/data/glance"/{images,staging,tasks,mnt}
    { cat <<CONF
[DEFAULT]
bind_host = $HOST
bind_port = 9292
workers = ${LAB_GLANCE_WORKERS:-2}
show_image_direct_url = true
show_multiple_locations = true
enabled_backends = $(paste -sd, <<<"$stores")
enabled_import_methods = [glance-direct,copy-image]
node_staging_uri = file://$LAB/data/glance/staging
image_size_cap = 107374182400
[glance_store]
default_backend = file
[file]
filesystem_store_datadir = $LAB/data/glance/images
[os_glance_staging_store]
filesystem_store_datadir = $LAB/data/glance/staging
[os_glance_tasks_store]
filesystem_store_datadir = $LAB/data/glance/tasks
[paste_deploy]
flavor = keystone
config_file = /etc/glance/glance-api-paste.ini
[oslo_concurrency]
lock_path = $LAB/run/glance
[privsep_osbrick]
helper_command = /usr/bin/privsep-helper --config-file $LAB/etc/glance/glance-api.conf
CONF
    ! grep -q '^rbd:' <<<"$stores" || cat <<CONF
[rbd]
rbd_store_ceph_conf = $CEPH_CONF_FILE
rbd_store_user = glance
rbd_store_pool = images
rbd_store_chunk_size = 8
CONF
    ! grep -q '^cinder:' <<<"$stores" || glance_cinder_store cinder multi
    ! grep -q '^nfs:' <<<"$stores" || glance_cinder_store nfs nfs
    conf_database glance; conf_authtoken glance; conf_keymanager; } | write_conf "$LAB/etc/glance/glance-api.conf"
}

glance_cinder_store() {   # STORE VOLUME-TYPE
    cat <<CONF
[$1]
cinder_store_auth_address = $AUTH_URL
cinder_store_user_name = glance
cinder_store_password = $PASSWORD
cinder_store_user_domain_name = Default
cinder_store_project_name = service
cinder_store_project_domain_name = Default
cinder_os_region_name = RegionOne
cinder_catalog_info = volumev3::publicURL
cinder_volume_type = $2
cinder_mount_point_base = $LAB/data/glance/mnt
cinder_state_transition_timeout = 300
CONF
}

glance_database() {
    mkdir -p "$LAB/etc/glance"
    { echo "[DEFAULT]"; conf_database glance; } >"$LAB/etc/glance/db.conf"
    glance-manage --config-file "$LAB/etc/glance/db.conf" db_sync
}

# python3 on PATH may be another one: name the interpreter.
glance_start() {
    start_daemon glance 9292 env HOME="$LAB/data" $PY /usr/bin/glance-api --config-file "$LAB/etc/glance/glance-api.conf"
}

glance_up() {
    identity glance
    wait_database glance
    if glance_conf && daemon_pid glance >/dev/null; then
        stop_daemon glance
        step "glance stopped, its configuration has changed"
    fi
    glance_start
}

glance_wait()  { wait_for 120 glance glance_ready; }
glance_ready() { http_ok http://$HOST:9292/versions; }
