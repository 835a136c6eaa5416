"""What every store promises (`schemas.store`), whichever database it stands on."""

from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from psycopg.errors import DivisionByZero

from connectors.stores.postgres import PostgresStore
from connectors.stores.sqlite import SqliteStore
from schemas.errors import DoubledEntryError
from schemas.event import Event, derive_events, publish_at_edge
from schemas.events import ClockTicked, ProviderAdjustmentsPosted, WorkItemClosed, WorkItemOpened
from schemas.ledger import JournalEntry, LedgerLine
from schemas.store import Applied, DeadLetter, Outgoing, Position, Store
from schemas.wire import decode_record, hash_body
from tests.builders import NOW

AnyStore = SqliteStore | PostgresStore
OpenStore = Callable[[], AnyStore]


@pytest.fixture(params=["sqlite", "postgres"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenStore]:
    """Opens the same database again and again, each time as another process would."""
    opened: list[AnyStore] = []

    def open_again() -> AnyStore:
        if request.param == "sqlite":
            opened.append(SqliteStore(tmp_path / "revcycle.db", busy_seconds=1))
        else:
            opened.append(PostgresStore(request.getfixturevalue("postgres")))
        return opened[-1]

    yield open_again
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: OpenStore) -> AnyStore:
    return open_store()


def tick(day: int) -> Event:
    return publish_at_edge(ClockTicked(business_date=NOW.date().replace(day=day)), "clock", NOW, "clock")


def close_item(number: int) -> Event:
    closed = WorkItemClosed(item_id=f"item-{number}", account_key="ABCDEFGHIJ", reason="done")
    (event,) = derive_events(tick(1), f"test-{number}", (closed,), '{"rules":"1"}')
    return event


def append(store: Store, *events: Event) -> None:
    with store.transaction() as transaction:
        transaction.append(events, "test")


def test_what_was_committed_is_there_for_the_next_process(store: AnyStore, open_store: OpenStore) -> None:
    append(store, tick(1), close_item(1))

    records = open_store().read(("rcm.clock.v1", "rcm.worklist.v1"), 0, 10)

    assert [decode_record(record) for record in records] == [tick(1), close_item(1)]


def post_entry(action: str) -> Event:
    """An entry of one identity, by a fact of its own for each action."""
    lines = (LedgerLine(account="bank", debit=Decimal("1.00")), LedgerLine(account="interest", credit=Decimal("1.00")))
    entry = JournalEntry(entry_id="e1", lines=lines)
    posted = ProviderAdjustmentsPosted(remittance_id=f"remittance {action}", paid_amount=Decimal("1.00"), entry=entry)
    (event,) = derive_events(tick(1), f"test-{action}", (posted,), "")
    return event


def test_an_entry_that_two_facts_make_stops_the_program_with_words_that_help(store: AnyStore) -> None:
    append(store, post_entry("one"))
    append(store, post_entry("one"))  # the same fact again is no matter

    with pytest.raises(DoubledEntryError, match=r"by two different facts .*entry") as caught:
        append(store, close_item(1), post_entry("two"))

    assert "e1" not in str(caught.value) and "remittance" not in str(caught.value)
    assert store.connection.execute("SELECT count(*) FROM event").fetchone() == (1,), "nothing of the batch"


def test_a_transaction_that_fails_leaves_nothing(store: AnyStore) -> None:
    with pytest.raises(KeyError), store.transaction() as transaction:
        transaction.append([tick(1)], "test")
        transaction.save_states("step", {"key": b"value"})
        transaction.mark_applied("step", [Applied("id", "key", b"hash")])
        transaction.save_positions("step", [Position("topic", 0, 5)])
        transaction.add_dead_letters([DeadLetter("topic", 0, 1, "{}", b"bytes", "reason")])
        raise KeyError

    assert store.read(("rcm.clock.v1",), 0, 10) == []
    assert store.positions("step") == {}
    with store.transaction() as transaction:
        assert dict(transaction.load_states("step", ["key"])) == {}
        assert dict(transaction.seen("step", ["id"])) == {}


def test_reading_goes_on_in_order_over_all_topics(store: AnyStore) -> None:
    events = [tick(1), close_item(1), tick(2), close_item(2), tick(3)]
    append(store, *events)
    topics = ("rcm.worklist.v1", "rcm.clock.v1")
    read: list[str] = []
    next_offset = 0

    while records := store.read(topics, next_offset, 2):
        read.extend(record.event_id for record in records)
        next_offset = records[-1].offset + 1

    assert read == [event.event_id for event in events]
    assert [record.event_id for record in store.read(("rcm.clock.v1",), 0, 2)] == [events[0].event_id, read[2]]


