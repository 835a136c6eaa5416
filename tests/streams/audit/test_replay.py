"""A store is what its events say: told again they give the same rows, and a row or body that was changed is found."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.stores.digests import digest, journal_digest
from schemas.reference import Reference
from schemas.wire import hash_body
from streams.audit.replay import verify_replay
from streams.installation import Opened
from tests.builders import make_encounter_events, open_small, run_cycle


@pytest.fixture
def installation(tmp_path: Path, reference: Reference) -> Iterator[Opened]:
    opened = open_small(tmp_path, reference)
    run_cycle(opened, make_encounter_events(24, 1))
    yield opened
    opened.store.close()


def test_a_whole_cycle_told_again_is_identical(installation: Opened) -> None:
    connection = installation.store.connection
    assert isinstance(connection, sqlite3.Connection)
    (events,) = connection.execute("SELECT COUNT(*) FROM event").fetchone()
    before = list(connection.iterdump())

    folded = verify_replay(installation)
    decided = verify_replay(installation, decide=True)

    assert folded == decided
    assert (folded.identical, folded.first_difference, folded.events) == (True, None, events)
    assert (folded.digest, folded.journal_digest) == (digest(connection), journal_digest(connection))
    assert list(connection.iterdump()) == before
    assert not list(installation.data.glob(".replay-*"))


def test_an_empty_store_is_identical(tmp_path: Path, reference: Reference) -> None:
    opened = open_small(tmp_path / "empty", reference)

    assert verify_replay(opened, decide=True).identical
    opened.store.close()


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ("UPDATE entry_line SET debit_cents = debit_cents + 1 WHERE debit_cents > 0", "debit_cents recorded otherwise"),
        ("UPDATE claim SET paid_cents = paid_cents - 1 WHERE paid_cents > 0", "paid_cents recorded otherwise"),
        ("UPDATE work_item SET state = 'closed'", "state recorded otherwise"),
        ("UPDATE encounter SET state = 'coded' WHERE state = 'held'", "state recorded otherwise"),
        ("DELETE FROM entry WHERE claim_id IS NOT NULL", "follows from the events, but is not recorded"),
        ("UPDATE patient_balance SET share_cents = share_cents + 1", "share_cents recorded otherwise"),
        ("INSERT INTO timeline (subject, event_id) VALUES ('nobody', 'nothing')", "is recorded, but no event says so"),
        ("UPDATE event SET body = CAST(replace(body, '25', '26') AS BLOB)", "is not the one that was published"),
        ("UPDATE event SET body = X'7B' WHERE type = 'rcm.posted'", "is not the one that was published"),
        ("UPDATE event SET schema_version = 9 WHERE type = 'rcm.posted'", "cannot be read"),
        ("DELETE FROM event WHERE type = 'rcm.interchange.written'", "applied it, but the log has it no more"),
    ],
)
def test_a_change_behind_the_programs_back_is_found(installation: Opened, change: str, difference: str) -> None:
    assert installation.store.connection.execute(change).rowcount > 0

    result = verify_replay(installation)

    assert not result.identical
    assert difference in (result.first_difference or "")


def test_a_body_that_was_changed_with_its_hash_is_found_by_who_applied_it(installation: Opened) -> None:
    connection = installation.store.connection
    event_id, body = connection.execute("SELECT event_id, body FROM event WHERE type = 'rcm.posted' LIMIT 1").fetchone()
    forged = body.replace(b'"claim_index":', b'"claim_index":1')
    connection.execute(
        "UPDATE event SET body = ?, body_hash = ? WHERE event_id = ?", (forged, hash_body(forged), event_id)
    )

    assert event_id in (verify_replay(installation).first_difference or "")


def test_a_decision_that_was_changed_everywhere_is_found_by_deciding_again(installation: Opened) -> None:
    """Nobody applies a work item: its body, its hash and its row can be made to agree, but not with the processor."""
    connection = installation.store.connection
    query = "SELECT event_id, body FROM event WHERE type = 'rcm.worklist' AND source = 'denial_routing' LIMIT 1"
    event_id, body = connection.execute(query).fetchone()
    forged = body.replace(b'"queue":"', b'"queue":"x')
    connection.execute(
        "UPDATE event SET body = ?, body_hash = ? WHERE event_id = ?", (forged, hash_body(forged), event_id)
    )
    connection.execute("UPDATE work_item SET queue = 'x' || queue WHERE opened_by = ?", (event_id,))

    assert verify_replay(installation).identical
    assert (
        verify_replay(installation, decide=True).first_difference
        == f"event {event_id}: denial_routing decides it otherwise now"
    )


def test_an_output_that_the_step_no_longer_makes_is_found(installation: Opened) -> None:
    connection = installation.store.connection
    connection.execute("UPDATE event SET source = 'coding_validation' WHERE source = 'denial_routing'")

    assert verify_replay(installation).identical
    assert "coding_validation produced it then" in (verify_replay(installation, decide=True).first_difference or "")


def test_what_other_rules_decided_is_taken_as_recorded(installation: Opened) -> None:
    """Under new denial routes every denial would go elsewhere; what was decided under the old ones stands."""
    old = installation.reference
    other = {"team": "another team"}
    moved = {key: tuple(row.model_copy(update=other) for row in rows) for key, rows in old.denial_routes.items()}
    same_name = replace(installation, reference=replace(old, denial_routes=moved))
    new_name = replace(installation, reference=replace(old, denial_routes=moved, versions={**old.versions, "x": "2"}))

    assert "denial_routing decides it otherwise now" in (verify_replay(same_name, decide=True).first_difference or "")
    assert verify_replay(new_name, decide=True).identical


def test_a_document_that_is_gone_is_named(installation: Opened) -> None:
    for path in (installation.data / "archive").rglob("*"):
        if path.is_file():
            path.unlink()
    fresh = open_small(installation.data, installation.reference)

    assert "remittance_reading: a document that it read is gone" in (
        verify_replay(fresh, decide=True).first_difference or ""
    )
    fresh.store.close()
