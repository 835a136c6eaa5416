"""One open transaction on Postgres. Statements are set-based, rows are locked in key order."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import groupby

from connectors.stores.common import (
    EVENT_COLUMNS,
    LETTER_COLUMNS,
    SetAsides,
    make_event_row,
    make_letter_row,
)
from connectors.stores.due import LIST_DUE, SAVE_DUE, make_due_row, read_due_row
from connectors.stores.projections import project
from connectors.stores.projections.projection import Statement
from connectors.stores.session import PostgresConnection, named_failures
from schemas.event import Event
from schemas.store import Applied, DeadLetter, Due, Position, PublishResult, SetAside
from schemas.wire import encode_body, hash_body

STATEMENT = re.compile(r"\s*(INSERT INTO|UPDATE) (\w+)")


class PostgresTransaction(SetAsides[PostgresConnection]):
    """One open transaction; see `schemas.store.StoreTransaction` for what each call promises."""

    def __init__(self, connection: PostgresConnection) -> None:
        self.connection = connection

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        with named_failures(), self.connection.raw.transaction():
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
