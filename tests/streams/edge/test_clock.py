"""Time comes as events: a tick finds the states that are due, of its own partition, and each of them once."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connectors.stores.sqlite import SqliteStore
from schemas.errors import RefusedError
from schemas.event import Event, derive_events
from schemas.events import ClockSetBack, ClockTicked, WorkItemClosed, WorkItemOpened
from schemas.processing import Outcome, States, Timed
from schemas.reference import Reference
from schemas.roles import By
from schemas.wire import decode_record
from streams.actions.clock import publish_set_back
from streams.edge.clock import (
    LAST_DAY,
    LEAP_DAYS_MAX,
    Clock,
    find_lead,
    find_leap,
    find_partition,
    make_tick,
    publish_tick,
    read_clock_of,
)
from streams.engine.publish import StorePublish
from streams.engine.step import Step
from streams.engine.step_runner import StepRunner
from tests.builders import at, make_record

TOPIC = "rcm.worklist.v1"
DAY = date(2026, 3, 2)


class Waiting(Timed):
    """An item that closes by itself on its day."""

    item_id: str


def keys_of_waiting(event: Event) -> tuple[str, ...]:
    return (f"item:{event.body.item_id}",) if isinstance(event.body, WorkItemOpened) else ()


def close_in_time(states: States, event: Event, reference: Reference) -> Outcome:
    """A toy processor: what was opened closes on its deadline."""
    if isinstance(event.body, WorkItemOpened):
        (key,) = keys_of_waiting(event)
        return Outcome({key: Waiting(item_id=event.body.item_id, due_on=event.body.deadline)})
    due = {key: state for key, state in states.items() if isinstance(state, Waiting)}
    closed = (WorkItemClosed(item_id=x.item_id, account_key="ABCDEFGHIJ", reason="in time") for x in due.values())
    return Outcome({key: state.model_copy(update={"due_on": None}) for key, state in due.items()}, tuple(closed))


WAITING = Step(
    "waiting", (WorkItemOpened, ClockTicked), keys_of_waiting, close_in_time, (WorkItemClosed,), {"item": Waiting}
)


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    opened = SqliteStore(Path(":memory:"))
    yield opened
    opened.close()


@pytest.fixture
def runner(store: SqliteStore, reference: Reference) -> StepRunner:
    return StepRunner(WAITING, store, reference)


def open_item(name: str, deadline: date, key: str = "ABCDEFGHIJ") -> Event:
    body = WorkItemOpened(
        item_id=name, account_key=key, queue="q", owner="o", priority=1, reason="r", next_action="a", deadline=deadline
    )
    return derive_events(make_tick(date(2026, 1, 1)), f"test {name}", (body,), "")[0]


def run(runner: StepRunner, *events: Event) -> list[str]:
    """Applies one batch; the items that it closed, in order."""
    with runner.store.transaction() as transaction:
        pairs = [(event, b"") for event in events]
        outputs = runner.decider.apply(transaction, pairs)
    return [output.body.item_id for output in outputs if isinstance(output.body, WorkItemClosed)]


def test_what_is_due_meets_its_tick_once(runner: StepRunner) -> None:
    run(runner, open_item("a", DAY), open_item("b", DAY + timedelta(1)))

    assert run(runner, make_tick(DAY - timedelta(1))) == []
    assert run(runner, make_tick(DAY)) == ["a"]
    assert run(runner, make_tick(DAY)) == [], "the same tick again is a repeat"
    assert run(runner, make_tick(DAY + timedelta(1))) == ["b"]


def test_a_day_without_a_tick_is_made_up_by_the_next(runner: StepRunner) -> None:
    run(runner, open_item("a", DAY))

    assert run(runner, make_tick(DAY + timedelta(3))) == ["a"]


def test_a_tick_sees_what_came_before_it_in_its_own_batch_and_not_what_came_after(runner: StepRunner) -> None:
    assert run(runner, open_item("a", DAY), make_tick(DAY), open_item("b", DAY)) == ["a"]


def test_each_partition_takes_what_is_keyed_there(runner: StepRunner) -> None:
    keys = ["ABCDEFGHI" + letter for letter in "ABCDEFGHIJ"]
    run(runner, *(open_item(key, DAY, key) for key in keys))

    closed = [run(runner, make_tick(DAY, partition, 3)) for partition in range(3)]

    assert closed == [[key for key in keys if find_partition(key, 3) == partition] for partition in range(3)]
    assert sorted(item for part in closed for item in part) == keys


def test_a_tick_moves_positions_like_any_event(store: SqliteStore, runner: StepRunner) -> None:
    with store.transaction() as transaction:
        transaction.append([open_item("a", DAY)], "test")
    runner.run_batch([make_record(open_item("a", DAY), 0)], at(TOPIC, 0), at(TOPIC, 1))
    runner.run_batch([make_record(make_tick(DAY), 0)], at(ClockTicked.topic, 0), at(ClockTicked.topic, 1))

    assert store.connection.execute("SELECT state FROM work_item").fetchall() == [("closed",)]


def test_the_clock_never_goes_back(store: SqliteStore) -> None:
    publish_tick(store, StorePublish(store), DAY)
    publish_tick(store, StorePublish(store), DAY)
    assert read_clock_of(store) == Clock(DAY)
    with pytest.raises(RefusedError, match="does not go back to 2026-03-01"):
        publish_tick(store, StorePublish(store), DAY - timedelta(1))


FAR = date(2027, 3, 2)  # a year too far
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def run_all(store: SqliteStore, runner: StepRunner) -> list[str]:
    """Everything that the log holds, as far as it is new; the items that were closed."""
    closed: list[str] = []
    for record in store.read([TOPIC, ClockTicked.topic], 0, 1000):
        if runner.takes(record.type):
            closed += run(runner, decode_record(record))
    return closed


def test_a_clock_that_was_set_back_ticks_the_same_days_again(store: SqliteStore, runner: StepRunner) -> None:
    publish = StorePublish(store)
    run(runner, open_item("a", DAY + timedelta(9)))
    publish_tick(store, publish, DAY)
    publish_tick(store, publish, DAY + timedelta(1))
    publish_tick(store, publish, FAR)
    assert run_all(store, runner) == ["a"], "before its time: nothing takes that back"

    publish_set_back(store, publish, DAY, By("Pat Moore", "the year was mistyped", NOON))
    assert read_clock_of(store) == Clock(DAY, 1)
    run(runner, open_item("b", DAY + timedelta(1)))
    publish_tick(store, publish, DAY)
    assert run_all(store, runner) == []
    publish_tick(store, publish, DAY + timedelta(1))
    publish_tick(store, publish, DAY + timedelta(1))
    assert run_all(store, runner) == ["b"], "though a tick of that day had come before"

    publish_tick(store, publish, FAR)
    publish_set_back(store, publish, DAY, By("Pat Moore", "the year was mistyped", NOON))
    publish_tick(store, publish, DAY + timedelta(1))
    assert read_clock_of(store) == Clock(DAY + timedelta(1), 2)
    days = [record.key for record in store.read([ClockTicked.topic], 0, 1000) if record.type == ClockTicked.type]
    assert days.count((DAY + timedelta(1)).isoformat()) == 3, "once for each setting"


def test_each_partition_is_told_that_the_clock_was_set_back(store: SqliteStore) -> None:
    publish_tick(store, StorePublish(store), FAR, 3)
    publish_set_back(store, StorePublish(store), DAY, By("Pat Moore", "the year was mistyped", NOON), partitions=3)
    bodies = [decode_record(record).body for record in store.read([ClockTicked.topic], 3, 10)]

    assert [(x.partition, x.partitions, x.setting, x.stood_at) for x in bodies if isinstance(x, ClockSetBack)] == [
        (partition, 3, 1, FAR) for partition in range(3)
    ]


@pytest.mark.parametrize("day", [FAR, FAR + timedelta(1)])
def test_a_clock_is_set_back_to_a_day_before_it(store: SqliteStore, day: date) -> None:
    publish_tick(store, StorePublish(store), FAR)
    with pytest.raises(RefusedError, match="names a day before it"):
        publish_set_back(store, StorePublish(store), day, By("Pat", "typo", NOON))


@pytest.mark.parametrize(
    ("stands", "wanted", "today", "is_leap"),
    [
        (DAY, DAY + timedelta(LEAP_DAYS_MAX), None, False),
        (DAY, DAY + timedelta(LEAP_DAYS_MAX + 1), None, True),
        (DAY, DAY + timedelta(400), DAY + timedelta(399), False),  # an installation that rested: today is trusted
        (FAR, DAY, DAY, False),
        (None, DAY, None, False),
        (None, FAR, DAY, True),
        (DAY, date(2926, 3, 2), DAY, True),
        (None, LAST_DAY + timedelta(1), None, True),
        (None, date.max, None, True),
    ],
)
def test_a_day_too_far_ahead_is_noticed(stands: date | None, wanted: date, today: date | None, is_leap: bool) -> None:
    assert (find_leap(Clock(stands), wanted, today) is not None) == is_leap


def test_a_clock_ahead_of_the_machine_is_noticed_and_told_how_to_mend() -> None:
    assert find_lead(Clock(DAY), DAY) is None and find_lead(Clock(), DAY) is None
    assert f"--back-to {DAY}" in (find_lead(Clock(FAR), DAY) or "")


def test_no_clock_goes_where_days_cannot_be_counted(store: SqliteStore) -> None:
    with pytest.raises(RefusedError, match="no further than 2100-12-31"):
        publish_tick(store, StorePublish(store), date.max)
