"""A step of the map fails at one key: every other key ends as undisturbed, and once mended so does this one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.stores.digests import SETTLED_STATE
from schemas.event import Event
from schemas.events import ClockTicked, InterchangeAcknowledged
from schemas.processing import Outcome, States
from schemas.reference import Reference
from streams.actions.asides import retry_set_aside
from streams.audit.replay import verify_replay
from streams.edge.clock import publish_tick
from streams.edge.submission import cut_submissions
from streams.engine.embedded import EmbeddedEngine
from streams.engine.publish import StorePublish
from streams.engine.step import Step
from streams.installation import Opened
from streams.pipeline import STEPS
from streams.reports.asides import find_set_aside, report_set_aside
from tests.builders import NOW, Cycle, answer_outbox, find_violations, make_encounter_events, open_small, publish
from tests.receiving import read_document

ENCOUNTERS = 30
DAYS = (3, 20, 40, 60, 120, 240)


@dataclass(frozen=True)
class Undisturbed:
    """A cycle without a fault: what came from outside, and how it ended without and with the clock."""

    cycle: Cycle
    installation: Opened
    settled: dict[str, list[tuple[object, ...]]]
    ticked: dict[str, str]  # for each step, a state that a tick was told to


def tell_the_clock(installation: Opened) -> None:
    for days in DAYS:
        publish_tick(installation.store, installation.publish, (NOW + timedelta(days=days)).date())
        installation.engine.run_until_quiet()


def run(installation: Opened, cycle: Cycle) -> None:
    """The same facts from outside, whatever became of those before."""
    publish(installation, cycle.encounters)
    cut(installation)
    publish(installation, cycle.answers)
    cut(installation)


def cut(installation: Opened) -> None:
    installation.engine.run_until_quiet()
    cut_submissions(installation.store, installation.publish, NOW)
    installation.engine.run_until_quiet()


@pytest.fixture(scope="module", params=[False, True], ids=["", "with ticks"])
def undisturbed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, reference: Reference
) -> Iterator[Undisturbed]:
    ticked: dict[str, str] = {}

    def watch(step: Step) -> Step:
        def look(states: States, event: Event, reference: Reference) -> Outcome:
            if isinstance(event.body, ClockTicked) and states:
                ticked.setdefault(step.name, min(states))
            return step.function(states, event, reference)

        return replace(step, function=look)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("streams.engine.embedded.STEPS", tuple(map(watch, STEPS)))
        installation = open_small(tmp_path_factory.mktemp("undisturbed"), reference)
    publish(installation, encounters := make_encounter_events(ENCOUNTERS, 1))
    cut(installation)
    answers = answer_outbox(installation)
    if request.param:  # nobody acknowledges an interchange, so that its silence is noticed too
        answers = [x for x in answers if not isinstance(x.body, InterchangeAcknowledged)]
        answers += read_document(b"deposited_on,amount\n2026-11-20,7.77\n").events  # and nobody sent 7.77
    publish(installation, answers)
    cut(installation)
    cycle = Cycle(tuple(encounters), tuple(answers))
    if request.param:
        tell_the_clock(installation)
    yield Undisturbed(cycle, installation, list_settled(installation), ticked)
    installation.store.close()


def list_settled(installation: Opened) -> dict[str, list[tuple[object, ...]]]:
    """The rows that the digest is made of."""
    connection = installation.store.connection
    return {
        table: [
            tuple(int(x) if isinstance(x, Decimal) else x for x in row) for row in connection.execute(query).fetchall()
        ]
        for table, query in SETTLED_STATE.items()
    }


def pick_key(installation: Opened, step: Step) -> str:
    """The key of which this step took most, but no key of the clock."""
    (key, *_) = installation.store.connection.execute(
        "SELECT key FROM applied WHERE step = ? AND key NOT LIKE '2___-__-__' GROUP BY key ORDER BY count(*) DESC, key",
        (step.name,),
    ).fetchone()
    return str(key)


Fails = Callable[[States, Event], bool]


def open_poisoned(
    folder: Path, before: Undisturbed, step: Step, fails: Fails, postgres: str | None, monkeypatch: pytest.MonkeyPatch
) -> Opened:
    """An installation whose program has a fault in one step; the practice payer's answers are in its archive."""

    def fail(states: States, event: Event, reference: Reference) -> Outcome:
        if fails(states, event):
            raise LookupError(event.key)
        return step.function(states, event, reference)

    steps = tuple(replace(each, function=fail) if each is step else each for each in STEPS)
    with monkeypatch.context() as patched:
        patched.setattr("streams.engine.embedded.STEPS", steps)
        opened = open_small(folder, before.installation.reference, postgres=postgres)
    for document in before.installation.archive.folder.rglob("*"):
        if document.is_file():
            opened.archive.keep(document.read_bytes())
    return opened


