"""The data folder is away for a while, as a network mount may be."""

import time
from typing import Any

from tests.faults.dose import ENCOUNTERS, SEED, long_dose
from tests.faults.fleet import Cycle, Fleet, run_cycle
from tests.faults.oracle import check, wait_healed
from tests.streams.kafka.workers import Workers


@long_dose
def test_the_data_folder_is_away_and_comes_back(workers: Workers, expected: dict[str, Any]) -> None:
    """Whoever works leaves with 75, whoever starts does too, and nobody makes an empty folder in its place."""
    elsewhere = workers.data.with_name("elsewhere")
    with Fleet(workers, 2) as fleet:
        Cycle(workers, ENCOUNTERS, SEED).take_in()
        workers.data.rename(elsewhere)
        deadline = time.monotonic() + 60
        while fleet.exits.count(75) < 4 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert fleet.exits.count(75) >= 4 and set(fleet.exits) == {75}, fleet.exits
        assert not workers.data.exists()
        elsewhere.rename(workers.data)
        found = run_cycle(workers, ENCOUNTERS, SEED)
        wait_healed(workers)
    assert "is not there, or is empty" in workers.log.read_text()
    check(workers, found, expected)
