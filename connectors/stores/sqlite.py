"""The embedded store: one SQLite file in WAL mode with synchronous=FULL; a commit is on the disk."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NoReturn

from connectors.permissions import FILE_MODE, FOLDER_MODE
from connectors.stores.common import (
    EVENT_COLUMNS,
    HASH_AS_KEPT,
    LETTER_COLUMNS,
    SetAsides,
    SqlStore,
    make_event_row,
    make_letter_row,
    rebuild_projections,
    require_known,
)
from connectors.stores.due import LIST_DUE, SAVE_DUE, make_due_row, read_due_row
from connectors.stores.projections import ORDERED, PROJECTIONS, project
from connectors.stores.tables import SCHEMA_VERSION, TABLES
from schemas.errors import ConfigurationError, DoubledEntryError, TransportError
from schemas.event import Event
from schemas.store import Applied, DeadLetter, Due, Position, PublishResult, SetAside
from schemas.wire import encode_body, hash_body

IN_MEMORY = ":memory:"
# Of the machine, not of what is written: https://www.sqlite.org/rescode.html
TRANSPORT_CODES = frozenset(
    (
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR),
        *(sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PROTOCOL),
    )
)
VARIABLES_MAX = 900  # SQLite takes 999 in old builds


class SqliteConnection(sqlite3.Connection):
    """sqlite3 behind the questions of `connectors.stores.common`."""

    def stream(self, query: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """SQLite computes a row when it is asked for."""
        return self.execute(query, parameters)


class SqliteStore(SqlStore):
    """All tables in one file. Readers never wait; one writer at a time, the next waits up to `busy_seconds`."""

    connection: SqliteConnection

    def __init__(self, path: Path, busy_seconds: int = 60) -> None:
        self.path = path
        path.parent.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        try:
            if str(path) != IN_MEMORY:
                path.touch(FILE_MODE)  # -wal and -shm are given the same mode
            self.connection = sqlite3.connect(
                path, timeout=busy_seconds, isolation_level=None, factory=SqliteConnection
            )
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = FULL")
            self.connection.execute("PRAGMA cache_size = -65536")  # 64 MB: the indexes of a million events
            # 32 MB of log: a page that many batches touch is written into the file once.
            self.connection.execute("PRAGMA wal_autocheckpoint = 8192")
            self._prepare_tables()
        except OSError as error:
            raise TransportError(f"the database {path} cannot be made ({error.strerror})") from error
        except sqlite3.DatabaseError as error:
            if _is_transport(error):
                _raise_named(error)
            raise ConfigurationError(f"{path} is not a revcycle database: {error}") from error

    def _prepare_tables(self) -> None:
        if self._read_version() == SCHEMA_VERSION:
            return
        with self.transaction() as transaction:
            version = self._read_version()
            if version < SCHEMA_VERSION:
                if version:
                    for projection in PROJECTIONS:
                        self.connection.execute(f"DROP TABLE IF EXISTS {projection.table}")
                for statement in TABLES:
                    self.connection.execute(statement)
                if version:
                    self.connection.execute(HASH_AS_KEPT)
                    rebuild_projections(self.connection, transaction)
                self.connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _read_version(self) -> int:
        """The schema of the tables, 0 where there are none. Raises ConfigurationError for a newer program's."""
        (version,) = self.connection.execute("PRAGMA user_version").fetchone()
        require_known(version)
        return int(version)

    @contextmanager
    def transaction(self) -> Iterator["SqliteTransaction"]:
        """BEGIN IMMEDIATE: the write lock is taken before anything is read, so that nothing read can change. Raises
        ConfigurationError, and does nothing, where a newer program has taken the tables over."""
        try:
            self.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise TransportError(f"the database is locked by another program: {error}") from error
        try:
            self._read_version()
            yield SqliteTransaction(self.connection)
        except BaseException as error:
            if self.connection.in_transaction:  # a full disk may have ended it
                self.connection.execute("ROLLBACK")
            _raise_named(error)
        try:
            self.connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            _raise_named(error)

    def claim_partitions(self, step: str, starts: Mapping[tuple[str, int], int], owner: str) -> list[Position]:
        """See `schemas.store.Store`."""
        claimed: list[Position] = []
        with self.transaction():
            for (topic, partition), start in sorted(starts.items()):
                row = self.connection.execute(
                    "INSERT INTO position (step, topic, partition, next_offset, owner) VALUES (?, ?, ?, ?, ?) "
                    "ON CONFLICT (step, topic, partition) DO UPDATE SET owner = excluded.owner RETURNING next_offset",
                    (step, topic, partition, start, owner),
                ).fetchone()
                claimed.append(Position(topic, partition, row[0]))
        return claimed

    def take_lease(self, _name: str) -> bool:
        """Always: a SQLite store has one worker."""
        return True

    def read_clock(self) -> datetime:
        """A file's is this machine's."""
        return datetime.now(UTC).replace(microsecond=0)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """A deferred transaction: WAL keeps what its first read has seen."""
        self.connection.execute("BEGIN")
        try:
            yield
        finally:
            self.connection.execute("ROLLBACK")

    def find_state(self, step: str, key: str) -> bytes | None:
        """What a step remembers under a key, for those who only look; None when it remembers nothing."""
        row = self.connection.execute("SELECT value FROM state WHERE step = ? AND key = ?", (step, key)).fetchone()
        return row[0] if row else None

    def find_hashes(self, event_ids: Sequence[str]) -> Mapping[str, bytes]:
        """See `schemas.store.Store`."""
        query = "SELECT event_id, body_hash FROM event WHERE event_id IN (SELECT value FROM json_each(?))"
        return dict(self.connection.execute(query, (json.dumps(event_ids),)).fetchall())

    def close(self) -> None:
        """Closes the file; what was committed stays."""
        self.connection.close()


