"""Workers are killed, frozen, multiplied and made to exit at every point, while a whole cycle goes through them.

Short doses; `make faults` gives the long ones (REVCYCLE_FAULTS=long), and docs/faults.md holds what was seen.
"""

import random
from typing import Any

import pytest

from streams.checkpoints import EXIT_AT
from tests.faults.conftest import ENCOUNTERS, LONG, SEED, SESSION_SECONDS, long_dose
from tests.faults.fleet import Fleet, Trouble, freeze, kill, run_cycle
from tests.faults.oracle import check
from tests.streams.kafka.workers import Workers

POINTS = (
    "step.after_read",
    "step.before_commit",
    "step.after_commit",
    "kafka.before_publish",
    "kafka.after_publish",
    "outbox.after_temporary",
    "outbox.after_rename",
    "outbox.before_publish",
    "outbox.after_publish",
)


def test_kill_9_every_few_seconds(workers: Workers, expected: dict[str, Any]) -> None:
    dice = random.Random(SEED)
    with Fleet(workers, 3 if LONG else 2) as fleet, Trouble(lambda: kill(fleet, dice), (2, 5), dice) as trouble:
        found = run_cycle(workers, ENCOUNTERS, SEED)
    check(workers, found, expected)
    assert trouble.times > 0


@long_dose
def test_a_zombie_wakes_up(workers: Workers, expected: dict[str, Any]) -> None:
    dice = random.Random(SEED)
    with (
        Fleet(workers, 2) as fleet,
        Trouble(lambda: freeze(fleet, dice, 2 * SESSION_SECONDS), (1, 2), dice) as trouble,
    ):
        found = run_cycle(workers, ENCOUNTERS, SEED)
    check(workers, found, expected)
    assert trouble.times > 0


@long_dose
def test_a_rebalance_storm(workers: Workers, expected: dict[str, Any]) -> None:
    dice = random.Random(SEED)
    with (
        Fleet(workers, 2) as fleet,
        Trouble(lambda: fleet.resize(dice.choice((1, 2, 3)), dice), (3, 3), dice) as trouble,
    ):
        found = run_cycle(workers, ENCOUNTERS, SEED)
    check(workers, found, expected)
    assert trouble.times > 0


@pytest.mark.parametrize("time", [1, 2, 3] if LONG else [2])
def test_exit_at_each_point_of_a_step(workers: Workers, expected: dict[str, Any], time: int) -> None:
    """One worker after the other dies at the next point of the list."""
    with Fleet(workers, 1, [{EXIT_AT: f"{point}:{time}"} for point in POINTS]) as fleet:
        found = run_cycle(workers, ENCOUNTERS, SEED)
    check(workers, found, expected)
    assert fleet.exits.count(137) >= 5
