# RabbitMQ: Cinder's message bus.

PACKAGES[rabbitmq]="rabbitmq-server"
DAEMONS[rabbitmq]="epmd rabbitmq"
RABBIT_URL=rabbit://guest:guest@$HOST:5672/

epmd_start() { start_daemon epmd 4369 env HOME="$LAB/data/rabbitmq" epmd -address $HOST; }

rabbitmq_start() {
    local d=$LAB/data/rabbitmq
    mkdir -p "$d"
    epmd_start
    echo '[{rabbit, [{tcp_listeners, [{"127.0.0.1", 5672}]}]}].' >"$d/rabbitmq.config"
    : >"$d/enabled_plugins"
    start_daemon rabbitmq 5672 env HOME="$d" RABBITMQ_NODENAME=rabbit@localhost \
        RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_CONFIG_FILE="$d/rabbitmq" \
        RABBITMQ_MNESIA_BASE="$d/mnesia" RABBITMQ_LOGS=- RABBITMQ_ENABLED_PLUGINS_FILE="$d/enabled_plugins" \
        RABBITMQ_PID_FILE="$d/pid" RABBITMQ_DIST_PORT=25672 \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +S 2:2' \
        /usr/lib/rabbitmq/bin/rabbitmq-server
}

rabbitmq_up()    { mkdir -p "$LAB/data/rabbitmq"; rabbitmq_start; }
rabbitmq_wait()  { wait_for 120 rabbitmq rabbitmq_ready; }
rabbitmq_ready() { port_open 5672; }
