# etcd: the state of a fleet.

PACKAGES[etcd]="etcd-server etcd-client curl"
DAEMONS[etcd]="etcd"

etcd_start() {
    start_daemon etcd 2379 etcd --name lab --data-dir "$LAB/data/etcd" --logger zap --log-level warn \
        --listen-client-urls http://$HOST:2379 --advertise-client-urls http://$HOST:2379 \
        --listen-peer-urls http://$HOST:2380 --initial-advertise-peer-urls http://$HOST:2380 \
        --initial-cluster lab=http://$HOST:2380
}

etcd_up()    { etcd_start; }
etcd_wait()  { wait_for 120 etcd etcd_ready; }
etcd_ready() { http_ok http://$HOST:2379/health; }