def _is_transport(error: sqlite3.DatabaseError) -> bool:
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF in TRANSPORT_CODES


def _raise_named(error: BaseException) -> NoReturn:
    """A disk that is full or read-only, and a lock that is not had, are transport trouble, never a bug of ours."""
    if isinstance(error, sqlite3.IntegrityError) and "UNIQUE constraint failed: entry" in str(error):
        raise DoubledEntryError(str(error)) from error
    if isinstance(error, sqlite3.OperationalError) and _is_transport(error):
        raise TransportError(f"the database cannot be written ({error.sqlite_errorname})") from error
    raise error


class SqliteTransaction(SetAsides[SqliteConnection]):
    """One open transaction; see `schemas.store.StoreTransaction` for what each call promises."""

    def __init__(self, connection: SqliteConnection) -> None:
        self.connection = connection

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        self.connection.execute("SAVEPOINT part")
        try:
            yield
        except BaseException as error:
            # A full disk may have ended the whole transaction already.
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK TO part")
                self.connection.execute("RELEASE part")
            _raise_named(error)
        self.connection.execute("RELEASE part")

    def lock_held_keys(self, step: str) -> frozenset[str]:
        # BEGIN IMMEDIATE holds the only write lock.
        rows = self.connection.execute("SELECT key FROM set_aside WHERE step = ? AND ended = ''", (step,))
        return frozenset(key for (key,) in rows)

    def lock_sending(self, _source: str, _wait: bool) -> bool:
        return True  # as above

    def lock_set_aside(self, step: str, key: str) -> list[SetAside]:
        return self.list_set_aside(step, key)

    def lock_positions(self, step: str, positions: Sequence[Position], owner: str = "") -> bool:
        for position in positions:
            row = self.connection.execute(
                "SELECT next_offset, owner FROM position WHERE step = ? AND topic = ? AND partition = ?",
                (step, position.topic, position.partition),
            ).fetchone()
            if (row or (0, "")) != (position.next_offset, owner):
                return False
        return True

    def seen(self, step: str, event_ids: Sequence[str]) -> Mapping[str, bytes]:
        found = self._select_in("SELECT event_id, body_hash FROM applied WHERE step = ? AND event_id", event_ids, step)
        return dict(found)

    def load_states(self, step: str, keys: Sequence[str]) -> Mapping[str, bytes]:
        # BEGIN IMMEDIATE holds the only write lock, so rows that are missing need no placeholder here.
        return dict(self._select_in("SELECT key, value FROM state WHERE step = ? AND key", keys, step))

    def save_states(self, step: str, states: Mapping[str, bytes]) -> None:
        self.connection.executemany(
            "INSERT INTO state (step, key, value) VALUES (?, ?, ?) "
            "ON CONFLICT (step, key) DO UPDATE SET value = excluded.value",
            [(step, key, value) for key, value in states.items()],
        )

    def save_due(self, step: str, due: Sequence[Due]) -> None:
        self.connection.executemany(SAVE_DUE, [make_due_row(step, x) for x in due])

    def list_due(self, step: str, on: date) -> list[Due]:
        return [read_due_row(row) for row in self.connection.execute(LIST_DUE, (step, on.isoformat()))]

    def append(self, events: Sequence[Event], source: str) -> PublishResult:
        bodies = [encode_body(event) for event in events]
        hashes = [hash_body(body) for body in bodies]
        select = "SELECT event_id, body_hash FROM event WHERE event_id"
        known = dict(self._select_in(select, [event.event_id for event in events]))
        rows: list[tuple[object, ...]] = []
        fresh: list[Event] = []
        repeated: list[str] = []
        conflicting: list[str] = []
        for event, body, body_hash in zip(events, bodies, hashes, strict=True):
            earlier = known.get(event.event_id)
            if earlier is not None:
                (repeated if earlier == body_hash else conflicting).append(event.event_id)
                continue
            known[event.event_id] = body_hash
            fresh.append(event)
            rows.append(make_event_row(event, body, body_hash, source))
        marks = ", ".join("?" * len(EVENT_COLUMNS.split(",")))
        self.connection.executemany(f"INSERT INTO event ({EVENT_COLUMNS}) VALUES ({marks})", rows)
        self.project(fresh)
        return PublishResult(tuple(fresh), tuple(repeated), tuple(conflicting))

    def project(self, events: Iterable[Event]) -> None:
        """Applies the projections of events, grouped by statement where they commute."""
        groups: dict[str, list[tuple[object, ...]]] = defaultdict(list)
        for event in events:
            for statement, parameters in project(event):
                if statement in ORDERED:
                    self.connection.execute(statement, parameters)
                else:
                    groups[statement].append(parameters)
        for statement, rows in groups.items():
            self.connection.executemany(statement, rows)

    def add_dead_letters(self, letters: Sequence[DeadLetter]) -> None:
        self.connection.executemany(
            f"INSERT INTO dead_letter ({LETTER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            map(make_letter_row, letters),
        )

    def add_outbox(self, step: str, messages: Sequence[tuple[str, str, int]]) -> None:
        self.connection.executemany(
            "INSERT INTO outbox (message_id, step, topic, partition) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [(message_id, step, topic, partition) for message_id, topic, partition in messages],
        )

    def remove_outbox(self, message_ids: Sequence[str]) -> None:
        self.connection.executemany("DELETE FROM outbox WHERE message_id = ?", [(x,) for x in message_ids])

    def mark_applied(self, step: str, applied: Iterable[Applied]) -> None:
        self.connection.executemany(
            "INSERT INTO applied (step, event_id, key, body_hash) VALUES (?, ?, ?, ?)",
            [(step, x.event_id, x.key, x.body_hash) for x in applied],
        )

    def save_positions(self, step: str, positions: Sequence[Position]) -> None:
        self.connection.executemany(
            "INSERT INTO position (step, topic, partition, next_offset) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (step, topic, partition) DO UPDATE SET next_offset = excluded.next_offset",
            [(step, x.topic, x.partition, x.next_offset) for x in positions],
        )

    def _select_in(self, select: str, values: Sequence[str], *first: object) -> Iterator[tuple[str, bytes]]:
        for start in range(0, len(values), VARIABLES_MAX):
            chunk = values[start : start + VARIABLES_MAX]
            marks = ",".join("?" * len(chunk))
            yield from self.connection.execute(f"{select} IN ({marks})", (*first, *chunk))
