"""What both stores share: the questions that are asked in the same SQL, and the rows that events become."""

import json
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Generic, TypeVar

from connectors.stores.connection import Connection
from connectors.stores.sent import SentFiles
from connectors.stores.tables import SCHEMA_VERSION
from schemas.errors import ConfigurationError, UnreadableMessageError
from schemas.event import Event
from schemas.events import RemittanceHeld
from schemas.store import DeadLetter, Outgoing, Position, Record, SetAside, StoreTransaction
from schemas.topics import KnownTopic
from schemas.wire import decode_record
from schemas.x12.records import make_builder

RECORD_COLUMNS = (
    "topic, 0, sequence, event_id, type, schema_version, key, occurred_at, correlation_id, causation_id, decided_by, "
    "body"
)
EVENT_COLUMNS = (
    "topic, event_id, type, schema_version, key, occurred_at, correlation_id, causation_id, decided_by, body, "
    "body_hash, source"
)
REBUILD_EVENTS = 500
build_record = make_builder(Record)
SET_ASIDE_COLUMNS = "step, key, event_id, topic, type, reason"
LETTER_COLUMNS = 'letter_id, topic, partition, "offset", headers, body, reason'


def make_event_row(event: Event, body: bytes, body_hash: bytes, source: str) -> tuple[object, ...]:
    """One row of `event`, in the order of EVENT_COLUMNS."""
    kind = type(event.body)
    head = (kind.topic, event.event_id, kind.type, kind.schema_version, event.key)
    cause = (event.occurred_at.isoformat(), event.correlation_id, event.causation_id, event.decided_by)
    return (*head, *cause, body, body_hash, source)


def make_letter_row(letter: DeadLetter) -> tuple[object, ...]:
    """One row of `dead_letter`, in the order of LETTER_COLUMNS."""
    place = (letter.topic, letter.partition, letter.offset)
    return (letter.letter_id, *place, letter.headers, letter.body, letter.reason)


AnyConnection = TypeVar("AnyConnection", bound=Connection)


class SetAsides(Generic[AnyConnection]):
    """What every open transaction does about events set aside, in SQL that both stores take."""

    connection: AnyConnection

    def set_aside(self, events: Sequence[SetAside]) -> None:
        """See `schemas.store.StoreTransaction`."""
        self.connection.executemany(
            f"INSERT INTO set_aside ({SET_ASIDE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [(x.step, x.key, x.event_id, x.topic, x.type, x.reason) for x in events],
        )

    def list_set_aside(self, step: str, key: str) -> list[SetAside]:
        """What a step has set aside under a key, in its order."""
        rows = self.connection.execute(
            f"SELECT {SET_ASIDE_COLUMNS} FROM set_aside WHERE step = ? AND key = ? AND ended = '' ORDER BY sequence",
            (step, key),
        )
        return [SetAside(*row) for row in rows]

    def give_reason(self, event: SetAside) -> None:
        """See `schemas.store.StoreTransaction`."""
        self.connection.execute(
            "UPDATE set_aside SET reason = ? WHERE step = ? AND key = ? AND event_id = ?",
            (event.reason, event.step, event.key, event.event_id),
        )

    def give_back(self, step: str, key: str, event_ids: Sequence[str], ended: str) -> None:
        """See `schemas.store.StoreTransaction`."""
        self.connection.executemany(
            "UPDATE set_aside SET ended = ? WHERE step = ? AND key = ? AND event_id = ?",
            [(ended, step, key, event_id) for event_id in event_ids],
        )


# Up to schema 3 a step kept the hash of an outside event as its sender had written it, not as the log has it.
HASH_AS_KEPT = """UPDATE applied SET body_hash = (SELECT event.body_hash FROM event
    WHERE event.event_id = applied.event_id) WHERE event_id IN (SELECT event_id FROM event WHERE source = 'outside')"""


