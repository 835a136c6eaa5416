"""A clock that was set back comes to the same on both engines: every partition is told, and the days tick anew."""

from datetime import timedelta
from pathlib import Path

from connectors.demo import generate_encounters
from connectors.ehr.sent import publish_sent
from connectors.stores.common import SqlStore
from schemas.encounter import Encounter
from schemas.roles import By
from streams.actions.clock import publish_set_back
from streams.edge.clock import Clock, publish_tick, read_clock_of
from streams.edge.submission import cut_submissions
from streams.installation import Opened, open_installation
from tests.builders import NOW
from tests.services import BrokerForTests
from tests.streams.kafka.workers import Workers

# One 276 goes out for each partition: their interchanges are not the same, what is known of the claims is.
WORK = "SELECT item_id, state, reason, next_action FROM work_item WHERE claim_id IS NOT NULL ORDER BY item_id"
DUE = "SELECT key, due_on FROM due WHERE due_on IS NOT NULL AND step = 'claim_tracking' ORDER BY key"
FURTHEST = "SELECT due_on FROM due WHERE due_on IS NOT NULL AND step = 'interchange_tracking'"


def live_through(installation: Opened) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]], Clock]:
    """Claims are sent, a tick comes a year too early and is taken back, and the days go by."""
    store, publish, partitions = installation.store, installation.publish, installation.engine.partitions
    first, then = list(generate_encounters(12, 7)), list(generate_encounters(24, 7))[12:]
    today = NOW.date()

    def send(encounters: list[Encounter]) -> None:
        publish([publish_sent(each, installation.settings.secret, NOW) for each in encounters], "ingest")
        installation.engine.run_until_quiet()
        cut_submissions(store, publish, NOW)
        installation.engine.run_until_quiet()

    def tick(days: int) -> None:
        publish_tick(store, publish, today + timedelta(days), partitions)
        installation.engine.run_until_quiet()

    send(first)
    tick(3)
    tick(365)
    publish_set_back(store, publish, today, By("Pat Moore", "the year was mistyped", NOW), partitions)
    installation.engine.run_until_quiet()
    send(then)
    for days in (3, 31, 61):
        tick(days)
    return read(store, WORK), read(store, DUE), read_clock_of(store)


def read(store: SqlStore, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in store.connection.execute(query).fetchall()]


def test_both_engines_agree_after_a_clock_was_set_back(
    real_kafka: BrokerForTests, event_topics: BrokerForTests, postgres: str, tmp_path: Path
) -> None:
    here = live_through(open_installation(tmp_path / "embedded"))
    work, due, clock = here
    assert clock == Clock(NOW.date() + timedelta(61), 1)
    assert "no_835" in str(work) and len(due) > 10

    workers = Workers(tmp_path / "data", event_topics.address, postgres)
    workers.start()
    try:
        installation = open_installation(workers.data, kafka=workers.kafka, store=workers.store)
        assert installation.engine.partitions > 1
        assert live_through(installation) == here
        latest = (NOW.date() + timedelta(70)).isoformat()
        assert all(str(row[0]) < latest for row in read(installation.store, FURTHEST)), (
            "nothing waits for a day taken back"
        )
        installation.store.close()
    finally:
        assert workers.stop() == [0]
