"""The shared store: Postgres, for as many workers as there are partitions. Statements are set-based, rows are locked in
key order, and whatever the network or the server does ends in a rollback."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import count, groupby
from types import MappingProxyType
from typing import Any

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus

from connectors.stores.common import (
    EVENT_COLUMNS,
    HASH_AS_KEPT,
    LETTER_COLUMNS,
    SetAsides,
    SqlStore,
    make_event_row,
    make_letter_row,
    rebuild_projections,
)
from connectors.stores.due import LIST_DUE, SAVE_DUE, make_due_row, read_due_row
from connectors.stores.projections import PROJECTIONS, project
from connectors.stores.projections.projection import Statement
from connectors.stores.session import connect, first_line
from connectors.stores.tables import SCHEMA_VERSION, TABLES
from schemas.errors import (
    ConfigurationError,
    DoubledEntryError,
    PassingConflictError,
    TransportError,
    UnknownOutcomeError,
)
from schemas.event import Event
from schemas.store import Applied, DeadLetter, Due, Position, PublishResult, SetAside
from schemas.wire import encode_body, hash_body

MIGRATION_LOCK = 0x7265766379636C65  # any number that all our programs agree on
STATEMENT = re.compile(r"\s*(INSERT INTO|UPDATE) (\w+)")
# Another transaction was in the way, and a second try of the whole batch finds the way clear.
PASSING_ERRORS = (errors.SerializationFailure, errors.DeadlockDetected)


class PostgresConnection:
    """psycopg behind the questions of `connectors.stores.common`: `?` marks a parameter."""

    def __init__(self, raw: psycopg.Connection[Any]) -> None:
        self.raw = raw
        self._numbers = count()

    def execute(self, query: str, parameters: Any = (), /) -> psycopg.Cursor[Any]:
        with _named_failures():
            return self.raw.execute(_translate(query), parameters or None)

    def stream(self, query: str, parameters: Any = (), /) -> psycopg.ServerCursor[Any]:
        """A plain cursor brings the whole answer at once; one of the server needs a name, and a transaction or WITH
        HOLD."""
        is_idle = self.raw.info.transaction_status == TransactionStatus.IDLE
        cursor = self.raw.cursor(name=f"stream_{next(self._numbers)}", withhold=is_idle)
        with _named_failures():
            return cursor.execute(_translate(query), parameters or None)

    def executemany(self, query: str, rows: Any, /) -> None:
        with self.raw.cursor() as cursor:
            cursor.executemany(_translate(query), rows)


def _translate(query: str) -> bytes:
    return query.replace("%", "%%").replace("?", "%s").encode() if "?" in query else query.encode()


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
        with _named_failures(), self.connection.raw.transaction():
            # Workers start together: one of them makes the tables, the others wait and find them.
            self.connection.raw.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
            self.connection.execute("CREATE TABLE IF NOT EXISTS revcycle_schema (version BIGINT NOT NULL)")
            row = self.connection.execute("SELECT max(version) FROM revcycle_schema").fetchone()
            version = (row and row[0]) or 0
            if version > SCHEMA_VERSION:
                raise ConfigurationError(
                    f"the store was written by a newer revcycle (schema {version}, this one knows "
                    f"{SCHEMA_VERSION}): install the newer program"
                )
            if version < SCHEMA_VERSION:
                for projection in PROJECTIONS if version else ():
                    self.connection.execute(f"DROP TABLE IF EXISTS {projection.table}")
                for statement in TABLES:
                    self.connection.execute(_to_postgres(statement))
                if version:
                    self.connection.execute(HASH_AS_KEPT)
                    rebuild_projections(self.connection, PostgresTransaction(self.connection))
                self.connection.execute("INSERT INTO revcycle_schema (version) VALUES (?)", (SCHEMA_VERSION,))

    @contextmanager
    def transaction(self) -> Iterator["PostgresTransaction"]:
        """READ COMMITTED: everything that a batch depends on is locked by row before it is read."""
        committing = False
        try:
            with _named_failures(), self.connection.raw.transaction():
                yield PostgresTransaction(self.connection)
                committing = True
        except TransportError as error:
            if committing:
                raise UnknownOutcomeError(str(error)) from error
            raise

    def take_lease(self, name: str) -> bool:
        """An advisory lock of the session: a server that loses the connection gives it to the next that asks."""
        with _named_failures():
            row = self.connection.raw.execute("SELECT pg_try_advisory_lock(hashtext(%s))", (name,)).fetchone()
        return bool(row and row[0])

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """A transaction that reads only, at REPEATABLE READ."""
        with _named_failures(), self.connection.raw.transaction():
            self.connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield

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


@contextmanager
def _named_failures() -> Iterator[None]:
    """A server that is away, full or restarting is transport trouble, never a bug of ours."""
    try:
        yield
    except errors.UniqueViolation as error:
        # The same event over two partitions at once passes, but its entries are written only by the one that is first.
        if error.diag.table_name in ("entry", "entry_line"):
            raise DoubledEntryError(f"unique key of {error.diag.table_name}") from error
        raise PassingConflictError(type(error).__name__) from error
    except PASSING_ERRORS as error:
        raise PassingConflictError(type(error).__name__) from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise TransportError(f"Postgres broke off: {first_line(error)}") from error


def _to_postgres(statement: str) -> str:
    """Bytewise order of text (COLLATE "C") as in SQLite, so that both stores list and digest alike."""
    statement = statement.replace("INTEGER PRIMARY KEY", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY")
    statement = statement.replace(" INTEGER", " BIGINT").replace(" BLOB", " BYTEA")
    return re.sub(r" TEXT\b", ' TEXT COLLATE "C"', statement)


class PostgresTransaction(SetAsides[PostgresConnection]):
    """One open transaction; see `schemas.store.StoreTransaction` for what each call promises."""

    def __init__(self, connection: PostgresConnection) -> None:
        self.connection = connection

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        with _named_failures(), self.connection.raw.transaction():
            yield

    def lock_held_keys(self, step: str) -> frozenset[str]:
        # Shared: the batches of other workers go on, and who gives something back waits for them.
        rows = self.connection.raw.execute(
            "SELECT key FROM set_aside WHERE step = %s AND ended = '' ORDER BY sequence FOR SHARE", (step,)
        )
        return frozenset(key for (key,) in rows)

    def lock_set_aside(self, step: str, key: str) -> list[SetAside]:
        self.connection.raw.execute(
            "SELECT 1 FROM set_aside WHERE step = %s AND key = %s AND ended = '' ORDER BY sequence FOR UPDATE",
            (step, key),
        )
        # Asked again: a batch that was waited for may have added some, which the first question did not see.
        return self.list_set_aside(step, key)

    def lock_positions(self, step: str, positions: Sequence[Position], owner: str = "") -> bool:
        expected = {(x.topic, x.partition): (x.next_offset, owner) for x in positions}
        topics, partitions = zip(*expected, strict=True) if expected else ((), ())
        rows = self.connection.raw.execute(
            "SELECT topic, partition, next_offset, owner FROM position WHERE step = %s AND (topic, partition) IN "
            "(SELECT * FROM unnest(%b::text[], %b::bigint[])) ORDER BY topic, partition FOR UPDATE",
            (step, list(topics), list(partitions)),
        )
        found = {(topic, partition): (next_offset, by) for topic, partition, next_offset, by in rows}
        return all(found.get(place, (0, "")) == value for place, value in expected.items())

    def seen(self, step: str, event_ids: Sequence[str]) -> Mapping[str, bytes]:
        rows = self.connection.raw.execute(
            "SELECT event_id, body_hash FROM applied WHERE step = %s AND event_id = ANY(%b)", (step, list(event_ids))
        )
        return dict(rows.fetchall())

    def load_states(self, step: str, keys: Sequence[str]) -> Mapping[str, bytes]:
        # A key that is missing gets a row first, or two workers would both find nothing to lock.
        raw = self.connection.raw
        wanted = sorted(keys)
        raw.execute(
            "INSERT INTO state (step, key) SELECT %s, unnest(%b::text[]) ON CONFLICT DO NOTHING", (step, wanted)
        )
        rows = raw.execute(
            "SELECT key, value FROM state WHERE step = %s AND key = ANY(%b) ORDER BY key FOR UPDATE", (step, wanted)
        )
        return {key: value for key, value in rows if value is not None}

    def save_states(self, step: str, states: Mapping[str, bytes]) -> None:
        self.connection.raw.execute(
            "INSERT INTO state (step, key, value) SELECT %s, * FROM unnest(%b::text[], %b::bytea[]) "
            "ON CONFLICT (step, key) DO UPDATE SET value = excluded.value",
            (step, list(states), list(states.values())),
        )

    def save_due(self, step: str, due: Sequence[Due]) -> None:
        self.connection.executemany(SAVE_DUE, [make_due_row(step, x) for x in sorted(due, key=lambda x: x.key)])

    def list_due(self, step: str, on: date) -> list[Due]:
        return [read_due_row(row) for row in self.connection.execute(LIST_DUE, (step, on.isoformat()))]

    def append(self, events: Sequence[Event], source: str) -> PublishResult:
        bodies = [encode_body(event) for event in events]
        hashes = [hash_body(body) for body in bodies]
        rows: dict[str, tuple[object, ...]] = {}
        for event, body, body_hash in zip(events, bodies, hashes, strict=True):
            rows.setdefault(event.event_id, make_event_row(event, body, body_hash, source))
        new = self._insert_events(list(rows.values()))
        known: dict[str, bytes] = {}
        if len(new) < len(events):
            others = [event.event_id for event in events]
            query = "SELECT event_id, body_hash FROM event WHERE event_id = ANY(%b)"
            known = dict(self.connection.raw.execute(query, (others,)).fetchall())
        fresh: list[Event] = []
        repeated: list[str] = []
        conflicting: list[str] = []
        for event, body_hash in zip(events, hashes, strict=True):
            if event.event_id in new:
                new.discard(event.event_id)
                fresh.append(event)
            else:
                same = known[event.event_id] == body_hash
                (repeated if same else conflicting).append(event.event_id)
        self.project(fresh)
        return PublishResult(tuple(fresh), tuple(repeated), tuple(conflicting))

    def _insert_events(self, rows: Sequence[tuple[object, ...]]) -> set[str]:
        """The ids that were new. A transaction that has just inserted one of the others is waited for."""
        if not rows:
            return set()
        columns = [list(column) for column in zip(*rows, strict=True)]
        inserted = self.connection.raw.execute(
            f"INSERT INTO event ({EVENT_COLUMNS}) SELECT * FROM unnest(%b::text[], %b::text[], %b::text[], "
            "%b::bigint[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::bytea[], %b::bytea[], "
            "%b::text[]) ON CONFLICT (event_id) DO NOTHING RETURNING event_id",
            columns,
        )
        return {event_id for (event_id,) in inserted}

    def project(self, events: Iterable[Event]) -> None:
        """Applies the projections of events. Rows are touched in the order of table and key, so that workers never
        wait for each other in a circle; the statements of one row keep the order of their events."""
        statements = [statement for event in events for statement in project(event)]
        statements.sort(key=_row_of)
        with self.connection.raw.pipeline():
            for query, group in groupby(statements, key=lambda statement: statement[0]):
                self.connection.executemany(query, [_without_nul(parameters) for _, parameters in group])

    def add_dead_letters(self, letters: Sequence[DeadLetter]) -> None:
        self.connection.executemany(
            f"INSERT INTO dead_letter ({LETTER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            map(make_letter_row, letters),
        )

    def add_outbox(self, step: str, messages: Sequence[tuple[str, str, int]]) -> None:
        ids, topics, partitions = (list(column) for column in zip(*messages, strict=True)) if messages else ((),) * 3
        self.connection.raw.execute(
            "INSERT INTO outbox (message_id, step, topic, partition) SELECT m.id, %s, m.topic, m.partition "
            "FROM unnest(%b::text[], %b::text[], %b::bigint[]) AS m(id, topic, partition) ON CONFLICT DO NOTHING",
            (step, list(ids), list(topics), list(partitions)),
        )

    def lock_sending(self, source: str, wait: bool) -> bool:
        asks = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
        query = f"SELECT {asks}(hashtext('sending'), hashtext(%s))".encode()
        row = self.connection.raw.execute(query, (source,)).fetchone()
        return wait or bool(row and row[0])

    def remove_outbox(self, message_ids: Sequence[str]) -> None:
        self.connection.raw.execute("DELETE FROM outbox WHERE message_id = ANY(%b)", (list(message_ids),))

    def mark_applied(self, step: str, applied: Iterable[Applied]) -> None:
        rows = list(applied)
        self.connection.raw.execute(
            "INSERT INTO applied (step, event_id, key, body_hash) SELECT %s, * FROM "
            "unnest(%b::text[], %b::text[], %b::bytea[])",
            (step, [x.event_id for x in rows], [x.key for x in rows], [x.body_hash for x in rows]),
        )

    def save_positions(self, step: str, positions: Sequence[Position]) -> None:
        self.connection.executemany(
            "INSERT INTO position (step, topic, partition, next_offset) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (step, topic, partition) DO UPDATE SET next_offset = excluded.next_offset",
            [(step, x.topic, x.partition, x.next_offset) for x in positions],
        )


def _row_of(statement: Statement) -> tuple[bool, str, str]:
    """Table and key of the row that a projection touches: an INSERT names its key first, an UPDATE last. The timeline
    comes after all others, because it asks a work item what it is about."""
    query, parameters = statement
    found = STATEMENT.match(query)
    assert found is not None
    verb, table = found.groups()
    key = parameters[-1 if verb == "UPDATE" else 0]
    return table == "timeline", table, str(key)


def _without_nul(parameters: tuple[object, ...]) -> tuple[object, ...]:
    """Postgres keeps no NUL in text; the event itself, which does, is not touched."""
    return tuple(x.replace("\x00", "\N{REPLACEMENT CHARACTER}") if isinstance(x, str) else x for x in parameters)
