"""A file of claims goes out once, whatever dies between its bytes and its event, and whoever takes it away."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.clearinghouse.outbox import AGAIN, OutboxWriter
from connectors.stores.sqlite import SqliteStore
from schemas.errors import TransportError
from schemas.events import InterchangeBuilt
from schemas.reference import Reference
from schemas.store import Position, Record
from streams.edge.submission import cut_submissions
from streams.engine.interchange_writer import InterchangeWriter
from streams.installation import Opened
from tests.builders import NOW, SETTINGS, make_encounter_events, open_small, publish

TOPIC = InterchangeBuilt.topic


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def installation(tmp_path: Path, reference: Reference) -> Iterator[Opened]:
    opened = open_small(tmp_path / "data", reference, in_memory=True)
    opened.outbox.mkdir(parents=True)
    publish(opened, make_encounter_events(6, 3))
    opened.engine.run_until_quiet()
    yield opened
    opened.store.close()


def cut(installation: Opened) -> Record:
    """Claims are cut into an interchange that no writer has seen yet, in a store of its own."""
    cut_submissions(installation.store, installation.publish, NOW)
    installation.engine.run_until_quiet()
    (record,) = [x for x in installation.store.read([TOPIC], 0, 10) if x.type == InterchangeBuilt.type]
    return record


def take_away(folder: Path) -> list[str]:
    """What an uploader finds, sends and removes."""
    files = sorted(folder.glob("*.837"))
    for file in files:
        file.unlink()
    return [file.name for file in files]


def write(store: SqliteStore, installation: Opened, record: Record, dies_at: str = "") -> None:
    def reach(point: str) -> None:
        if point == dies_at:
            raise Killed

    writer = OutboxWriter(installation.outbox, installation.archive, SETTINGS.submitter, reach)
    at, after = Position(TOPIC, 0, 0), Position(TOPIC, 0, record.offset + 1)
    InterchangeWriter(store, writer).run_batch([record], [at], [after])
    with store.transaction() as transaction:
        transaction.save_positions(InterchangeWriter.name, [at])  # the next write is a repeat


@pytest.mark.parametrize("dies_at", ["outbox.after_temporary", "outbox.after_rename", ""])
def test_what_an_uploader_took_away_never_comes_back(installation: Opened, dies_at: str) -> None:
    record = cut(installation)
    take_away(installation.outbox)
    store = SqliteStore(Path(":memory:"))
    taken: list[str] = []
    if dies_at:
        with pytest.raises(Killed):
            write(store, installation, record, dies_at)
        taken += take_away(installation.outbox)
    for _ in range(3):
        write(store, installation, record)
        taken += take_away(installation.outbox)
    assert len(taken) == 1
    assert list(installation.outbox.iterdir()) == []
    assert store.count_events(TOPIC) == 1
    store.close()


def test_claims_that_went_out_before_the_store_was_set_back_wait_for_a_person(installation: Opened) -> None:
    record = cut(installation)
    (name,) = take_away(installation.outbox)
    built = InterchangeBuilt.model_validate_json(record.body)
    store = SqliteStore(Path(":memory:"))
    with store.transaction():
        store.keep_sent_before(
            "CLEARINGHOUSE-000000007.837", "0" * 64, [built.claims[0].summary.patient_control_number]
        )
    write(store, installation, record)
    assert take_away(installation.outbox) == []
    assert [path.name for path in (installation.outbox / AGAIN).iterdir()] == [name]
    ((reason, action),) = store.connection.execute("SELECT reason, next_action FROM work_item").fetchall()
    assert reason == "sent_before" and "CLEARINGHOUSE-000000007.837" in action
    store.close()


def test_the_same_file_that_went_out_before_is_only_said(installation: Opened) -> None:
    record = cut(installation)
    (name,) = take_away(installation.outbox)
    built = InterchangeBuilt.model_validate_json(record.body)
    store = SqliteStore(Path(":memory:"))
    with store.transaction():
        store.keep_sent_before(name, built.sha256, [x.summary.patient_control_number for x in built.claims])
    write(store, installation, record)
    assert list(installation.outbox.iterdir()) == []
    assert store.count_events(TOPIC) == 1
    store.close()


def test_an_outbox_that_takes_nothing_is_trouble_of_the_machine_and_no_interchange_is_set_aside(
    installation: Opened,
) -> None:
    record = cut(installation)
    take_away(installation.outbox)
    away = installation.outbox.rename(installation.data / "away")
    installation.outbox.touch()  # a file in its place: nothing can be written there, not even by root
    store = SqliteStore(Path(":memory:"))

    with pytest.raises(TransportError, match="the outbox cannot be written"):
        write(store, installation, record)
    assert store.list_set_aside() == [] and store.positions(InterchangeWriter.name) == {}

    installation.outbox.unlink()
    away.rename(installation.outbox)
    write(store, installation, record)
    assert len(take_away(installation.outbox)) == 1
    store.close()
