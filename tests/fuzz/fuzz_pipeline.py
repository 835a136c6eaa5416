"""The fuzz target of the pipeline: whatever event a schema accepts, every step takes it, and what it makes is accepted.

python -m tests.fuzz.fuzz_pipeline MUTANTS [SEED]
"""

import json
import random
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from processors.submission.correction import PendingClaim
from schemas.bounds import DAY_MAX
from schemas.errors import UnreadableMessageError
from schemas.event import Event, derive_events, publish_at_edge
from schemas.events import ClockTicked, SubmissionCut
from schemas.identifiers import make_id
from schemas.processing import States
from schemas.wire import decode_record
from streams.edge.clock import make_tick
from streams.engine.step import Step
from streams.installation import open_installation
from streams.pipeline import STEPS
from tests.builders import NOW, make_record
from tests.fuzz.mutants import TEXTS, TIMES, Values, dump, mutate
from tests.fuzz.whole_run import Situation, WholeRun, list_keys

TOGETHER = 2  # mutants of one event, one after the other
FOLLOWED_MAX = 3  # how many steps further the outputs of a mutant are taken


@dataclass(frozen=True)
class Failure:
    """What a mutant broke, and where; its seed breaks it again."""

    step: str
    type: str
    error: str
    where: str
    seed: int


class PipelineFuzz:
    """Mutants of a run, and the run's steps and store to try them on."""

    def __init__(self, run: WholeRun) -> None:
        self.run = run
        self.values = Values(json.loads(event.body.model_dump_json()) for event in run.events)
        self.by_type: dict[tuple[str, str], list[Situation]] = {}
        for situation in run.situations:
            self.by_type.setdefault((situation.step.name, situation.event.body.type), []).append(situation)
        self.tried: Counter[str] = Counter()

    def find_failures(self, seeds: range) -> Iterator[Failure]:
        """What breaks of the mutants of these seeds that a schema accepts; each kind of event as often as another."""
        kinds = sorted(self.by_type)
        for seed in seeds:
            dice = random.Random(seed)
            situation = dice.choice(self.by_type[kinds[seed % len(kinds)]])
            made = (self._make_mutant(situation.event, dice) for _ in range(TOGETHER))
            events = [event for event in made if event is not None]
            self.tried[situation.step.name] += len(events)
            try:
                self._try(situation, events, dice)
            except FileNotFoundError:
                continue  # it names a document that the archive does not have: an operator's matter
            except Exception as error:
                yield Failure(situation.step.name, situation.event.body.type, describe(error), find_place(error), seed)

    def _make_mutant(self, event: Event, dice: random.Random) -> Event | None:
        document = mutate(json.loads(event.body.model_dump_json()), dice, self.values)
        changes: dict[str, str] = {"event_id": make_id("mutant", event.event_id, dice.random().hex())}
        if dice.random() < 0.08:
            changes["occurred_at"] = dice.choice(TIMES)
        if dice.random() < 0.08:
            changes["key"] = changes["correlation_id"] = dice.choice(TEXTS)
        try:
            return decode_record(replace(make_record(event, 0), body=dump(document), **changes))  # type: ignore[arg-type]
        except UnreadableMessageError:
            return None

    def _try(self, situation: Situation, events: list[Event], dice: random.Random) -> None:
        """One mutant after the other, on what those before it left."""
        ends = self.run.ends[situation.step.name]
        known = dict(dice.choice((situation.states, ends, {**ends, **situation.states})))
        changed: set[str] = set()
        store = self.run.installation.store
        with store.transaction() as transaction:
            try:
                for place, event in enumerate(events):
                    outputs, states = self._apply(situation.step, event, known)
                    known.update(states)
                    changed.update(states)
                    if not place:  # another one that books the same is refused for that alone
                        transaction.append([event], "mutant")
                        transaction.append(outputs, situation.step.name)
                    self._follow(outputs, 1)
                for event in list_consequences(situation.step, known, changed):
                    self._follow(self._apply(situation.step, event, known)[0], 1)
            finally:
                store.connection.execute("ROLLBACK")
                store.connection.execute("BEGIN")

    def _apply(self, step: Step, event: Event, known: States) -> tuple[tuple[Event, ...], States]:
        """What the step makes of the event; its states and its outputs are what their schemas accept."""
        keys = list_keys(step, event, known)
        met = {key: known[key] for key in keys if key in known}
        outcome = step.function(met, event, self.run.reference)
        assert outcome.states.keys() <= set(keys)
        for key, state in outcome.states.items():
            model = step.states[key.partition(":")[0]]
            assert model.model_validate_json(state.model_dump_json()) == state, "a state that reads back otherwise"
        outputs = derive_events(event, step.name, outcome.outputs, "")
        for output in outputs:
            assert type(output.body) in step.produces
            assert decode_record(make_record(output, 0)).body == output.body, "an output that reads back otherwise"
        return outputs, outcome.states

    def _follow(self, events: tuple[Event, ...], depth: int) -> None:
        """What the steps that follow make of it."""
        for event in events[:20]:
            for step in STEPS:
                if type(event.body) in step.takes:
                    outputs, _ = self._apply(step, event, self.run.ends[step.name])
                    if depth < FOLLOWED_MAX:
                        self._follow(outputs, depth + 1)


def list_consequences(step: Step, known: States, changed: set[str]) -> Iterator[Event]:
    """What comes to what mutants left behind: the last day, and the file that claims wait for."""
    if ClockTicked in step.takes:
        yield make_tick(DAY_MAX)
    claim_ids = sorted(key.partition(":")[2] for key in changed if isinstance(known[key], PendingClaim))
    if claim_ids:
        cut = SubmissionCut(trading_partner="CLEARINGHOUSE", cut_at=NOW, claim_ids=tuple(claim_ids))
        yield publish_at_edge(cut, cut.key, NOW, cut.key)


def describe(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0][:90] if str(error) else ''}"


def find_place(error: Exception) -> str:
    """The line of the program's own that raised it."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "/.venv/" not in f.filename]
    own = [f for f in frames if "/tests/" not in f.filename] or frames
    return f"{'/'.join(Path(own[-1].filename).parts[-2:])}:{own[-1].lineno} {own[-1].name}"


def main() -> None:
    count, first = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    opened = open_installation(Path(tempfile.mkdtemp()))
    opened.store.close()
    fuzz = PipelineFuzz(WholeRun(Path(tempfile.mkdtemp()), opened.reference))
    found: dict[tuple[str, str], list[Failure]] = {}
    for failure in fuzz.find_failures(range(first, first + count)):
        found.setdefault((failure.error, failure.where), []).append(failure)
    print(dict(fuzz.tried), "accepted:", sum(fuzz.tried.values()), "of", count)
    for kind, failures in sorted(found.items(), key=lambda item: -len(item[1])):
        one = failures[0]
        print(len(failures), *kind, sorted({f"{f.step}<{f.type}" for f in failures}), f"seed {one.seed}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
