"""SQLAlchemy plugin that lets several services share one sqlite file.

oslo.db opens each transaction with BEGIN. A transaction that has read and then
wants to write fails at once with "database is locked" if anybody else wrote in
between, whatever the timeout. Here a transaction starts with its first write,
by BEGIN IMMEDIATE, which waits; reads before it see what is committed.

Used by `?plugin=labdb` in the connection URL.
"""
from sqlalchemy import event
from sqlalchemy.engine import CreateEnginePlugin


class Plugin(CreateEnginePlugin):
    def engine_created(self, engine):
        event.listen(engine, "begin", skip_oslo_begin)
        event.listen(engine.pool, "checkout", begin_at_first_write)


def skip_oslo_begin(connection):
    connection.info["in_transaction"] = True


def begin_at_first_write(dbapi_connection, record, proxy):
    dbapi_connection.isolation_level = "IMMEDIATE"