def test_a_repeat_adds_nothing_and_a_conflict_is_told(store: AnyStore) -> None:
    first = tick(1)
    other = Event(first.event_id, "clock", NOW, "clock", None, "", tick(2).body)
    append(store, first)

    with store.transaction() as transaction:
        result = transaction.append([first, tick(2), tick(2), other], "test")

    assert (result.new, result.repeated, result.conflicting) == (
        (tick(2),),
        (first.event_id, tick(2).event_id),
        (first.event_id,),
    )
    assert [decode_record(record).body for record in store.read(("rcm.clock.v1",), 0, 10)] == [first.body, tick(2).body]


def test_a_large_answer_is_streamed_within_a_snapshot_and_without(store: AnyStore) -> None:
    numbers = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < ?) SELECT x FROM n"
    with closing(store.connection.stream(numbers, (5_000,))) as rows:
        assert sum(x for (x,) in rows) == 12_502_500
    with store.snapshot(), closing(store.connection.stream(numbers, (5_000,))) as rows:
        assert len(rows.fetchmany(500)) == 500
        assert store.connection.execute("SELECT count(*) FROM event").fetchone() == (0,)
        assert rows.fetchmany(1) == [(501,)]


def test_rows_of_a_stream_are_computed_as_they_are_read(postgres: str) -> None:
    store = PostgresStore(postgres)
    with (
        store.snapshot(),
        closing(store.connection.stream("SELECT 1 / (x - 2000) FROM generate_series(1, ?) x", (3_000,))) as rows,
    ):
        assert len(rows.fetchmany(500)) == 500
        with pytest.raises(DivisionByZero):
            rows.fetchmany(2_000)
    store.close()


def test_positions_are_locked_only_where_they_were_read(store: AnyStore) -> None:
    with store.transaction() as transaction:
        assert transaction.lock_positions("step", [Position("a", 0, 0), Position("b", 1, 0)])
        transaction.save_positions("step", [Position("a", 0, 7), Position("b", 1, 3)])

    with store.transaction() as transaction:
        assert transaction.lock_positions("step", [Position("a", 0, 7), Position("b", 1, 3)])
        assert not transaction.lock_positions("step", [Position("a", 0, 7), Position("b", 1, 0)])
        assert transaction.lock_positions("another step", [Position("a", 0, 0)])
    assert store.positions("step") == {("a", 0): 7, ("b", 1): 3}


def test_states_and_ids_seen_belong_to_one_step(store: AnyStore) -> None:
    body_hash = hash_body(b"body")
    with store.transaction() as transaction:
        transaction.save_states("step", {"a": b"1", "b": b"2"})
        transaction.save_states("step", {"a": b"3"})
        transaction.mark_applied("step", [Applied("event-1", "key", body_hash)])

    with store.transaction() as transaction:
        assert dict(transaction.load_states("step", ["a", "b", "c"])) == {"a": b"3", "b": b"2"}
        assert dict(transaction.load_states("another step", ["a"])) == {}
        assert dict(transaction.seen("step", ["event-1", "event-2"])) == {"event-1": body_hash}
        assert dict(transaction.seen("another step", ["event-1"])) == {}


def test_more_ids_than_a_statement_takes_are_looked_up(store: AnyStore) -> None:
    ids = [f"event-{number}" for number in range(2_500)]
    with store.transaction() as transaction:
        transaction.mark_applied("step", [Applied(event_id, "key", b"h") for event_id in ids[::2]])

    with store.transaction() as transaction:
        assert set(transaction.seen("step", ids)) == set(ids[::2])


def test_a_record_committed_between_two_looks_is_not_jumped_over(tmp_path: Path) -> None:
    """Had the topics been looked up one by one, the reader would see the second record and never the first.

    Only SQLite's log is read by its order; Postgres gives numbers before the commit, and there Kafka has the order.
    """
    topics = ("rcm.clock.v1", "rcm.worklist.v1")
    store, writer = SqliteStore(tmp_path / "revcycle.db"), SqliteStore(tmp_path / "revcycle.db")
    late = iter([tick(2), close_item(2)])
    append(store, tick(1))
    statements = 0

    def write_after_first_statement(statement: str) -> None:
        nonlocal statements
        statements += 1
        if statements == 2:
            append(writer, *late)

    store.connection.set_trace_callback(write_after_first_statement)
    seen = store.read(topics, 0, 10)
    store.connection.set_trace_callback(None)
    rest = store.read(topics, seen[-1].offset + 1, 10)
    append(writer, *late)
    rest += store.read(topics, (rest or seen)[-1].offset + 1, 10)

    assert [record.event_id for record in (*seen, *rest)] == [e.event_id for e in (tick(1), tick(2), close_item(2))]


