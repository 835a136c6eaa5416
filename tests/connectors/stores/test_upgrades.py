"""A store that another release of the program wrote, or nobody did."""

import sqlite3
from pathlib import Path

import pytest

from connectors.stores.digests import digest
from connectors.stores.sqlite import SqliteStore
from schemas.errors import ConfigurationError
from schemas.event import derive_events
from schemas.events import WorkItemOpened
from schemas.store import Applied
from schemas.wire import hash_body
from tests.connectors.stores.test_store import append, tick


def test_a_file_that_is_no_database_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "revcycle.db"
    path.write_bytes(b"not a database" * 100)

    with pytest.raises(ConfigurationError, match="is not a revcycle database"):
        SqliteStore(path)


def test_a_database_of_an_earlier_program_rebuilds_what_people_read(tmp_path: Path) -> None:
    opened = WorkItemOpened(
        item_id="item-1", account_key="ABCDEFGHIJ", queue="q", owner="o", priority=1, reason="r", next_action="a"
    )
    path = tmp_path / "revcycle.db"
    earlier = SqliteStore(path)
    append(earlier, *derive_events(tick(1), "first", (opened,), ""))
    wanted = digest(earlier.connection)
    earlier.connection.execute("DROP TABLE work_item")
    earlier.connection.execute("CREATE TABLE work_item (item_id TEXT PRIMARY KEY)")
    earlier.connection.execute("PRAGMA user_version = 1")
    earlier.close()

    now = SqliteStore(path)

    assert digest(now.connection) == wanted
    assert now.connection.execute("SELECT item_id, assignee FROM work_item").fetchall() == [("item-1", "")]
    now.close()


def test_an_event_that_this_program_refuses_is_a_letter_and_stops_no_upgrade(tmp_path: Path) -> None:
    path = tmp_path / "revcycle.db"
    earlier = SqliteStore(path)
    append(earlier, tick(1), tick(2))
    earlier.connection.execute("UPDATE event SET body = ? WHERE sequence = 1", (b'{"business_date": "9999-12-31"}',))
    earlier.connection.execute("PRAGMA user_version = 1")
    earlier.close()

    now = SqliteStore(path)

    ((reason, body),) = now.connection.execute("SELECT reason, body FROM dead_letter").fetchall()
    assert reason.startswith("an earlier release wrote it") and body == b'{"business_date": "9999-12-31"}'
    assert now.count_events("rcm.clock.v1") == 2
    now.close()


def test_a_database_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "revcycle.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(ConfigurationError, match="a newer revcycle has taken the store over"):
        SqliteStore(path)


def test_a_program_that_a_newer_one_has_overtaken_writes_nothing_more(tmp_path: Path) -> None:
    path = tmp_path / "revcycle.db"
    overtaken = SqliteStore(path)
    overtaken.connection.execute("PRAGMA user_version = 99")

    with pytest.raises(ConfigurationError, match="install that release here too"):
        append(overtaken, tick(1))

    assert overtaken.count_events("rcm.clock.v1") == 0
    overtaken.close()


def test_what_a_step_knows_of_an_outside_event_is_what_the_log_has(tmp_path: Path) -> None:
    path = tmp_path / "revcycle.db"
    earlier = SqliteStore(path)
    with earlier.transaction() as transaction:
        transaction.append([tick(1)], "outside")
        transaction.mark_applied("step", [Applied(tick(1).event_id, "key", hash_body(b"as its sender wrote it"))])
    earlier.connection.execute("PRAGMA user_version = 3")
    earlier.close()

    now = SqliteStore(path)

    query = "SELECT count(*) FROM applied JOIN event USING (event_id) WHERE applied.body_hash = event.body_hash"
    assert now.connection.execute(query).fetchone() == (1,)
    now.close()
