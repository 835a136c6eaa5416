"""What one batch of a step does to the store: all of it or nothing, each event once, nothing unreadable lost."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.stores.sqlite import SqliteStore
from processors.denials.denial_routing import keys_of_denial, route_denial
from processors.denials.memory import ClaimDenials, OverturnHistory
from schemas.base import Frozen
from schemas.errors import NewerSchemaError
from schemas.event import Event, derive_events, publish_at_edge
from schemas.events import ClockTicked, WorkItemClosed, WorkItemOpened
from schemas.processing import Outcome, States
from schemas.reference import Reference
from schemas.store import Record
from streams.engine.step import Batch, StalePositionError, Step
from streams.engine.step_runner import StepRunner
from streams.pipeline import STEPS
from tests.builders import NOW, at, make_record

TOPIC = "rcm.worklist.v1"


class Count(Frozen):
    """How many items were opened under a key."""

    opened: int = 0


def keys_of_count(event: Event) -> tuple[str, ...]:
    return (f"count:{event.key}",)


def count_items(states: States, event: Event, reference: Reference) -> Outcome:
    """A toy processor: counts, and answers each opened item with its closing."""
    (key,) = keys_of_count(event)
    before = states.get(key, Count())
    assert isinstance(before, Count)
    assert isinstance(event.body, WorkItemOpened)
    closed = WorkItemClosed(item_id=event.body.item_id, account_key=event.key, reason="counted")
    return Outcome({key: Count(opened=before.opened + 1)}, (closed,))


COUNTING = Step("counting", (WorkItemOpened,), keys_of_count, count_items, (WorkItemClosed,), {"count": Count})


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    opened = SqliteStore(Path(":memory:"))
    yield opened
    opened.close()


@pytest.fixture
def runner(store: SqliteStore, reference: Reference) -> StepRunner:
    return StepRunner(COUNTING, store, reference)


def open_item(number: int, key: str = "ABCDEFGHIJ") -> Event:
    item = WorkItemOpened(
        item_id=f"item-{number}",
        account_key=key,
        queue="coding",
        owner="coder",
        priority=3,
        reason="needs_coding",
        next_action="code it",
    )
    tick = publish_at_edge(ClockTicked(business_date=NOW.date()), "clock", NOW, "clock")
    (event,) = derive_events(tick, f"test-{number}", (item,), "")
    return event


def unreadable(offset: int) -> Record:
    return replace(make_record(open_item(offset), offset), event_id=f"bad-{offset}", body=b'{"queue": 7')


def count_in(store: SqliteStore) -> list[tuple[str, bytes]]:
    return store.connection.execute("SELECT key, value FROM state ORDER BY key").fetchall()


def decide(runner: StepRunner, event: Event) -> None:
    with runner.store.transaction() as transaction:
        runner.decider.apply(transaction, [(event, b"")])


def rows_of(store: SqliteStore, *tables: str) -> list[int]:
    counts = [store.connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone() for table in tables]
    return [count for (count,) in counts]


def test_a_batch_writes_state_outputs_ids_and_position_together(store: SqliteStore, runner: StepRunner) -> None:
    records = [make_record(open_item(1), 0), make_record(open_item(2), 1)]

    assert len(runner.run_batch(records, at(TOPIC, 0), at(TOPIC, 2)).events) == 2

    assert count_in(store) == [("count:ABCDEFGHIJ", b'{"opened":2}')]
    assert rows_of(store, "event", "applied") == [2, 2]
    assert store.positions("counting") == {(TOPIC, 0): 2}


def test_a_stale_position_writes_nothing(store: SqliteStore, runner: StepRunner) -> None:
    runner.run_batch([make_record(open_item(1), 0)], at(TOPIC, 0), at(TOPIC, 1))

    with pytest.raises(StalePositionError):
        runner.run_batch([make_record(open_item(2), 0)], at(TOPIC, 0), at(TOPIC, 1))

    assert count_in(store) == [("count:ABCDEFGHIJ", b'{"opened":1}')]
    assert rows_of(store, "event", "applied") == [1, 1]


def test_an_event_that_comes_again_is_skipped_within_and_across_batches(store: SqliteStore, runner: StepRunner) -> None:
    event = open_item(1)
    runner.run_batch([make_record(event, 0), make_record(event, 1)], at(TOPIC, 0), at(TOPIC, 2))

    assert runner.run_batch([make_record(event, 2)], at(TOPIC, 2), at(TOPIC, 3)) == Batch((), ())

    assert count_in(store) == [("count:ABCDEFGHIJ", b'{"opened":1}')]
    assert rows_of(store, "event", "applied") == [1, 1]
    assert store.positions("counting") == {(TOPIC, 0): 3}


def test_the_same_id_with_another_body_opens_a_work_item_and_applies_nothing(
    store: SqliteStore, runner: StepRunner
) -> None:
    event = open_item(1)
    other = replace(event, body=event.body.model_copy(update={"priority": 1}))
    runner.run_batch([make_record(event, 0), make_record(other, 1)], at(TOPIC, 0), at(TOPIC, 2))
    runner.run_batch([make_record(other, 2)], at(TOPIC, 2), at(TOPIC, 3))

    assert count_in(store) == [("count:ABCDEFGHIJ", b'{"opened":1}')]
    items = store.connection.execute("SELECT reason, queue, state FROM work_item WHERE item_id <> 'item-1'").fetchall()
    assert items == [("event_conflict", "operations", "open")]


def test_any_number_of_bodies_and_keys_under_one_id_is_asked_about_one_by_one_and_stops_nothing(
    store: SqliteStore, runner: StepRunner
) -> None:
    event = open_item(1)
    others = [replace(event, body=event.body.model_copy(update={"priority": priority})) for priority in (1, 2)]
    others += [replace(others[0], key="KLMNOPQRST", correlation_id="another encounter")]
    records = [make_record(each, place) for place, each in enumerate((event, *others, *others))]
    for record in records:
        runner.run_batch([record], at(TOPIC, record.offset), at(TOPIC, record.offset + 1))

    assert count_in(store) == [("count:ABCDEFGHIJ", b'{"opened":1}')]
    (conflicts,) = store.connection.execute("SELECT count(*) FROM work_item WHERE reason = 'event_conflict'").fetchone()
    assert conflicts == len(others)


def test_an_unreadable_message_is_buried_as_it_came_and_the_next_is_applied(
    store: SqliteStore, runner: StepRunner
) -> None:
    bad = unreadable(0)

    runner.run_batch([bad, make_record(open_item(1), 1)], at(TOPIC, 0), at(TOPIC, 2))

    ((topic, offset, body, headers, reason),) = store.connection.execute(
        'SELECT topic, "offset", body, headers, reason FROM dead_letter'
    ).fetchall()
    assert (topic, offset, body) == (TOPIC, 0, bad.body)
    assert "bad-0" in headers
    assert reason and "7" not in reason
    assert count_in(store) == [("count:ABCDEFGHIJ", b'{"opened":1}')]


def test_an_unknown_type_is_buried(store: SqliteStore, runner: StepRunner) -> None:
    stranger = replace(make_record(open_item(1), 0), type="rcm.stranger")

    runner.run_batch([stranger], at(TOPIC, 0), at(TOPIC, 1))

    assert rows_of(store, "dead_letter", "applied") == [1, 0]


def test_another_steps_event_on_a_shared_topic_is_passed_over(store: SqliteStore, runner: StepRunner) -> None:
    closed = WorkItemClosed(item_id="item-1", account_key="ABCDEFGHIJ", reason="done")
    (event,) = derive_events(open_item(1), "test", (closed,), "")

    runner.run_batch([make_record(event, 0)], at(TOPIC, 0), at(TOPIC, 1))

    assert rows_of(store, "dead_letter", "applied", "event") == [0, 0, 0]
    assert store.positions("counting") == {(TOPIC, 0): 1}


def test_however_many_unreadable_messages_come_in_a_row_the_next_good_one_is_applied(
    store: SqliteStore, runner: StepRunner
) -> None:
    runner.run_batch([unreadable(offset) for offset in range(300)], at(TOPIC, 0), at(TOPIC, 300))
    runner.run_batch([make_record(open_item(1), 300)], at(TOPIC, 300), at(TOPIC, 301))

    assert rows_of(store, "dead_letter", "applied") == [300, 1]


def test_a_newer_schema_version_of_a_step_stops_the_step_before_anything_is_written(
    store: SqliteStore, runner: StepRunner
) -> None:
    newer = replace(make_record(open_item(2), 1), schema_version=2)

    with pytest.raises(NewerSchemaError, match="deploy the newer revcycle"):
        runner.run_batch([make_record(open_item(1), 0), newer], at(TOPIC, 0), at(TOPIC, 2))

    assert rows_of(store, "event", "applied", "state", "position") == [0, 0, 0, 0]


def test_a_newer_schema_version_of_somebody_else_is_buried(store: SqliteStore, runner: StepRunner) -> None:
    newer = replace(make_record(open_item(2), 0), schema_version=2, origin="outside")

    runner.run_batch([newer, make_record(open_item(1), 1)], at(TOPIC, 0), at(TOPIC, 2))

    ((reason,),) = store.connection.execute("SELECT reason FROM dead_letter").fetchall()
    assert "schema version 2, this program reads up to 1" in reason
    assert rows_of(store, "applied") == [1]


def test_a_state_key_that_was_not_named_is_a_bug(store: SqliteStore, reference: Reference) -> None:
    def touch_another(states: States, event: Event, reference: Reference) -> Outcome:
        return Outcome({"count:another": Count()})

    runner = StepRunner(replace(COUNTING, function=touch_another), store, reference)

    with pytest.raises(RuntimeError, match="counting touched a state key that it did not name"):
        decide(runner, open_item(1))


def test_an_event_type_that_the_map_does_not_name_is_a_bug(store: SqliteStore, reference: Reference) -> None:
    runner = StepRunner(replace(COUNTING, produces=()), store, reference)

    with pytest.raises(RuntimeError, match=r"counting produced rcm\.worklist\.closed, which the map does not name"):
        decide(runner, open_item(1))


def test_a_function_sees_only_the_states_that_its_event_names(store: SqliteStore, reference: Reference) -> None:
    seen: list[set[str]] = []

    def look(states: States, event: Event, reference: Reference) -> Outcome:
        seen.append(set(states))
        return count_items(states, event, reference)

    runner = StepRunner(replace(COUNTING, function=look), store, reference)
    events = [open_item(1, "AAAAAAAAAA"), open_item(2, "BBBBBBBBBB"), open_item(3, "AAAAAAAAAA")]
    runner.run_batch([make_record(event, i) for i, event in enumerate(events)], at(TOPIC, 0), at(TOPIC, 3))

    assert seen == [set(), set(), {"count:AAAAAAAAAA"}]


def test_every_step_of_the_map_has_its_own_name_and_models_for_its_keys() -> None:
    assert len({step.name for step in STEPS}) == len(STEPS)
    denial = next(step for step in STEPS if step.name == "denial_routing")
    assert (denial.keys, denial.function) == (keys_of_denial, route_denial)
    assert denial.states == {"claim": ClaimDenials, "history": OverturnHistory}
