"""The embedded engine: one log, however it is cut into batches and by however many processes it is read."""

import multiprocessing
from pathlib import Path

import pytest

from connectors.stores.digests import digest, journal_digest
from schemas.event import Event, derive_events
from schemas.events import ClaimBuilt, ClaimWithdrawn
from schemas.money import to_cents
from schemas.reference import Reference
from schemas.wire import decode_record
from streams.audit.replay import verify_replay
from streams.edge.submission import cut_submissions
from tests.builders import NOW, answer_outbox, find_violations, make_encounter_events, open_small, publish, run_cycle

FORK = multiprocessing.get_context("fork")


@pytest.mark.parametrize("batch_events", [1, 7, 100])
def test_the_size_of_batches_decides_nothing(tmp_path: Path, reference: Reference, batch_events: int) -> None:
    """Encounters, their corrections and withdrawals: in one transaction, or each in its own."""
    events = make_encounter_events(24, 3)
    one = open_small(tmp_path / "one", reference, in_memory=True)
    run_cycle(one, events)
    other = open_small(tmp_path / "other", reference, in_memory=True, batch_events=batch_events)
    run_cycle(other, events)

    for store in (one.store, other.store):
        assert find_violations(store.connection) == []
    assert digest(one.store.connection) == digest(other.store.connection)
    assert journal_digest(one.store.connection) == journal_digest(other.store.connection)
    one.store.close()
    other.store.close()


def test_a_quiet_pipeline_reads_nothing_more(tmp_path: Path, reference: Reference) -> None:
    installation = open_small(tmp_path, reference, in_memory=True)
    run_cycle(installation, make_encounter_events(4, 1))
    heard: list[int] = []

    assert installation.engine.run_until_quiet(heard.append) == 0
    assert heard == []
    installation.store.close()


def test_two_processes_over_one_store_do_everything_once(tmp_path: Path, reference: Reference) -> None:
    events = make_encounter_events(24, 1)
    alone = open_small(tmp_path / "alone", reference)
    run_cycle(alone, events)

    # Each stage by both at once: one that came to its cut when the other is done would bill the next payers already.
    stage = FORK.Barrier(2)

    def run() -> None:
        installation = open_small(tmp_path / "shared", reference)
        publish(installation, events)
        installation.engine.run_until_quiet()
        stage.wait(60)
        cut_submissions(installation.store, installation.publish, NOW)
        installation.engine.run_until_quiet()
        stage.wait(60)
        publish(installation, answer_outbox(installation))
        installation.engine.run_until_quiet()
        installation.store.close()

    open_small(tmp_path / "shared", reference).store.close()
    processes = [FORK.Process(target=run) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    shared = open_small(tmp_path / "shared", reference)

    assert [process.exitcode for process in processes] == [0, 0]
    assert find_violations(shared.store.connection) == []
    assert journal_digest(shared.store.connection) == journal_digest(alone.store.connection)
    assert verify_replay(shared, decide=True).first_difference is None
    alone.store.close()
    shared.store.close()


def test_a_claim_that_is_built_and_withdrawn_in_one_batch_keeps_its_charge(
    tmp_path: Path, reference: Reference
) -> None:
    """Grouped by statement, the second claim's withdrawal would come before its building, and know less of it."""
    installation = open_small(tmp_path, reference, in_memory=True)
    run_cycle(installation, make_encounter_events(24, 3))
    records = installation.store.read((ClaimBuilt.topic,), 0, 1_000)
    built = [decode_record(record) for record in records if record.type == ClaimBuilt.type][:2]
    fresh = open_small(tmp_path / "fresh", reference, in_memory=True)
    publish(fresh, built[:1])

    publish(fresh, [withdraw(built[0]), built[1], withdraw(built[1])])

    rows = fresh.store.connection.execute(
        "SELECT withdrawn, patient_control_number, charge_cents FROM claim"
    ).fetchall()
    bodies = [event.body for event in built if isinstance(event.body, ClaimBuilt)]
    assert sorted(rows) == sorted(
        (1, body.summary.patient_control_number, to_cents(body.summary.charge_amount)) for body in bodies
    )
    installation.store.close()
    fresh.store.close()


def withdraw(built: Event) -> Event:
    assert isinstance(built.body, ClaimBuilt)
    gone = ClaimWithdrawn(
        trading_partner=built.body.trading_partner,
        account_key=built.body.summary.account_key,
        encounter_id=built.body.encounter_id,
        claim_id=built.body.summary.claim_id,
        revision=built.body.revision + 1,
    )
    (event,) = derive_events(built, "test", (gone,), "")
    return event
