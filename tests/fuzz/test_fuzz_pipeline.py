"""Two thousand mutants of every event that a step takes, at each test run the same; `make fuzz-pipeline` tries more."""

from collections import Counter
from dataclasses import replace

import pytest

from schemas.event import Event
from schemas.processing import Outcome, States
from schemas.reference import Reference
from streams.installation import open_installation
from streams.pipeline import STEPS
from tests.fuzz.fuzz_pipeline import PipelineFuzz
from tests.fuzz.whole_run import WholeRun

SEEDS = range(2_500)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> WholeRun:
    opened = open_installation(tmp_path_factory.mktemp("tables"))
    opened.store.close()
    return WholeRun(tmp_path_factory.mktemp("run"), opened.reference)


def test_the_run_knows_every_event_that_a_step_takes(run: WholeRun) -> None:
    taken = {(step.name, body.type) for step in STEPS for body in step.takes}

    assert {(found.step.name, found.event.body.type) for found in run.situations} == taken


def test_whatever_a_schema_accepts_every_step_takes(run: WholeRun) -> None:
    fuzz = PipelineFuzz(run)

    assert list(fuzz.find_failures(SEEDS)) == []
    assert sum(fuzz.tried.values()) >= 2_000 and min(fuzz.tried.values()) >= 20, fuzz.tried


def test_a_step_that_cannot_take_something_is_found(run: WholeRun) -> None:
    """The guard itself: a step that raises."""

    def fail(states: States, event: Event, reference: Reference) -> Outcome:
        raise ValueError(f"of {len(states)} states")

    planted = [replace(found, step=replace(found.step, function=fail)) for found in run.situations[:5]]
    fuzz = PipelineFuzz(run)
    fuzz.by_type = {("planted", "any"): planted}

    found = Counter(failure.where.partition(" ")[2] for failure in fuzz.find_failures(range(40)))

    assert found["fail"] >= 10


def test_the_same_seed_is_the_same_mutant(run: WholeRun) -> None:
    fuzz = PipelineFuzz(run)
    assert list(fuzz.find_failures(range(50))) == []
    once = dict(fuzz.tried)
    assert list(fuzz.find_failures(range(50))) == []

    assert dict(fuzz.tried) == {name: 2 * count for name, count in once.items()}