def rebuild_projections(connection: Connection, transaction: StoreTransaction) -> None:
    """Tells the whole log to empty projections, as the program that knows them now would have written them. An event
    that an earlier program wrote and this one refuses is a dead letter; it stays in the log."""
    rows = connection.stream(f"SELECT {RECORD_COLUMNS} FROM event ORDER BY sequence")
    while batch := rows.fetchmany(REBUILD_EVENTS):
        events: list[Event] = []
        for record in (Record(*row) for row in batch):
            try:
                events.append(decode_record(record))
            except UnreadableMessageError as error:
                headers = json.dumps({"ce_id": record.event_id, "ce_type": record.type, "key": record.key})
                reason = f"an earlier release wrote it, this one reads it no more: {error}"
                place = (record.topic, record.partition, record.offset)
                transaction.add_dead_letters([DeadLetter(*place, headers, record.body, reason)])
        transaction.project(events)


def require_known(version: int) -> None:
    """Raises ConfigurationError for tables of a newer program: this one would write other things into them."""
    if version > SCHEMA_VERSION:
        raise ConfigurationError(
            f"a newer revcycle has taken the store over (schema {version}, this one knows {SCHEMA_VERSION}): install "
            "that release here too, and start it"
        )


class SqlStore(SentFiles, ABC):
    """A store on a SQL database; what differs between the databases is left to the two below."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[StoreTransaction]: ...

    @abstractmethod
    def take_lease(self, name: str) -> bool:
        """Whether this connection holds the lease of that name now; it does until it closes or breaks."""

    def ping(self) -> None:
        """Asks the database anything. Raises TransportError when this connection is gone."""
        self.connection.execute("SELECT 1")

    @abstractmethod
    def read_clock(self) -> datetime:
        """What time it is where the database runs, in UTC and whole seconds."""

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[None]:
        """One moment of a store that others may be writing to: what is read within it fits together."""

    @abstractmethod
    def find_hashes(self, event_ids: Sequence[str]) -> Mapping[str, bytes]: ...

    @abstractmethod
    def close(self) -> None: ...

    def read(self, topics: Sequence[str], next_offset: int, limit: int) -> list[Record]:
        """The next `limit` records of these topics in the order in which they were appended.

        One statement, so one snapshot: topic by topic, a record committed in between would be jumped over for good.
        """
        of_topic = "SELECT sequence FROM event WHERE topic = ? AND sequence >= ? ORDER BY sequence LIMIT ?"
        of_topics = " UNION ALL ".join(f"SELECT * FROM ({of_topic}) AS topic_{place}" for place in range(len(topics)))
        parameters = [value for topic in topics for value in (topic, next_offset, limit)]
        # Places first, from the index of the topics alone; only what is taken is then read with its body.
        rows = self.connection.execute(
            f"SELECT {RECORD_COLUMNS} FROM event WHERE sequence IN "
            f"(SELECT sequence FROM ({of_topics}) AS places ORDER BY sequence LIMIT ?) ORDER BY sequence",
            (*parameters, limit),
        )
        return [build_record(*row) for row in rows]

    def has_any_event(self) -> bool:
        """Whether the log holds anything."""
        return self.connection.execute("SELECT 1 FROM event LIMIT 1").fetchone() is not None

    def count_events(self, topic: str, next_offset: int = 0) -> int:
        """How many events of a topic were appended at this place or after it."""
        query = "SELECT count(*) FROM event WHERE topic = ? AND sequence >= ?"
        return int(self.connection.execute(query, (topic, next_offset)).fetchone()[0])

    def positions(self, step: str) -> Mapping[tuple[str, int], int]:
        """The next offset of each partition that this step has read."""
        rows = self.connection.execute("SELECT topic, partition, next_offset FROM position WHERE step = ?", (step,))
        return {(topic, partition): next_offset for topic, partition, next_offset in rows}

    @abstractmethod
    def claim_partitions(self, step: str, starts: Mapping[tuple[str, int], int], owner: str) -> list[Position]: ...

    def owned_positions(self, step: str, owner: str) -> Mapping[tuple[str, int], int]:
        """See `schemas.store.Store`."""
        query = "SELECT topic, partition, next_offset FROM position WHERE step = ? AND owner = ?"
        rows = self.connection.execute(query, (step, owner))
        return {(topic, partition): next_offset for topic, partition, next_offset in rows}

    def claim_for(self, installation_id: str) -> str:
        """The installation whose store this is: the given one, unless another was first."""
        self.connection.execute(
            "INSERT INTO installation (one, installation_id) VALUES (1, ?) ON CONFLICT DO NOTHING", (installation_id,)
        )
        return str(self.connection.execute("SELECT installation_id FROM installation").fetchone()[0])

    def hand_to(self, installation_id: str) -> None:
        """From now on it is this installation's; within the caller's transaction."""
        self.connection.execute("UPDATE installation SET installation_id = ?", (installation_id,))

    def read_topics(self) -> dict[str, KnownTopic]:
        """The topics that the positions speak of, by name."""
        rows = self.connection.execute("SELECT name, topic_id, partitions FROM topic")
        return {name: KnownTopic(topic_id, partitions) for name, topic_id, partitions in rows}

    def save_topics(self, topics: Mapping[str, KnownTopic]) -> None:
        """From now on the positions speak of these; within the caller's transaction."""
        self.connection.executemany(
            "INSERT INTO topic (name, topic_id, partitions) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE "
            "SET topic_id = excluded.topic_id, partitions = excluded.partitions",
            [(name, topic.topic_id, topic.partitions) for name, topic in sorted(topics.items())],
        )

    def list_set_aside(self) -> list[SetAside]:
        """See `schemas.store.Store`."""
        query = f"SELECT {SET_ASIDE_COLUMNS} FROM set_aside WHERE ended = '' ORDER BY sequence"
        return [SetAside(*row) for row in self.connection.execute(query)]

    def find_record(self, event_id: str) -> Record | None:
        """The record of an event that the log holds."""
        row = self.connection.execute(f"SELECT {RECORD_COLUMNS} FROM event WHERE event_id = ?", (event_id,)).fetchone()
        return Record(*row) if row else None

    def acknowledge(self, message_ids: Sequence[str]) -> None:
        """See `schemas.store.Store`."""
        with self.transaction() as transaction:
            transaction.remove_outbox(message_ids)

    def read_outbox(self, step: str, partitions: Sequence[tuple[str, int]], limit: int) -> list[Outgoing]:
        """See `schemas.store.Store`. Mostly nothing waits anywhere, and one question finds that out."""
        if not partitions:
            return []
        marks = ", ".join(["(?, ?)"] * len(partitions))
        places = self.connection.execute(
            f"WITH place AS (VALUES {marks}) SELECT column1, column2 FROM place WHERE EXISTS "
            "(SELECT 1 FROM outbox WHERE step = ? AND topic = column1 AND partition = column2)",
            (*(value for place in partitions for value in place), step),
        ).fetchall()
        messages: list[Outgoing] = []
        for topic, partition in sorted(places):
            where = "outbox.step = ? AND outbox.topic = ? AND outbox.partition = ?"
            letters = self.connection.execute(
                'SELECT letter_id, l.topic, l.partition, l."offset", headers, body, reason FROM outbox '
                f"JOIN dead_letter l ON letter_id = message_id WHERE {where} ORDER BY sequence LIMIT ?",
                (step, topic, partition, limit),
            )
            messages.extend(Outgoing(row[0], topic, partition, None, DeadLetter(*row[1:])) for row in letters)
            columns = RECORD_COLUMNS.replace("topic", "event.topic", 1)
            events = self.connection.execute(
                f"SELECT {columns} FROM outbox JOIN event ON event_id = message_id WHERE {where} "
                "ORDER BY sequence LIMIT ?",
                (step, topic, partition, limit),
            )
            messages.extend(Outgoing(row[3], topic, partition, Record(*row), None) for row in events)
        return messages

    def refill_outbox(self, source: str) -> None:
        """Every event is to be published again, by nobody's message; within the caller's transaction."""
        self.connection.execute("DELETE FROM outbox WHERE message_id IN (SELECT event_id FROM event)")
        self.connection.execute(
            "INSERT INTO outbox (message_id, step, topic, partition) SELECT event_id, ?, '', 0 FROM event", (source,)
        )

    def list_outbox_steps(self, topic: str) -> list[str]:
        """Whose messages wait in the outbox under this source topic."""
        rows = self.connection.execute("SELECT DISTINCT step FROM outbox WHERE topic = ? ORDER BY step", (topic,))
        return [step for (step,) in rows]

    def find_state(self, step: str, key: str) -> bytes | None:
        """What a step remembers under a key, for those who only look; None when it remembers nothing."""
        row = self.connection.execute("SELECT value FROM state WHERE step = ? AND key = ?", (step, key)).fetchone()
        return row[0] if row else None

    def count_outbox(self) -> int:
        """How many messages are committed here and not yet acknowledged by the broker."""
        return int(self.connection.execute("SELECT count(*) FROM outbox").fetchone()[0])

    def list_outbox(self, limit: int) -> dict[str, list[str]]:
        """The ids of up to `limit` messages that are committed and not yet acknowledged, by the step that made them."""
        waiting: dict[str, list[str]] = defaultdict(list)
        rows = self.connection.execute("SELECT step, message_id FROM outbox ORDER BY message_id LIMIT ?", (limit,))
        for step, message_id in rows.fetchall():
            waiting[step].append(message_id)
        return dict(waiting)

    def find_dead_letter(self, sequence: int) -> tuple[DeadLetter, bool] | None:
        """A letter by its number, and whether it was given back; None when there is none."""
        columns = LETTER_COLUMNS.removeprefix("letter_id, ")
        row = self.connection.execute(
            f"SELECT {columns}, retried FROM dead_letter WHERE sequence = ?", (sequence,)
        ).fetchone()
        if row is None:
            return None
        topic, partition, offset, headers, body, reason, retried = row
        return DeadLetter(topic, partition, offset, headers, bytes(body), reason), bool(retried)

    def count_dead_letters(self, topics: Sequence[str]) -> dict[str, int]:
        """How many letters of each of these topics wait to be given back."""
        rows = self.connection.execute("SELECT topic, count(*) FROM dead_letter WHERE retried = 0 GROUP BY topic")
        counted = dict(rows.fetchall())
        return {topic: counted.get(topic, 0) for topic in topics}

    def mark_retried(self, sequence: int) -> None:
        """The letter was given back, and what it holds is readable now."""
        with self.transaction():
            self.connection.execute("UPDATE dead_letter SET retried = 1 WHERE sequence = ?", (sequence,))

    def list_pending_claims(self) -> dict[str, list[str]]:
        """Claims that wait for an interchange, by trading partner, in the order of their ids."""
        waiting: dict[str, list[str]] = defaultdict(list)
        rows = self.connection.execute(
            "SELECT trading_partner, claim_id FROM claim WHERE patient_control_number <> settled AND withdrawn = 0 "
            "AND encounter_id <> '' ORDER BY trading_partner, claim_id"
        )
        for trading_partner, claim_id in rows:
            waiting[trading_partner].append(claim_id)
        return dict(waiting)

    def find_document(self, sha256: str) -> str | None:
        """The outcome that a document had, or None when its reading never ended."""
        row = self.connection.execute("SELECT outcome FROM document WHERE sha256 = ?", (sha256,)).fetchone()
        return None if row is None else str(row[0])

    def keep_document(
        self, sha256: str, kind: str, name: str, outcome: str, events: int, findings: str, letters: Sequence[DeadLetter]
    ) -> None:
        """Records that a document was read to its end, with what outcome, and buries what nothing could read of it."""
        with self.transaction() as transaction:
            if self.find_document(sha256) is None:
                transaction.add_dead_letters(letters)
            self.connection.execute(
                "INSERT INTO document (sha256, kind, name, outcome, events, findings) VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (sha256) DO UPDATE SET outcome = excluded.outcome, findings = excluded.findings, "
                "events = document.events + excluded.events",
                (sha256, kind, name, outcome, events, findings),
            )

    def keep_document_outcome(self, sha256: str, outcome: str) -> None:
        """Corrects the outcome once the pipeline has judged the document's content."""
        with self.transaction():
            self.connection.execute("UPDATE document SET outcome = ? WHERE sha256 = ?", (outcome, sha256))

    def list_held_remittances(self, sha256: str, remittance_ids: Sequence[str]) -> list[RemittanceHeld]:
        """Those of these remittances that were held as this document brought them."""
        held: list[RemittanceHeld] = []
        for remittance_id in remittance_ids:
            names = RemittanceHeld.names()
            rows = self.connection.execute(
                "SELECT body FROM timeline JOIN event USING (event_id) WHERE subject = ? AND type IN "
                f"({','.join('?' * len(names))})",
                (remittance_id, *names),
            )
            held.extend(RemittanceHeld.model_validate_json(body) for (body,) in rows)
        return [body for body in held if body.document.sha256 == sha256]
