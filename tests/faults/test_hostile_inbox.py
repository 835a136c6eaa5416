"""The inbox of a worker on Kafka that strangers fill: it lives, each entry leaves, and the good files are read."""

import os
import time
from pathlib import Path

from connectors.demo import generate_encounters
from connectors.inbox import DONE, REJECTED, WORKING
from connectors.stores.postgres import PostgresStore
from schemas.showing import show
from tests.faults.dose import SEED
from tests.hostile_entries import make_entries
from tests.streams.kafka.workers import Workers


def list_names(folder: Path) -> set[bytes]:
    return {os.fsencode(path.name) for path in folder.iterdir()} if folder.is_dir() else set()


def drop(inbox: Path, name: str, count: int, seed: int) -> None:
    inbox.mkdir(parents=True, exist_ok=True)
    hidden = inbox / f".{name}"
    hidden.write_text("".join(x.model_dump_json() + "\n" for x in generate_encounters(count, seed)))
    hidden.rename(inbox / name)


def test_a_worker_with_the_duties_outlives_sixty_hostile_entries(workers: Workers) -> None:
    inbox = workers.data / "inbox"
    names = make_entries(inbox)
    drop(inbox, "n-good.ndjson", 10, SEED)
    worker = workers.start(duties=True)
    workers.start()

    own = {name.encode() for name in (WORKING, DONE, REJECTED)}
    deadline = time.monotonic() + 150
    while time.monotonic() < deadline and (list_names(inbox) != own or list_names(inbox / WORKING)):
        time.sleep(0.5)

    assert worker.poll() is None, "alive, and never started again"
    assert list_names(inbox / DONE) | list_names(inbox / REJECTED) == {*names, b"n-good.ndjson"}
    said = workers.log.read_text()
    assert "Traceback" not in said
    assert all(show(name.decode("utf-8", "backslashreplace")) in said for name in names), "each is named"
    store = PostgresStore(workers.store)
    counts = "SELECT (SELECT count(*) FROM encounter), (SELECT count(*) FROM dead_letter)"
    ((total, letters),) = store.connection.execute(counts).fetchall()
    store.close()
    assert total == len({(x.source_system, x.source_id) for x in generate_encounters(10, SEED)})
    assert letters > 20
    assert workers.stop() == [0, 0]
