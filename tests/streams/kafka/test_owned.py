"""A step on the partitions that a process owns: what it takes, what it skips, and when it refuses to go on."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.stores.postgres import PostgresStore
from connectors.stores.sqlite import SqliteStore
from schemas.errors import PositionError, TransportError
from schemas.reference import Reference
from schemas.store import Record
from streams.engine.step_runner import StepRunner
from streams.kafka.owned import OwnedStep
from tests.builders import make_record
from tests.streams.engine.test_step import COUNTING, TOPIC, open_item, unreadable

STARTS = {(TOPIC, 0): 0, (TOPIC, 1): 0}
AnyStore = SqliteStore | PostgresStore


@pytest.fixture(params=["sqlite", "postgres"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[AnyStore]]:
    """Two connections to one database, as two workers have them."""
    if request.param == "sqlite":
        opened: list[AnyStore] = [SqliteStore(tmp_path / "revcycle.db") for _ in range(2)]
    else:
        url = request.getfixturevalue("postgres")
        opened = [PostgresStore(url) for _ in range(2)]
    yield opened
    for store in opened:
        store.close()


def no_gap(place: tuple[str, int], start: int, end: int) -> int:
    return 0


def own(store: AnyStore, reference: Reference, owner: str) -> OwnedStep:
    return OwnedStep(StepRunner(COUNTING, store, reference, owner), store, owner, no_gap)


@pytest.fixture
def step(stores: list[AnyStore], reference: Reference) -> OwnedStep:
    owned = own(stores[0], reference, "first")
    owned.claim(STARTS)
    return owned


def items(first: int, last: int, partition: int = 0) -> list[Record]:
    return [make_record(open_item(number), number, partition=partition) for number in range(first, last)]


def count(step: OwnedStep) -> int:
    rows = step.store.connection.execute("SELECT value FROM state").fetchall()  # type: ignore[attr-defined]
    return sum(json.loads(value)["opened"] for (value,) in rows if value)


def ids(records: Sequence[Record]) -> list[str]:
    return [record.event_id for record in records]


def test_what_comes_again_is_skipped_and_the_rest_is_taken(step: OwnedStep) -> None:
    assert len(step.run(items(0, 5)).events) == 5
    assert len(step.run(items(2, 8)).events) == 3
    assert step.run(items(0, 8)).events == ()
    assert count(step) == 8
    assert step.store.positions("counting") == {(TOPIC, 0): 8, (TOPIC, 1): 0}


def test_outputs_wait_in_the_outbox_of_the_partition_that_caused_them(step: OwnedStep) -> None:
    batch = step.run([*items(0, 2), *items(0, 1, partition=1), unreadable(2)])

    waiting = step.read_outbox()
    assert {x.message_id for x in waiting} == {*(x.event_id for x in batch.events), batch.letters[0].letter_id}
    assert {(x.topic, x.partition) for x in waiting if x.letter} == {(TOPIC, 0)}


def test_a_worker_whose_partition_was_claimed_by_another_changes_nothing(
    step: OwnedStep, stores: list[AnyStore], reference: Reference
) -> None:
    """The zombie wakes up with a batch in hand, and still has the partition that nobody claimed."""
    step.run(items(0, 3))
    heir = own(stores[1], reference, "heir")
    heir.claim({(TOPIC, 0): 0})

    batch = step.run([*items(3, 6), *(replace(x, event_id=f"other-{x.offset}") for x in items(0, 2, partition=1))])

    assert len(batch.events) == 2
    assert (TOPIC, 0) not in step.next_offsets
    assert len(heir.run(items(3, 6)).events) == 3
    assert count(step) == 8


def test_an_heir_finds_what_the_dead_owner_left_unpublished(
    step: OwnedStep, stores: list[AnyStore], reference: Reference
) -> None:
    batch = step.run(items(0, 3))
    heir = own(stores[1], reference, "heir")
    heir.claim(STARTS)

    assert [x.message_id for x in heir.read_outbox()] == [event.event_id for event in batch.events]


def test_a_step_begins_where_the_log_begins(stores: list[AnyStore], reference: Reference) -> None:
    owned = own(stores[0], reference, "first")

    assert owned.claim({(TOPIC, 0): 40}) == {(TOPIC, 0): 40}


@pytest.mark.parametrize("bounds", [(6, 9), (0, 4), (0, 0)], ids=["truncated", "shorter", "re-created"])
def test_a_log_that_is_not_the_one_of_the_positions_is_refused(step: OwnedStep, bounds: tuple[int, int]) -> None:
    step.run(items(0, 5))

    with pytest.raises(PositionError, match="re-created, truncated or expired"):
        step.require_log(*({(TOPIC, 0): bound, (TOPIC, 1): 0} for bound in bounds))


def test_after_the_claim_the_owner_before_goes_no_further_than_the_log_that_is_read_then(
    step: OwnedStep, stores: list[AnyStore], reference: Reference
) -> None:
    """It did so before the claim, behind an end that had been read by then."""
    step.run(items(0, 5))
    heir = own(stores[1], reference, "heir")
    heir.claim(STARTS)
    assert step.run(items(5, 8)).events == ()
    heir.require_log(STARTS, {(TOPIC, 0): 5, (TOPIC, 1): 0})


def test_a_re_created_log_with_as_many_messages_is_found_by_their_ids(step: OwnedStep) -> None:
    step.run(items(0, 5))
    strangers = [replace(record, event_id=f"stranger-{record.offset}") for record in items(0, 5)]

    with pytest.raises(PositionError, match="never seen"):
        step.run(strangers)
    assert count(step) == 5


def test_an_unreadable_message_that_was_buried_is_skipped_in_peace(step: OwnedStep) -> None:
    step.run([*items(0, 1), unreadable(1)])
    assert step.run([*items(0, 1), unreadable(1)]).letters == ()


def test_a_gap_without_records_is_crossed_and_one_with_records_is_not(step: OwnedStep) -> None:
    """Control records of somebody's transaction leave holes; a message that was never handed over must not be one."""
    step.run(items(0, 2))
    step.count_records = lambda place, start, end: end - start - 1
    step.run(items(3, 5))
    assert step.store.positions("counting")[TOPIC, 0] == 5

    step.count_records = lambda place, start, end: end - start
    with pytest.raises(TransportError, match=r"not every message from 5 to 7 .* was handed over"):
        step.run(items(7, 9))
    assert count(step) == 4


def test_a_batch_in_which_an_event_stands_twice_counts_it_once(step: OwnedStep) -> None:
    twice = [record for record in items(0, 3) for _ in range(2)]

    assert len(step.run(twice).events) == 3
    assert count(step) == 3
