# Keystone, the users, and what every OpenStack service needs to use it.

PACKAGES[keystone]="keystone uwsgi-core uwsgi-plugin-python3 curl procps
    python3-openstackclient python3-keystoneclient"
DAEMONS[keystone]="keystone"
AUTH_URL=http://$HOST:5000/v3

conf_authtoken() {
    cat <<CONF
[keystone_authtoken]
www_authenticate_uri = $AUTH_URL
auth_url = $AUTH_URL
auth_type = password
user_domain_name = Default
project_domain_name = Default
project_name = service
username = $1
password = $PASSWORD
region_name = RegionOne
service_token_roles = service
service_token_roles_required = true
CONF
}

conf_keymanager() {
    cat <<CONF
[key_manager]
backend = barbican
[barbican]
auth_endpoint = $AUTH_URL
barbican_endpoint = http://$HOST:9311
CONF
}

conf_uwsgi() {   # NAME PORT WSGI-FILE [ARGS]
    cat >"$LAB/etc/$1/uwsgi.ini" <<CONF
[uwsgi]
plugins = http, python3
http = $HOST:$2
socket = $HOST:0
http-chunked-input = true
http-raw-body = true
# The http router of uwsgi does not keep connections alive.
add-header = Connection: close
master = true
lazy-apps = true
processes = 1
threads = 8
enable-threads = true
die-on-term = true
exit-on-reload = true
no-orphans = true
buffer-size = 65535
http-timeout = 300
disable-logging = true
wsgi-file = $3
${4:+pyargv = $4}
CONF
}

start_uwsgi() {  # DAEMON PORT NAME
    start_daemon "$1" "$2" env HOME="$LAB/etc/$3" uwsgi --ini "$LAB/etc/$3/uwsgi.ini"
}

keystone_conf() {
    mkdir -p "$LAB/etc/keystone/fernet"
    chmod 700 "$LAB/etc/keystone/fernet"
    { cat <<CONF
[DEFAULT]
public_endpoint = http://$HOST:5000/
[token]
expiration = 86400
[fernet_tokens]
key_repository = $LAB/etc/keystone/fernet/
CONF
    conf_database keystone; } >"$LAB/etc/keystone/keystone.conf"
    conf_uwsgi keystone 5000 /usr/bin/keystone-wsgi-public "--config-file $LAB/etc/keystone/keystone.conf"
}

keystone_database() {
    local c="keystone-manage --config-file $LAB/etc/keystone/keystone.conf"
    keystone_conf
    $c db_sync && $c fernet_setup --keystone-user root --keystone-group root &&
    $c bootstrap --bootstrap-password "$PASSWORD" --bootstrap-region-id RegionOne \
        --bootstrap-public-url "$AUTH_URL" --bootstrap-internal-url "$AUTH_URL" --bootstrap-admin-url "$AUTH_URL"
}

# Users and projects, then the service user and endpoints of one part.
identity() {     # [SERVICE]
    [ ! -e "$LAB/data/.done-identity-${1:-users}" ] || return 0
    once "identity-${1:-users}" $PY -B "$here/lib/setup.py" identity "$LAB/etc" "$@" >>"$LAB/log/setup.log" 2>&1 ||
        die "keystone refused the setup of ${1:-users}: $(tail -n 1 "$LAB/log/setup.log")"
}

keystone_start() { start_uwsgi keystone 5000 keystone; }

keystone_up() {
    wait_database keystone
    keystone_conf
    keystone_start
    wait_for 120 keystone keystone_ready
    identity
}

keystone_ready() { http_ok $AUTH_URL; }

keystone_env() { # [USER]: admin (default) or demo
    local user=${1:-admin}
    case $user in admin|demo) ;; *) usage ;; esac
    part_is_up keystone && lab_is_up || die "the lab is not up"
    cat <<ENV
export OS_AUTH_URL=$AUTH_URL
export OS_IDENTITY_API_VERSION=3
export OS_USERNAME=$user
export OS_PASSWORD=$PASSWORD
export OS_PROJECT_NAME=$user
export OS_USER_DOMAIN_NAME=Default
export OS_PROJECT_DOMAIN_NAME=Default
export OS_REGION_NAME=RegionOne
export OS_VOLUME_API_VERSION=3.70
export ETCDCTL_API=3
ENV
    ! part_is_up ceph || echo "export CEPH_CONF=$CEPH_CONF_FILE"
}

# The same as a file: clouds `lab` (admin) and `lab-demo`.
clouds_yaml() {
    local user
    part_is_up keystone || return 0
    { echo "clouds:"
      for user in admin demo; do
        cat <<YAML
  lab$([ $user = admin ] || echo -$user):
    auth:
      auth_url: $AUTH_URL
      username: $user
      password: $PASSWORD
      project_name: $user
      user_domain_name: Default
      project_domain_name: Default
    region_name: RegionOne
YAML
      done; } | write_conf "$LAB/etc/clouds.yaml" || true
}
