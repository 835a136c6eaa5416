"""Who has the duties dies in the middle of a cut; another takes over, and no claim is in two files or in none."""

import signal
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from schemas.x12.x837p_005010x222a1 import read_837p
from streams.engine.kill_points import EXIT_AT
from streams.practice.demo import PAYER_TIME
from tests.faults.dose import ENCOUNTERS, SEED
from tests.faults.fleet import Cycle, Fleet
from tests.faults.oracle import check
from tests.faults.test_stalls import wait_for
from tests.streams.kafka.workers import Workers

CUT_SECONDS = 0.5
# One after the other, at the cut of the primary claims and at that of the secondary ones. Of what a worker with the
# duties publishes the tick is the first and the cut the second; what it leaves in the outbox the next one sends first.
DEATHS = (("cut.before_publish:1", "edge.before_publish:2", "edge.after_publish:1"), ("cut.after_publish:1",), ())


def list_sent(workers: Workers) -> list[str]:
    """The patient control number of each claim of each file."""
    files = sorted((workers.data / "outbox").glob("*.837"))
    return [x.claim.patient_control_number for file in files for x in read_837p(file.read_bytes())]


def run_dated_today(cycle: Cycle, now: datetime, cut: Callable[[int], None]) -> dict[str, Any]:
    """A whole cycle whose cuts are made by `cut`, today: a remittance's identity holds the date of its payment."""
    cycle.take_in()
    answered: set[Path] = set()
    for turn in range(len(DEATHS)):
        cut(turn)
        cycle.persist(lambda opened: opened.engine.run_until_quiet())
        now += PAYER_TIME
        cycle.persist(partial(cycle.answer, answered=answered, now=now))
        answered |= set((cycle.workers.data / "outbox").glob("*.837"))
    return cycle.report()


def test_duties_are_taken_over_in_the_middle_of_a_cut(workers: Workers, tmp_path: Path) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    cycle = Cycle(workers, ENCOUNTERS, SEED)
    embedded = Cycle(Workers(tmp_path / "undisturbed", "", ""), ENCOUNTERS, SEED)

    def die_and_take_over(turn: int) -> None:
        for point in DEATHS[turn]:
            assert workers.start({EXIT_AT: point}, duties=True, cut_seconds=CUT_SECONDS).wait(60) == 137
        heir = workers.start(duties=True, cut_seconds=CUT_SECONDS)
        wait_for(lambda: not cycle.persist(lambda opened: opened.store.list_pending_claims()))
        heir.send_signal(signal.SIGTERM)
        heir.wait(60)

    with Fleet(workers, 1):
        found = run_dated_today(cycle, now, die_and_take_over)
    sent = list_sent(workers)
    assert len(sent) == len(set(sent)), "a claim is in two files"
    undisturbed = run_dated_today(embedded, now, lambda turn: embedded.persist(partial(embedded.cut, now=now)))
    check(workers, found, undisturbed)
