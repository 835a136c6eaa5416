"""Replay: what the topics say, told again to an empty store, must be what the store says. Never publishes.

The recorded events are folded in their recorded order into new projections and every row is compared. With `decide`,
every step also runs again over the events that it applied, in the order in which it applied them, with no state to
begin with, and what it makes of them is compared with what it made then.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import zip_longest

from connectors.leftovers import make_replay_folder, remove_leftovers
from connectors.stores.common import RECORD_COLUMNS
from connectors.stores.connection import Connection
from connectors.stores.digests import digest, journal_digest
from connectors.stores.projections import PROJECTIONS
from connectors.stores.sqlite import SqliteStore
from schemas.errors import NewerSchemaError, UnreadableMessageError
from schemas.event import Event
from schemas.events import OfClock
from schemas.reference import Reference
from schemas.store import Record
from schemas.wire import decode_record, encode_body, hash_body
from streams.engine.decider import Decider
from streams.engine.step import Step
from streams.installation import Opened
from streams.pipeline import STEPS
from streams.reports.base import Report

BATCH_EVENTS = 500

FIND_FOREIGN_APPLIED = """SELECT applied.step, applied.event_id FROM applied LEFT JOIN event USING (event_id)
    WHERE event.event_id IS NULL OR event.body_hash <> applied.body_hash ORDER BY applied.sequence LIMIT 1"""
APPLIED_BY_STEP = f"""SELECT {RECORD_COLUMNS} FROM
    (SELECT event_id AS applied_id, sequence AS applied_at FROM applied WHERE step = ? AND NOT EXISTS (SELECT 1
    FROM set_aside WHERE (step, key, event_id) = (applied.step, applied.key, applied.event_id) AND ended = 'dropped'))
    CROSS JOIN event WHERE event_id = applied_id ORDER BY applied_at"""


class ReplayResult(Report):
    """Whether the events give what is recorded. `first_difference` names a row and columns, never their content."""

    identical: bool
    events: int
    digest: str
    journal_digest: str
    first_difference: str | None


def verify_replay(installation: Opened, *, decide: bool = False) -> ReplayResult:
    """Folds the recorded events into an empty store and compares; `decide` also runs the processors again.

    An output that was decided by other versions of rules or code sets than are in force now is taken as recorded, and
    so is what was decided later from the state that such a decision left.
    Memory does not grow with the number of events; the second store lies in the data folder while this runs.
    """
    remove_leftovers(installation.data)
    with make_replay_folder(installation.data) as folder:
        rebuilt = SqliteStore(folder / "rebuilt.db")
        recorded = installation.store.connection
        with closing(rebuilt), installation.store.snapshot():
            rebuilt.connection.execute("PRAGMA synchronous = OFF")  # it is thrown away: nothing to lose
            events, difference = _fold(recorded, rebuilt)
            of_all, of_journal = digest(recorded), journal_digest(recorded)
            difference = difference or _compare_tables(recorded, rebuilt.connection)
            again = digest(rebuilt.connection), journal_digest(rebuilt.connection)
            if difference is None and (of_all, of_journal) != again:
                difference = "the digests differ"
            if difference is None and decide:
                difference = next(_decide_again(recorded, rebuilt, installation.reference), None)
    return ReplayResult(
        identical=difference is None,
        events=events,
        digest=of_all,
        journal_digest=of_journal,
        first_difference=difference,
    )


def _read_batches(connection: Connection, query: str, *parameters: str) -> Iterator[list[tuple[object, ...]]]:
    with closing(connection.stream(query, parameters)) as rows:
        while batch := rows.fetchmany(BATCH_EVENTS):
            yield batch


def _fold(recorded: Connection, rebuilt: SqliteStore) -> tuple[int, str | None]:
    """Copies the log as it is and projects it anew; returns the number of events and the first that is not sound."""
    count = 0
    differences: list[str] = []
    columns = [column[0] for column in recorded.execute("SELECT * FROM event LIMIT 0").description]
    copy = f"INSERT INTO event ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    query = f"SELECT {RECORD_COLUMNS}, event.* FROM event ORDER BY sequence"
    fields = len(RECORD_COLUMNS.split(","))
    for batch in _read_batches(recorded, query):
        events: list[Event] = []
        for row in batch:
            record = Record(*row[:fields])  # type: ignore[arg-type]
            body_hash = dict(zip(columns, row[fields:], strict=True))["body_hash"]
            if hash_body(record.body) != body_hash:
                differences.append(f"event {record.event_id}: its body is not the one that was published")
            try:
                events.append(decode_record(record))
            except (UnreadableMessageError, NewerSchemaError) as error:
                differences.append(f"event {record.event_id}: cannot be read: {error}")
        with rebuilt.transaction() as transaction:
            rebuilt.connection.executemany(copy, [row[fields:] for row in batch])
            transaction.project(events)
        count += len(batch)
        del differences[1:]
    foreign = recorded.execute(FIND_FOREIGN_APPLIED).fetchone()
    if foreign:
        differences.append(f"event {foreign[1]}: {foreign[0]} applied it, but the log has it no more, or another body")
    return count, differences[0] if differences else None


def _compare_tables(recorded: Connection, rebuilt: Connection) -> str | None:
    """The first row of a projection that the events do not give, or give otherwise."""
    for projection in PROJECTIONS:
        table, keys = projection.table, projection.keys
        query = f"SELECT {', '.join(keys)}, {table}.* FROM {table} ORDER BY {', '.join(keys)}"
        before, after = recorded.stream(query), rebuilt.stream(query)
        with closing(before), closing(after):
            names = [column[0] for column in before.description]
            for old, new in zip_longest(before, after):
                if old != new:
                    return f"{table} {_describe_difference(old, new, names, len(keys))}"
    return None


Row = tuple[object, ...]


def _describe_difference(old: Row | None, new: Row | None, names: Sequence[str], key_count: int) -> str:
    if old is not None and new is not None and old[:key_count] == new[:key_count]:
        columns = [name for name, was, now in zip(names, old, new, strict=True) if was != now]
        return f"{_spell_key(old[:key_count])}: {', '.join(columns)} recorded otherwise than the events say"
    old_key = old[:key_count] if old is not None else None
    new_key = new[:key_count] if new is not None else None
    if old_key is not None and (new_key is None or _spell_key(old_key) < _spell_key(new_key)):
        return f"{_spell_key(old_key)}: is recorded, but no event says so"
    assert new_key is not None
    return f"{_spell_key(new_key)}: follows from the events, but is not recorded"


def _spell_key(key: Row) -> str:
    return " ".join(map(str, key))


def _decide_again(recorded: Connection, rebuilt: SqliteStore, reference: Reference) -> Iterator[str]:
    """Every difference between what the steps decide now and what they decided then."""
    rebuilt.connection.execute("CREATE TEMP TABLE decided (event_id TEXT PRIMARY KEY)")
    rebuilt.connection.execute("CREATE TEMP TABLE as_recorded (event_id TEXT PRIMARY KEY)")
    rebuilt.connection.execute("CREATE TEMP TABLE stale_key (key TEXT PRIMARY KEY)")
    for step in STEPS:
        decider = Decider(step, reference)
        rebuilt.connection.execute("DELETE FROM stale_key")
        _note_other_versions(recorded, rebuilt, decider)
        try:
            yield from _decide_step(recorded, rebuilt, decider)
        except OSError as error:
            yield f"{step.name}: a document that it read is gone: {error}"
        yield from _find_undecided(recorded, rebuilt, step, decider.decided_by)


def _note_other_versions(recorded: Connection, rebuilt: SqliteStore, decider: Decider) -> None:
    """The events that a step decided by other versions of rules or code sets than are in force now."""
    rebuilt.connection.execute("DELETE FROM as_recorded")
    query = "SELECT DISTINCT causation_id FROM event WHERE source = ? AND decided_by <> ? AND causation_id IS NOT NULL"
    for batch in _read_batches(recorded, query, decider.step.name, decider.decided_by):
        rebuilt.connection.executemany("INSERT INTO as_recorded (event_id) VALUES (?)", batch)


def _decide_step(recorded: Connection, rebuilt: SqliteStore, decider: Decider) -> Iterator[str]:
    step = decider.step
    for batch in _read_batches(recorded, APPLIED_BY_STEP, step.name):
        records = [Record(*row) for row in batch]  # type: ignore[arg-type]
        events = [decode_record(record) for record in records]
        with rebuilt.transaction() as transaction:
            hashes = [hash_body(record.body) for record in records]
            outputs = decider.apply(transaction, list(zip(events, hashes, strict=True)))
            ids = [(output.event_id,) for output in outputs]
            rebuilt.connection.executemany("INSERT INTO decided (event_id) VALUES (?) ON CONFLICT DO NOTHING", ids)
            for event in events:
                _note_ticks_set_aside(recorded, rebuilt.connection, event, step)
                _spread_staleness(rebuilt.connection, event, step)
        for output in outputs:
            if _is_noted(rebuilt.connection, "as_recorded", "event_id", output.causation_id):
                continue
            found = recorded.execute(f"SELECT {RECORD_COLUMNS} FROM event WHERE event_id = ?", (output.event_id,))
            row = found.fetchone()
            if row is None:
                yield f"event {output.event_id}: {step.name} decides it now, but it is not recorded"
            elif not _is_same(output, Record(*row)):
                yield f"event {output.event_id}: {step.name} decides it otherwise now"


def _note_ticks_set_aside(recorded: Connection, connection: Connection, event: Event, step: Step) -> None:
    """A tick that some keys were told later, or by themselves, is taken as recorded, and so is what met them since."""
    if not isinstance(event.body, OfClock):
        return
    query = "SELECT 1 FROM set_aside WHERE step = ? AND event_id = ?"
    if recorded.execute(query, (step.name, event.event_id)).fetchone():
        connection.execute("INSERT INTO as_recorded VALUES (?) ON CONFLICT DO NOTHING", (event.event_id,))
        connection.execute(
            "INSERT INTO stale_key SELECT key FROM due WHERE step = ? ON CONFLICT DO NOTHING", (step.name,)
        )


def _spread_staleness(connection: Connection, event: Event, step: Step) -> None:
    """What was decided by other versions left a state behind that cannot be had again: what met it is taken as
    recorded too."""
    keys = step.keys(event)
    if _is_noted(connection, "as_recorded", "event_id", event.event_id) or any(
        _is_noted(connection, "stale_key", "key", key) for key in keys
    ):
        connection.execute("INSERT INTO as_recorded VALUES (?) ON CONFLICT DO NOTHING", (event.event_id,))
        connection.executemany("INSERT INTO stale_key VALUES (?) ON CONFLICT DO NOTHING", [(key,) for key in keys])


def _is_noted(connection: Connection, table: str, column: str, value: object) -> bool:
    return connection.execute(f"SELECT 1 FROM {table} WHERE {column} = ?", (value,)).fetchone() is not None


def _is_same(output: Event, record: Record) -> bool:
    """Bytes first; a body written before a field was added is the same when it reads back the same."""
    if record.type not in type(output.body).names() or output.causation_id != record.causation_id:
        return False
    return encode_body(output) == record.body or decode_record(record).body == output.body


def _find_undecided(recorded: Connection, rebuilt: SqliteStore, step: Step, decided_by: str) -> Iterator[str]:
    """What the step produced then, under the versions in force now, and does not produce any more."""
    query = "SELECT event_id, causation_id FROM event WHERE source = ? AND decided_by = ? ORDER BY sequence"
    for batch in _read_batches(recorded, query, step.name, decided_by):
        for event_id, causation_id in batch:
            if _is_noted(rebuilt.connection, "decided", "event_id", event_id) or _is_noted(
                rebuilt.connection, "as_recorded", "event_id", causation_id
            ):
                continue
            yield f"event {event_id}: {step.name} produced it then, and does not now"
