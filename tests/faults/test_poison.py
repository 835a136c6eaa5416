"""An event that a step cannot hold: workers go on with every other key, and a mended program takes it after all."""

import json
import os
import subprocess

import pytest

from connectors.demo import generate_encounters
from connectors.stores.postgres import PostgresStore
from schemas.identifiers import make_account_key
from schemas.reference import Installation
from streams.engine.kill_points import EXIT_AT
from tests.faults.dose import ENCOUNTERS, LONG, SEED
from tests.faults.fleet import Fleet, run_cycle
from tests.faults.oracle import check, wait_healed
from tests.streams.kafka.workers import Workers

# Of a retry: between the commit of an event and the broker, on the way, and before it is given back.
DEATHS = ("aside.after_commit", "edge.after_publish", "aside.after_send")
STEPS = ("coding_validation", "claim_building", "claim_tracking", "payment_posting", "coordination", "patient_billing")


def pick_account() -> str:
    """Of the first patient of the demonstration whose payer is billed."""
    encounter = next(x for x in generate_encounters(ENCOUNTERS, SEED) if x.coverages and x.status == "finished")
    return make_account_key(Installation().secret, encounter.source_system, encounter.patient.id)


@pytest.mark.parametrize("step", STEPS if LONG else ["payment_posting"])
def test_one_poisoned_key_restarts_nobody_and_is_taken_once_mended_though_retries_die(
    workers: Workers, expected: dict[str, object], step: str
) -> None:
    key = pick_account()
    workers.prelude = f"from tests.faults.poison import plant; plant({step!r}, {key!r}); "
    with Fleet(workers, 2) as fleet:
        disturbed = run_cycle(workers, ENCOUNTERS, SEED)
        wait_healed(workers)
        assert fleet.exits == []
    store = PostgresStore(workers.store)
    assert {(x.step, x.key) for x in store.list_set_aside()} == {(step, key)}
    assert disturbed["digest"] != expected["digest"]
    assert disturbed["set_aside"] == len(store.list_set_aside())
    store.close()

    workers.prelude = ""
    with Fleet(workers, 2) as fleet:
        retry = workers.arguments("aside", "retry", "--all", "--json")
        for point in DEATHS:
            dying = {**os.environ, EXIT_AT: f"{point}:1"}
            assert subprocess.run(retry, check=False, capture_output=True, timeout=120, env=dying).returncode == 137
        done = subprocess.run(retry, check=False, capture_output=True, timeout=120)
        assert done.returncode == 0, done.stderr.decode()
        assert [row["waiting"] for row in json.loads(done.stdout)["set_aside"]] == [0]
        found = run_cycle(workers, ENCOUNTERS, SEED)
        assert fleet.exits == []
    check(workers, found, expected)
