"""Both engines, the same inputs: the same events, the same entries, the same digest. Real workers on a real broker."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from connectors.demo import generate_encounters
from connectors.ehr.sent import publish_sent
from connectors.payer_rules import load_payer_rules
from connectors.stores.connection import Connection
from connectors.stores.digests import digest
from connectors.stores.postgres import PostgresStore
from connectors.stores.sqlite import SqliteStore
from schemas.encounter import Encounter
from streams.edge.submission import cut_submissions
from streams.installation import open_installation
from streams.reports.status import report_status
from tests.builders import NOW, find_violations
from tests.receiving import receive_fhir
from tests.services import BrokerForTests
from tests.streams.edge.test_inbox import RULE
from tests.streams.kafka.workers import START, Workers

SYNTHEA = Path(__file__).parents[4] / "shared" / "data" / "fhir-synthea"
# The ticks of the clock are a worker's own: the embedded demonstration has none.
EVENTS = "SELECT topic, key, type, body FROM event WHERE topic <> 'rcm.clock.v1'"


@pytest.fixture
def workers(
    real_kafka: BrokerForTests, event_topics: BrokerForTests, postgres: str, tmp_path: Path
) -> Iterator[Workers]:
    made = Workers(tmp_path / "data", event_topics.address, postgres)
    yield made
    made.stop()


def run(command: list[str], environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    variables = {**os.environ, **(environment or {})}
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False, env=variables)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def list_events(connection: Connection) -> list[tuple[object, ...]]:
    """Every event by topic, key, type and content. Ids are left out: what closes a remittance is the last of its
    postings, and which one is last depends on the partitions."""
    return sorted((*row[:3], bytes(row[3])) for row in connection.execute(EVENTS).fetchall())


def interleave(*sources: Sequence[Encounter]) -> list[Encounter]:
    """One of each source in turn, so that a patient's encounters stand apart from each other."""
    return [x for turn in zip_longest(*sources) for x in turn if x is not None]


@pytest.mark.skipif(not SYNTHEA.is_dir(), reason=f"no real FHIR files: {SYNTHEA.name} is not beside the checkout")
def test_synthea_and_demonstration_interleaved_on_two_workers_end_as_on_the_embedded_engine(
    workers: Workers, tmp_path: Path
) -> None:
    patients = [receive_fhir(path.read_bytes()).encounters for path in sorted(SYNTHEA.glob("*.json"))]
    encounters = interleave(*patients, list(generate_encounters(60, 7)))
    ends = []
    for _ in range(2):
        workers.start()
    for where in ({}, {"kafka": workers.kafka, "store": workers.store}):
        installation = open_installation(workers.data if where else tmp_path / "embedded", **where)
        installation.publish([publish_sent(each, installation.settings.secret, NOW) for each in encounters], "ingest")
        installation.engine.run_until_quiet()
        cut_submissions(installation.store, installation.publish, NOW)
        installation.engine.run_until_quiet()
        status = report_status(installation)
        ends.append((status.encounters, status.claims, status.work_items, status.ledger, status.digest))
        installation.store.close()

    assert ends[0][0].total == 203
    assert ends[1] == ends[0]


def test_a_worker_takes_up_payer_rules_that_change_while_it_runs(workers: Workers) -> None:
    workers.start()
    installation = open_installation(workers.data, kafka=workers.kafka, store=workers.store)
    encounters = [publish_sent(each, installation.settings.secret, NOW) for each in generate_encounters(40, 7)]
    installation.publish(encounters[:20], "ingest")
    installation.engine.run_until_quiet()
    (workers.data / "rules").mkdir()
    (workers.data / "rules" / "visits.toml").write_text(RULE)
    deadline = time.monotonic() + 30
    while "payer rules taken up: 1 rules" not in workers.log.read_text():
        assert time.monotonic() < deadline, workers.log.read_text()
        time.sleep(0.1)

    installation.publish(encounters[20:], "ingest")
    installation.engine.run_until_quiet()

    version = load_payer_rules(workers.data / "rules").version[:12]
    records = installation.store.read(("rcm.coded.v1", "rcm.held.v1"), 0, 1_000)
    by_rule = {json.loads(x.decided_by)["payer_rules"] for x in records if b"This payer wants no visits" in x.body}
    assert by_rule == {version}
    assert {json.loads(x.decided_by)["payer_rules"] for x in records} == {"none", version}
    assert workers.stop() == [0]
    installation.store.close()


def test_two_workers_on_kafka_do_what_the_embedded_engine_does(workers: Workers, tmp_path: Path) -> None:
    demo = ("demo", "--encounters", "60", "--seed", "7", "--json")
    embedded = run([sys.executable, "-c", START, *demo, "--data", str(tmp_path / "embedded")])
    for _ in range(2):
        workers.start()

    on_kafka = run(workers.arguments(*demo))

    assert on_kafka["digest"] == embedded["digest"]
    for part in ("encounters", "claims", "work_items", "ledger", "dead_letters"):
        assert on_kafka[part] == embedded[part]
    here, there = SqliteStore(tmp_path / "embedded" / "revcycle.db"), PostgresStore(workers.store)
    assert digest(there.connection) == embedded["digest"]
    assert find_violations(here.connection) == []
    assert list_events(there.connection) == list_events(here.connection)
    assert there.count_outbox() == 0
    where = {"REVCYCLE_KAFKA": workers.kafka, "REVCYCLE_STORE": workers.store}
    verified = run(
        [sys.executable, "-c", START, "replay", "verify", "--decide", "--json", "--data", str(workers.data)], where
    )
    assert verified["identical"], verified["first_difference"]
    assert workers.stop() == [0, 0], workers.log.read_text()[-3000:]
    here.close()
    there.close()
