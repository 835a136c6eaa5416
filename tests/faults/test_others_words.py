"""What an EHR writes in its own manner stays the same event, also when the topics are filled again from the store."""

import json
import time
from dataclasses import replace

from connectors.kafka.producer import EdgeProducer
from connectors.settings import Settings
from connectors.stores.postgres import PostgresStore
from streams.kafka.remote import RemoteWorkers
from tests.faults.dose import SESSION_SECONDS, long_dose
from tests.faults.fleet import Fleet
from tests.faults.test_bad_messages import encounter_messages
from tests.faults.test_logs_and_stores import rebuild_topics
from tests.streams.kafka.workers import Workers


@long_dose
def test_spaces_and_a_newer_schema_of_an_ehr_are_in_nobodys_way(workers: Workers) -> None:
    good = encounter_messages(20)
    spaced = [replace(x, value=json.dumps(json.loads(x.value or b""), indent=1).encode()) for x in good]
    newer = replace(good[0], headers=list({**dict(good[0].headers), "ce_schemaversion": b"9999"}.items()))
    producer = EdgeProducer(Settings(kafka=workers.kafka))
    store = PostgresStore(workers.store)
    remote = RemoteWorkers(store, Settings(kafka=workers.kafka))
    with Fleet(workers, 1):
        producer.publish([*spaced, newer])
        remote.run_until_quiet()
    time.sleep(2 * SESSION_SECONDS)

    done = rebuild_topics(workers)
    assert done.returncode == 0, done.stderr

    with Fleet(workers, 1) as fleet:
        remote.run_until_quiet()
        producer.publish(spaced)  # and once more, as they were sent
        remote.run_until_quiet()
        assert fleet.exits == []
    conflicts = store.connection.execute("SELECT count(*) FROM work_item WHERE reason = 'event_conflict'").fetchone()
    assert conflicts == (0,)
    producer.close()
    store.close()