def mend(installation: Opened) -> Opened:
    """The next release of the program over the same store."""
    engine = EmbeddedEngine(installation.store, installation.reference, installation.writer)
    return replace(installation, engine=engine)


def rows_without(installation: Opened, keys: set[str]) -> dict[str, set[tuple[object, ...]]]:
    """What is settled of every account but these, table by table; totals of accounts are everybody's."""
    rows = {}
    for table, query in SETTLED_STATE.items():
        if table not in ("account", "remittance", "deposit"):
            rows[table] = {tuple(row) for row in installation.store.connection.execute(query).fetchall()}
    theirs = {
        str(value)
        for table, column in (("claim", "claim_id"), ("encounter", "encounter_id"))
        for key in keys
        for (value,) in installation.store.connection.execute(
            f"SELECT {column} FROM {table} WHERE account_key = ?", (key,)
        )
    }
    items = {
        str(item)
        for item, claim, encounter in installation.store.connection.execute(
            "SELECT item_id, claim_id, encounter_id FROM work_item"
        )
        if {str(claim)[:16], str(encounter)} & {x[:16] if len(x) < 20 else x for x in theirs}
    }
    own = theirs | items
    return {table: {row for row in found if str(row[0]) not in own} for table, found in rows.items()}


def is_account(key: str) -> bool:
    return len(key) == 10 and key.isalnum()


class Killed(BaseException):
    """The process is gone."""


class DyingPublish(StorePublish):
    """Each event that is given back is committed, and the process dies once before it can say so."""

    dies = True

    def send(self, source: str) -> int:
        DyingPublish.dies = not DyingPublish.dies
        if not DyingPublish.dies:
            raise Killed
        return 0


def give_back_dying(installation: Opened) -> None:
    dying = replace(installation, publish=DyingPublish(installation.store))
    deaths = 0
    while waiting := report_set_aside(installation).set_aside:
        try:
            retry_set_aside(dying, find_set_aside(dying, waiting[0].id))
        except Killed:
            deaths += 1
    assert deaths > 0 and installation.store.list_set_aside() == []


@pytest.fixture(params=["sqlite", "postgres"])
def postgres_or_none(request: pytest.FixtureRequest) -> str | None:
    return None if request.param == "sqlite" else str(request.getfixturevalue("postgres"))


@pytest.mark.parametrize("undisturbed", [False], indirect=True, ids=[""])
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_step_that_fails_at_one_key_harms_no_other(
    undisturbed: Undisturbed,
    step: Step,
    postgres_or_none: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = pick_key(undisturbed.installation, step)
    broken = open_poisoned(
        tmp_path, undisturbed, step, lambda states, event: event.key == key, postgres_or_none, monkeypatch
    )

    run(broken, undisturbed.cycle)

    waiting = broken.store.list_set_aside()
    assert {(x.step, x.key) for x in waiting} == {(step.name, key)}
    assert sum(broken.engine.read_lags().values()) == 0
    if is_account(key):
        after = rows_without(broken, {key})
        before = rows_without(undisturbed.installation, {key})
        unlike = {name for name in before if before[name] - after[name]}
        assert unlike == set()

    mended = mend(broken)
    give_back_dying(mended)
    cut(mended)
    cut(mended)  # what the first payer left of a claim that was late
    assert list_settled(mended) == undisturbed.settled
    assert find_violations(mended.store.connection) == []
    assert verify_replay(mended, decide=True).first_difference is None
    mended.store.close()


TICKING = [step for step in STEPS if ClockTicked in step.takes]


@pytest.mark.parametrize("undisturbed", [True], indirect=True, ids=["with ticks"])
@pytest.mark.parametrize("step", TICKING, ids=lambda step: step.name)
def test_a_tick_that_fails_for_one_key_is_told_to_the_others(
    undisturbed: Undisturbed,
    step: Step,
    postgres_or_none: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state = undisturbed.ticked[step.name]
    (key,) = undisturbed.installation.store.connection.execute(
        "SELECT partition_key FROM due WHERE step = ? AND key = ?", (step.name, state)
    ).fetchone()

    def fails(given: States, event: Event) -> bool:
        return isinstance(event.body, ClockTicked) and state in given

    broken = open_poisoned(tmp_path, undisturbed, step, fails, postgres_or_none, monkeypatch)
    run(broken, undisturbed.cycle)
    tell_the_clock(broken)

    assert {(x.step, x.key) for x in broken.store.list_set_aside()} == {(step.name, key)}
    mended = mend(broken)
    give_back_dying(mended)
    assert list_settled(mended) == undisturbed.settled
    assert verify_replay(mended, decide=True).first_difference is None
    mended.store.close()
