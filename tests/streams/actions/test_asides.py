"""Giving back and dropping what was set aside: killed anywhere, or done by two people at once."""

import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from connectors.stores.digests import digest, journal_digest
from schemas.errors import RefusedError
from schemas.event import Event
from schemas.processing import Outcome, States
from schemas.reference import Reference
from schemas.roles import By
from schemas.store import SetAside, Store
from streams.actions.asides import GivenBack, drop_set_aside, retry_set_aside
from streams.audit.replay import verify_replay
from streams.engine.kill_points import EXIT_AT
from streams.engine.publish import StorePublish
from streams.installation import Opened
from streams.pipeline import STEPS
from tests.builders import NOW, find_violations, make_encounter_events, open_small, publish

FORK = multiprocessing.get_context("fork")
KILLED = 137
STEP = "claim_building"
ADA = By("Ada", "sent by mistake", NOW)
Act = Callable[[Opened, SetAside], GivenBack]


@dataclass(frozen=True)
class Place:
    """Where an installation is, and what its tables are made from."""

    data: Path
    reference: Reference
    postgres: str | None

    def open(self) -> Opened:
        return open_small(self.data, self.reference, postgres=self.postgres)


def fail_at(fails: Callable[[Event], bool], module: str, patch: pytest.MonkeyPatch) -> None:
    """A fault in one step of the program."""

    def fail(states: States, event: Event, reference: Reference) -> Outcome:
        if fails(event):
            raise LookupError
        return sound.function(states, event, reference)

    (sound,) = (step for step in STEPS if step.name == STEP)
    patch.setattr(f"{module}.STEPS", tuple(replace(x, function=fail) if x is sound else x for x in STEPS))


def set_some_aside(place: Place) -> Place:
    """Encounters come while the step fails at one patient's: one event is set aside, and those behind it."""
    encounters = make_encounter_events(30, 1)
    keys = [event.key for event in encounters]
    key = max(keys, key=keys.count)
    with pytest.MonkeyPatch.context() as patch:
        fail_at(lambda event: event.key == key, "streams.engine.embedded", patch)
        installation = place.open()
        publish(installation, encounters)
        installation.engine.run_until_quiet()
    waiting = installation.store.list_set_aside()
    assert {(row.step, row.key) for row in waiting} == {(STEP, key)} and len(waiting) >= 3
    assert [bool(row.reason) for row in waiting] == [True] + [False] * (len(waiting) - 1)
    installation.store.close()
    return place


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path, reference: Reference) -> Place:
    postgres = None if request.param == "sqlite" else str(request.getfixturevalue("postgres"))
    return set_some_aside(Place(tmp_path, reference, postgres))


@pytest.fixture
def twin(tmp_path_factory: pytest.TempPathFactory, reference: Reference) -> Place:
    """The same, for an act that nothing disturbs."""
    return set_some_aside(Place(tmp_path_factory.mktemp("twin"), reference, None))


def list_waiting(place: Place) -> list[SetAside]:
    installation = place.open()
    waiting = list(installation.store.list_set_aside())
    installation.store.close()
    return waiting


def run_process(place: Place, act: Act, exit_at: str = "") -> int:
    """The act on what stands first, in a process of its own; returns its exit status."""

    def run() -> None:
        os.environ[EXIT_AT] = exit_at
        installation = place.open()
        act(installation, installation.store.list_set_aside()[0])

    process = FORK.Process(target=run)
    process.start()
    process.join()
    assert process.exitcode is not None
    return process.exitcode


def drop(installation: Opened, noted: SetAside) -> GivenBack:
    return drop_set_aside(installation, noted, ADA)


def look_at(place: Place) -> tuple[str, str, int]:
    """What the business came to, the journal, and how many events there are."""
    installation = place.open()
    connection = installation.store.connection
    assert find_violations(connection) == []
    assert verify_replay(installation, decide=True).first_difference is None
    (events,) = connection.execute("SELECT count(*) FROM event").fetchone()
    found = digest(connection), journal_digest(connection), events
    installation.store.close()
    return found


