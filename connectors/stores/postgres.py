"""The shared store: Postgres, for as many workers as there are partitions. Statements are set-based, rows are locked in
key order, and whatever the network or the server does ends in a rollback."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from types import MappingProxyType

from psycopg.errors import UndefinedTable

from connectors.stores.common import HASH_AS_KEPT, SqlStore, rebuild_projections, require_known
from connectors.stores.postgres_transaction import PostgresTransaction
from connectors.stores.projections import PROJECTIONS
from connectors.stores.session import PostgresConnection, connect, named_failures
from connectors.stores.tables import SCHEMA_VERSION, TABLES
from schemas.errors import TransportError, UnknownOutcomeError
from schemas.store import Position

MIGRATION_LOCK = 0x7265766379636C65  # any number that all our programs agree on


class PostgresStore(SqlStore):
    """One connection; a worker opens one for each step. `url` is a libpq connection string or URI.

    `session` sets the server's parameters for it, beside those of SESSION: a worker's statements end by themselves, a
    person's question may take its time.
    """

    connection: PostgresConnection

    def __init__(self, url: str, session: Mapping[str, str] = MappingProxyType({})) -> None:
        self.connection = PostgresConnection(connect(url, session))
        self._prepare_tables()

    def _prepare_tables(self) -> None:
        if self._read_version() == SCHEMA_VERSION:
            return
        with named_failures(), self.connection.raw.transaction():
            # Workers start together: one of them makes the tables, the others wait and find them.
            self.connection.raw.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
            self.connection.execute("CREATE TABLE IF NOT EXISTS revcycle_schema (version BIGINT NOT NULL)")
            # Transactions of an earlier program end first; those that wait here find out that they are too late.
            self.connection.execute("LOCK TABLE revcycle_schema IN ACCESS EXCLUSIVE MODE")
            version = self._read_version()
            if version < SCHEMA_VERSION:
                for projection in PROJECTIONS if version else ():
                    self.connection.execute(f"DROP TABLE IF EXISTS {projection.table}")
                for statement in TABLES:
                    self.connection.execute(_to_postgres(statement))
                if version:
                    self.connection.execute(HASH_AS_KEPT)
                    rebuild_projections(self.connection, PostgresTransaction(self.connection))
                self.connection.execute("INSERT INTO revcycle_schema (version) VALUES (?)", (SCHEMA_VERSION,))

    def _read_version(self) -> int:
        """The schema of the tables, 0 where there are none; within a transaction it stays so until that ends. Raises
        ConfigurationError for a newer program's."""
        try:
            row = self.connection.execute("SELECT max(version) FROM revcycle_schema").fetchone()
        except UndefinedTable:
            return 0
        version = int((row and row[0]) or 0)
        require_known(version)
        return version

    @contextmanager
    def transaction(self) -> Iterator["PostgresTransaction"]:
        """READ COMMITTED: everything that a batch depends on is locked by row before it is read. Raises
        ConfigurationError, and does nothing, where a newer program has taken the tables over."""
        committing = False
        try:
            with named_failures(), self.connection.raw.transaction():
                self._read_version()
                yield PostgresTransaction(self.connection)
                committing = True
        except TransportError as error:
            if committing:
                raise UnknownOutcomeError(str(error)) from error
            raise

    def take_lease(self, name: str) -> bool:
        """An advisory lock of the session: a server that loses the connection gives it to the next that asks."""
        with named_failures():
            row = self.connection.raw.execute("SELECT pg_try_advisory_lock(hashtext(%s))", (name,)).fetchone()
        return bool(row and row[0])

    def read_clock(self) -> datetime:
        with named_failures():
            (now,) = self.connection.raw.execute("SELECT clock_timestamp()").fetchone() or (None,)
        assert isinstance(now, datetime)
        return now.astimezone(UTC).replace(microsecond=0)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """A transaction that reads only, at REPEATABLE READ."""
        with named_failures(), self.connection.raw.transaction():
            self.connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield

    def claim_partitions(self, step: str, starts: Mapping[tuple[str, int], int], owner: str) -> list[Position]:
        """See `schemas.store.Store`. One statement, in key order, as every transaction locks these rows."""
        columns = [list(x) for x in zip(*((*place, start) for place, start in sorted(starts.items())), strict=True)]
        with self.transaction():
            rows = self.connection.raw.execute(
                "INSERT INTO position (step, topic, partition, next_offset, owner) SELECT %s, c.*, %s "
                "FROM unnest(%b::text[], %b::bigint[], %b::bigint[]) AS c ON CONFLICT (step, topic, partition) "
                "DO UPDATE SET owner = excluded.owner RETURNING topic, partition, next_offset",
                (step, owner, *(columns or ([], [], []))),
            ).fetchall()
        return [Position(*row) for row in sorted(rows)]

    def acknowledge(self, message_ids: Sequence[str]) -> None:
        """See `schemas.store.Store`. Without waiting for the disk: what a crash forgets is published once more."""
        with self.transaction() as transaction:
            self.connection.execute("SET LOCAL synchronous_commit = off")
            transaction.remove_outbox(message_ids)

    def find_hashes(self, event_ids: Sequence[str]) -> Mapping[str, bytes]:
        """See `schemas.store.Store`."""
        query = "SELECT event_id, body_hash FROM event WHERE event_id = ANY(?)"
        return dict(self.connection.execute(query, (list(event_ids),)).fetchall())

    def close(self) -> None:
        """Closes the connection; what was committed stays."""
        self.connection.raw.close()


def _to_postgres(statement: str) -> str:
    """Bytewise order of text (COLLATE "C") as in SQLite, so that both stores list and digest alike."""
    statement = statement.replace("INTEGER PRIMARY KEY", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY")
    statement = statement.replace(" INTEGER", " BIGINT").replace(" BLOB", " BYTEA")
    return re.sub(r" TEXT\b", ' TEXT COLLATE "C"', statement)
