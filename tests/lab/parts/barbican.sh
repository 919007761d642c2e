# Barbican: the certificates of image signatures.

NEEDS[barbican]="keystone"
PACKAGES[barbican]="barbican-api python3-barbicanclient python3-cursive openssl"
DAEMONS[barbican]="barbican"

barbican_conf() {
    # barbican-wsgi-api takes no arguments; it looks in ~/.barbican first.
    mkdir -p "$LAB/etc/barbican/.barbican"
    { cat <<CONF
[DEFAULT]
host_href = http://$HOST:9311
db_auto_create = false
sql_connection = sqlite:///$LAB/data/db/barbican.sqlite?timeout=60&check_same_thread=false&plugin=labdb
max_allowed_secret_in_bytes = 65536
max_allowed_request_size_in_bytes = 1000000
[secretstore]
enabled_secretstore_plugins = store_crypto
[crypto]
enabled_crypto_plugins = simple_crypto
[simple_crypto_plugin]
kek = 'YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY='
[queue]
enable = false
CONF
    conf_database barbican; conf_authtoken barbican; } >"$LAB/etc/barbican/.barbican/barbican.conf"
    conf_uwsgi barbican 9311 /usr/bin/barbican-wsgi-api
}

barbican_database() { barbican_conf; HOME=$LAB/etc/barbican barbican-manage db upgrade; }
barbican_start()    { start_uwsgi barbican 9311 barbican; }

barbican_up() {
    identity barbican
    wait_database barbican
    barbican_conf
    barbican_start
}

barbican_wait()  { wait_for 120 barbican barbican_ready; }
barbican_ready() { http_ok http://$HOST:9311/; }
