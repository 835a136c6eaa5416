"""An event that a step cannot take stops nothing but its own key, and nothing of that key is lost."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.stores.common import SqlStore
from connectors.stores.postgres import PostgresStore
from connectors.stores.sqlite import SqliteStore
from schemas.errors import DoubledEntryError, TooManySetAsideError, TransportError
from schemas.event import Event
from schemas.processing import Outcome, States
from schemas.reference import Reference
from streams.bugs import describe_failure
from streams.engine.step_runner import StepRunner
from tests.builders import at, make_record
from tests.streams.engine.test_step import COUNTING, TOPIC, count_items, open_item

GOOD, POISON = "AAAAAAAAAA", "PPPPPPPPPP"


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> Iterator[SqlStore]:
    sqlite = request.param == "sqlite"
    opened = SqliteStore(Path(":memory:")) if sqlite else PostgresStore(request.getfixturevalue("postgres"))
    yield opened
    opened.close()


def fail_on_poison(states: States, event: Event, reference: Reference) -> Outcome:
    if event.key == POISON:
        raise ValueError("Marguerite Duras, born 1914-04-04")
    return count_items(states, event, reference)


def make_runner(store: SqlStore, reference: Reference, *, mended: bool = False, owner: str = "") -> StepRunner:
    step = COUNTING if mended else replace(COUNTING, function=fail_on_poison)
    return StepRunner(step, store, reference, owner)


def run(runner: StepRunner, start: int, *keys: str) -> None:
    records = [make_record(open_item(start + place, key), start + place) for place, key in enumerate(keys)]
    runner.run_batch(records, at(TOPIC, start - 1), at(TOPIC, start - 1 + len(keys)))


def take_all(runner: StepRunner, store: SqlStore) -> None:
    for row in store.list_set_aside():
        record = store.find_record(row.event_id) or make_record(open_item(1), 0)
        with store.transaction() as transaction:
            runner.take_again(row, record)(transaction)
            transaction.give_back(row.step, row.key, [row.event_id], "taken")


def counts(store: SqlStore) -> dict[str, bytes]:
    rows = store.connection.execute("SELECT key, value FROM state WHERE value IS NOT NULL ORDER BY key").fetchall()
    return {key: bytes(value) for key, value in rows}


def test_other_keys_go_on_and_what_comes_later_under_the_key_waits(store: SqlStore, reference: Reference) -> None:
    runner = make_runner(store, reference)
    run(runner, 1, GOOD, POISON, GOOD, POISON)
    run(runner, 5, POISON, GOOD)

    assert counts(store) == {f"count:{GOOD}": b'{"opened":3}'}
    first, *behind = store.list_set_aside()
    assert (first.key, first.topic, first.type) == (POISON, TOPIC, "rcm.worklist")
    assert [bool(row.reason) for row in behind] == [False, False]
    assert store.positions("counting") == {(TOPIC, 0): 6}


def test_the_reason_names_the_lines_of_code_and_no_value(store: SqlStore, reference: Reference) -> None:
    run(make_runner(store, reference), 1, POISON)

    (row,) = store.list_set_aside()
    assert row.reason.startswith("ValueError at tests/streams/engine/test_setting_aside.py:")
    assert "streams/engine/decider.py:" in row.reason and "Marguerite" not in row.reason
    ((state, queue, action),) = store.connection.execute(
        "SELECT state, queue, next_action FROM work_item WHERE reason = 'event_set_aside'"
    ).fetchall()
    assert (state, queue) == ("open", "operations")
    assert f"revcycle aside retry {row.item_id[:8]}" in action and "Marguerite" not in action


def test_what_comes_from_outside_on_kafka_is_kept_with_it(store: SqlStore, reference: Reference) -> None:
    event = replace(open_item(1, POISON), causation_id=None)
    store.claim_partitions("counting", {(TOPIC, 0): 0}, "me")

    make_runner(store, reference, owner="me").run_batch([make_record(event, 0)], at(TOPIC, 0), at(TOPIC, 1))

    assert store.find_record(event.event_id) is not None
    assert [row.event_id for row in store.list_set_aside()] == [event.event_id]


def test_once_mended_they_are_taken_in_their_order(store: SqlStore, reference: Reference) -> None:
    run(make_runner(store, reference), 1, GOOD, POISON, POISON)

    take_all(make_runner(store, reference, mended=True), store)

    assert counts(store) == {f"count:{GOOD}": b'{"opened":1}', f"count:{POISON}": b'{"opened":2}'}
    assert store.list_set_aside() == []
    run(make_runner(store, reference, mended=True), 4, POISON)
    assert counts(store)[f"count:{POISON}"] == b'{"opened":3}'


def test_an_event_that_comes_again_while_it_is_set_aside_is_not_kept_twice(
    store: SqlStore, reference: Reference
) -> None:
    runner = make_runner(store, reference)
    event = open_item(1, POISON)
    runner.run_batch([make_record(event, 1), make_record(event, 2)], at(TOPIC, 0), at(TOPIC, 3))
    runner.run_batch([make_record(event, 3)], at(TOPIC, 3), at(TOPIC, 4))

    assert [row.event_id for row in store.list_set_aside()] == [event.event_id]


def test_a_failure_of_the_machine_sets_nothing_aside(store: SqlStore, reference: Reference) -> None:
    def lose_the_disk(states: States, event: Event, reference: Reference) -> Outcome:
        raise TransportError("the archive cannot be read")

    runner = StepRunner(replace(COUNTING, function=lose_the_disk), store, reference)
    with pytest.raises(TransportError):
        run(runner, 1, GOOD)

    assert store.list_set_aside() == [] and store.positions("counting") == {}


def test_where_key_after_key_fails_the_step_stops_and_keeps_what_it_did(store: SqlStore, reference: Reference) -> None:
    def fail(states: States, event: Event, reference: Reference) -> Outcome:
        raise ZeroDivisionError

    runner = StepRunner(replace(COUNTING, function=fail), store, reference)
    run(runner, 1, *[f"KEY{number:07}" for number in range(49)])

    with pytest.raises(TooManySetAsideError, match="counting could not take events of 50 keys"):
        run(runner, 50, "KEY0000050")

    assert len(store.list_set_aside()) == 50
    assert store.positions("counting") == {(TOPIC, 0): 50}


def test_a_few_failures_among_many_events_stop_nothing(store: SqlStore, reference: Reference) -> None:
    def fail_sometimes(states: States, event: Event, reference: Reference) -> Outcome:
        if event.key.startswith("BAD"):
            raise ZeroDivisionError
        return count_items(states, event, reference)

    runner = StepRunner(replace(COUNTING, function=fail_sometimes), store, reference)
    run(runner, 1, *[GOOD] * 300)
    run(runner, 301, *[f"BAD{number:07}" for number in range(60)])

    assert len(store.list_set_aside()) == 60


def test_a_text_of_our_own_is_told_and_the_text_of_others_is_not() -> None:
    assert describe_failure(DoubledEntryError("entry")).startswith("DoubledEntryError: a journal entry")
    assert describe_failure(KeyError("Duras")) == "KeyError"