def test_work_that_is_opened_closed_and_opened_again_is_open(store: AnyStore) -> None:
    opened = WorkItemOpened(
        item_id="item-1", account_key="ABCDEFGHIJ", queue="q", owner="o", priority=1, reason="r", next_action="a"
    )
    (again,) = derive_events(tick(1), "again", (opened,), "")
    (first,) = derive_events(tick(1), "first", (opened,), "")
    append(store, first, close_item(1), again)

    assert store.connection.execute("SELECT item_id, state FROM work_item").fetchall() == [("item-1", "open")]


def test_the_latest_claimant_owns_a_partition_and_an_earlier_one_is_refused(store: AnyStore) -> None:
    assert store.claim_partitions("step", {("b", 0): 9, ("a", 1): 0}, "zombie") == [
        Position("a", 1, 0),
        Position("b", 0, 9),
    ]
    with store.transaction() as transaction:
        assert transaction.lock_positions("step", [Position("a", 1, 0)], "zombie")
        transaction.save_positions("step", [Position("a", 1, 4)])

    assert store.claim_partitions("step", {("a", 1): 0}, "heir") == [Position("a", 1, 4)]

    with store.transaction() as transaction:
        assert not transaction.lock_positions("step", [Position("a", 1, 4)], "zombie")
        assert transaction.lock_positions("step", [Position("a", 1, 4)], "heir")
        assert transaction.lock_positions("step", [Position("b", 0, 9)], "zombie")
    assert store.owned_positions("step", "zombie") == {("b", 0): 9}


def test_the_outbox_gives_what_a_partition_caused_in_order_until_it_is_acknowledged(store: AnyStore) -> None:
    letter = DeadLetter("rcm.encounter.v1", 1, 7, "{}", b"\x00bytes", "not JSON")
    events = [close_item(2), close_item(1), close_item(3)]
    with store.transaction() as transaction:
        transaction.append(events, "step")
        transaction.add_dead_letters([letter, letter])
        messages = [(event.event_id, "rcm.encounter.v1", 1) for event in events[:2]]
        transaction.add_outbox("step", [*messages, (letter.letter_id, "rcm.encounter.v1", 1)])
        transaction.add_outbox("step", [(events[2].event_id, "rcm.encounter.v1", 0)])

    waiting = store.read_outbox("step", [("rcm.encounter.v1", 1)], 10)
    assert waiting[0] == Outgoing(letter.letter_id, "rcm.encounter.v1", 1, None, letter)
    assert [message.record and decode_record(message.record) for message in waiting[1:]] == events[:2]
    assert [message.message_id for message in store.read_outbox("step", [("rcm.encounter.v1", 1)], 1)[1:]] == [
        events[0].event_id
    ]
    assert store.read_outbox("another step", [("rcm.encounter.v1", 1)], 10) == []

    store.acknowledge([letter.letter_id, events[0].event_id])
    assert [message.message_id for message in store.read_outbox("step", [("rcm.encounter.v1", 1)], 10)] == [
        events[1].event_id
    ]


def test_text_that_postgres_cannot_hold_does_not_stop_a_worker(store: AnyStore) -> None:
    """No schema accepts a NUL any more; an event of an earlier program may hold one."""
    opened = WorkItemOpened(
        item_id="item-1", account_key="ABCDEFGHIJ", queue="q", owner="o", priority=1, reason="a", next_action="a"
    )
    old = WorkItemOpened.model_construct(**{**dict(opened), "reason": "a\x00b"})
    append(store, *derive_events(tick(1), "nul", (old,), ""))

    (record,) = store.read(("rcm.worklist.v1",), 0, 10)
    assert b"a\\u0000b" in record.body
    assert store.connection.execute("SELECT count(*) FROM work_item").fetchone() == (1,)


def test_work_of_one_batch_ends_as_its_last_event_says(store: AnyStore) -> None:
    """Opened, closed and opened again in one transaction; its story holds the closing, which names only the item."""
    opened = WorkItemOpened(
        item_id="item-1",
        account_key="ABCDEFGHIJ",
        queue="q",
        owner="o",
        priority=1,
        reason="r",
        next_action="a",
        claim_id="A" * 16,
    )
    closed = WorkItemClosed(item_id="item-1", account_key="ABCDEFGHIJ", reason="zzz")
    events = derive_events(tick(1), "test", (opened, closed, opened, closed, opened), "")
    append(store, *events)

    assert store.connection.execute("SELECT state FROM work_item").fetchone() == ("open",)
    story = store.connection.execute("SELECT event_id FROM timeline WHERE subject = ?", ("A" * 16,)).fetchall()
    assert {event_id for (event_id,) in story} == {event.event_id for event in events}