@pytest.mark.parametrize("time", [1, 2])
@pytest.mark.parametrize("point", ["aside.after_commit", "aside.after_send"])
def test_a_retry_that_is_killed_is_gone_on_with_by_the_next(place: Place, twin: Place, point: str, time: int) -> None:
    assert run_process(twin, retry_set_aside) == 0
    before = len(list_waiting(place))

    assert run_process(place, retry_set_aside, f"{point}:{time}") == KILLED

    assert len(list_waiting(place)) == before - time + 1, "given back is what was sent"
    assert run_process(place, retry_set_aside) == 0
    assert list_waiting(place) == []
    assert look_at(place) == look_at(twin)


@pytest.mark.parametrize("point", ["aside.after_drop:1", "aside.after_commit:1", "aside.after_send:1"])
def test_a_drop_that_is_killed_has_dropped_one_event_and_the_rest_is_taken_by_a_retry(
    place: Place, twin: Place, point: str
) -> None:
    assert run_process(twin, drop) == 0
    (dropped, *behind) = list_waiting(place)

    assert run_process(place, drop, point) == KILLED

    assert list_waiting(place) == behind
    assert run_process(place, retry_set_aside) == 0
    assert list_waiting(place) == []
    installation = place.open()
    rows = installation.store.connection.execute(
        "SELECT ended, count(*) FROM set_aside GROUP BY ended ORDER BY ended"
    ).fetchall()
    (taken,) = installation.store.connection.execute(
        "SELECT count(*) FROM event WHERE causation_id = ? AND source = ?", (dropped.event_id, STEP)
    ).fetchone()
    installation.store.close()
    assert [tuple(row) for row in rows] == [("dropped", 1), ("taken", len(behind))]
    assert taken == 0
    assert look_at(place) == look_at(twin)


def test_what_a_retry_took_before_it_was_killed_is_not_dropped(place: Place, twin: Place) -> None:
    assert run_process(twin, retry_set_aside) == 0
    assert run_process(place, retry_set_aside, "aside.after_commit:1") == KILLED
    installation = place.open()
    with pytest.raises(RefusedError, match=f"{STEP} has taken it meanwhile.*aside retry"):
        drop(installation, installation.store.list_set_aside()[0])
    installation.store.close()
    assert run_process(place, retry_set_aside) == 0
    assert look_at(place) == look_at(twin)


class Interrupted(StorePublish):
    """Between the commit of the first event and its giving back somebody else acts."""

    def __init__(self, store: Store, act: Callable[[], object]) -> None:
        super().__init__(store)
        self.acts = [act]

    def send(self, source: str) -> int:
        if self.acts:
            self.acts.pop()()
        return 0


def retry_by_two(place: Place) -> tuple[GivenBack, GivenBack]:
    """The second person gives the same back while the first is between two events."""
    one, other = place.open(), place.open()
    noted = one.store.list_set_aside()[0]
    second: list[GivenBack] = []
    interrupted = Interrupted(one.store, lambda: second.append(retry_set_aside(other, noted)))
    first = retry_set_aside(replace(one, publish=interrupted), noted)
    one.store.close()
    other.store.close()
    return first, second[0]


def test_of_two_people_who_give_the_same_back_each_event_counts_for_one(place: Place, twin: Place) -> None:
    before = len(list_waiting(place))
    first, second = retry_by_two(place)
    assert (first.taken + second.taken, first.waiting, second.waiting) == (before, 0, 0)
    assert run_process(twin, retry_set_aside) == 0
    assert look_at(place) == look_at(twin)


def test_where_the_next_event_cannot_be_taken_either_neither_of_two_people_takes_what_is_behind_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    (_, stuck, *behind) = list_waiting(place)
    fail_at(lambda event: event.event_id == stuck.event_id, "streams.actions.asides", monkeypatch)
    first, second = retry_by_two(place)
    assert first.taken + second.taken == 1
    assert first.waiting == second.waiting == 1 + len(behind)
    (now, *still) = list_waiting(place)
    assert (now.event_id, still) == (stuck.event_id, behind)
    assert now.reason.startswith("LookupError")
