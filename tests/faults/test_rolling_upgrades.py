"""An old release and a new one side by side: who is too old says so before it writes anything wrong."""

from dataclasses import replace
from typing import Any

import psycopg
import pytest

from connectors.kafka.producer import EdgeProducer
from connectors.settings import Settings
from connectors.stores import common, postgres
from connectors.stores.postgres import PostgresStore
from connectors.stores.tables import SCHEMA_VERSION
from tests.faults.dose import ENCOUNTERS, SEED, long_dose
from tests.faults.fleet import Fleet, run_cycle
from tests.faults.oracle import check, wait_healed
from tests.faults.test_bad_messages import encounter_messages
from tests.faults.test_stalls import wait_for
from tests.streams.kafka.workers import Workers

NEWER_STORE = "import connectors.stores.tables as tables; tables.SCHEMA_VERSION += 1\n"
NEWER_EVENT = "from schemas.events import ClaimRemitted; ClaimRemitted.schema_version += 1\n"


def count(workers: Workers, table: str) -> int:
    with psycopg.connect(workers.store) as connection:
        made = connection.execute("SELECT 1 FROM pg_tables WHERE tablename = %s", (table,)).fetchone()
        (rows,) = (made and connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()) or (0,)
    return int(rows)


def test_a_new_release_takes_the_store_over_from_a_worker_of_the_old_one(
    workers: Workers, expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of its work. A supervisor starts the old one again and again: it leaves before it does anything."""
    producer = EdgeProducer(Settings(kafka=workers.kafka))
    producer.publish(encounter_messages(ENCOUNTERS))
    producer.close()
    with Fleet(workers, 1) as old:
        wait_for(lambda: count(workers, "applied"))
        for module in (common, postgres):
            monkeypatch.setattr(module, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
        PostgresStore(workers.store).close()  # as any command of the new release would
        taken_over = count(workers, "event")
        wait_for(lambda: {1, 2} <= set(old.exits))
        assert count(workers, "event") == taken_over
        newer = replace(workers, prelude=NEWER_STORE, processes=[])
        with Fleet(newer, 1) as new:
            found = run_cycle(newer, ENCOUNTERS, SEED)
            wait_healed(workers)
            assert new.exits == []
    assert set(old.exits) == {1, 2}
    assert "a newer revcycle has taken the store over" in workers.log.read_text()
    check(workers, found, expected)


@long_dose
def test_a_worker_of_the_old_release_that_meets_an_event_of_the_new_one_leaves_it_to_that(
    workers: Workers, expected: dict[str, Any]
) -> None:
    """They share the partitions until then, and each reads what the other has made."""
    newer = replace(workers, prelude=NEWER_EVENT, processes=[])
    with Fleet(newer, 1) as new:
        old = workers.start()
        found = run_cycle(workers, ENCOUNTERS, SEED)
        assert old.wait(60) == 1
        wait_healed(workers)
        assert new.exits == []
    assert "deploy the newer revcycle here first" in workers.log.read_text()
    check(workers, found, expected)
