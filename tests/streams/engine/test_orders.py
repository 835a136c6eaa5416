"""Whatever comes twice, late or in another order: what commutes ends the same, and the ledger is sound in any case."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.stores.digests import digest, journal_digest
from schemas.event import Event
from schemas.events import RemittanceReceived, SubmissionCut
from schemas.reference import Reference
from schemas.wire import decode_record
from streams.edge.submission import cut_submissions
from streams.installation import Opened
from tests.builders import (
    NOW,
    Cycle,
    bill_next_payers,
    find_violations,
    make_encounter_events,
    open_small,
    publish,
    run_cycle,
)

QUICK = settings(max_examples=25, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Recorded:
    """One undisturbed cycle: what came from outside, and how it ended."""

    def __init__(self, data: Path, reference: Reference) -> None:
        installation = open_small(data, reference)
        cycle: Cycle = run_cycle(installation, make_encounter_events(24, 1))
        records = installation.store.read((SubmissionCut.topic,), 0, 10_000)
        self.data = data
        self.reference = reference
        self.encounters = cycle.encounters
        self.answers = cycle.answers
        self.cuts = tuple(decode_record(record) for record in records if record.type == SubmissionCut.type)
        self.digest = digest(installation.store.connection)
        self.journal_digest = journal_digest(installation.store.connection)
        installation.store.close()


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory, reference: Reference) -> Recorded:
    return Recorded(tmp_path_factory.mktemp("recorded"), reference)


@contextmanager
def open_empty(recorded: Recorded) -> Iterator[Opened]:
    """An empty installation that has the documents of the recorded one, as an archive keeps them."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "archive").symlink_to(recorded.data / "archive")
        installation = open_small(Path(folder), recorded.reference, in_memory=True)
        yield installation
        installation.store.close()


def feed(installation: Opened, events: Sequence[Event], pauses: frozenset[int]) -> None:
    """Publishes events one by one; the pipeline runs at the pauses only, so that batches differ."""
    for index, event in enumerate(events):
        publish(installation, [event])
        if index in pauses:
            installation.engine.run_until_quiet()
    installation.engine.run_until_quiet()


def merge(data: st.DataObject, queues: Sequence[Sequence[Event]]) -> list[Event]:
    """One order of all events in which each queue keeps its own."""
    turns = data.draw(st.permutations([index for index, queue in enumerate(queues) for _ in queue]))
    left = [iter(queue) for queue in queues]
    return [next(left[index]) for index in turns]


def queue_by_patient(encounters: Sequence[Event]) -> list[list[Event]]:
    """Encounters of one patient in the order in which the EHR sent them."""
    queues: dict[str, list[Event]] = {}
    for event in encounters:
        queues.setdefault(event.key, []).append(event)
    return list(queues.values())


PAUSES = st.frozensets(st.integers(0, 80), max_size=6)


@QUICK
@given(data=st.data(), pauses=PAUSES)
def test_inputs_that_come_again_change_nothing(recorded: Recorded, data: st.DataObject, pauses: frozenset[int]) -> None:
    """Every event once in its place, and any of the earlier ones again at any time."""
    once = [*recorded.encounters, *recorded.cuts, *recorded.answers]
    again = data.draw(st.lists(st.integers(0, len(once) - 1), max_size=15))
    with open_empty(recorded) as installation:
        feed(installation, recorded.encounters, pauses)
        feed(installation, [once[i] for i in again if i < len(recorded.encounters)], pauses)
        feed(installation, recorded.cuts, pauses)
        feed(installation, [*recorded.answers, *(once[i] for i in again)], pauses)

        assert digest(installation.store.connection) == recorded.digest
        assert journal_digest(installation.store.connection) == recorded.journal_digest


@QUICK
@given(data=st.data(), pauses=PAUSES)
def test_patients_and_answers_commute(recorded: Recorded, data: st.DataObject, pauses: frozenset[int]) -> None:
    """Patients in any order, and any answer before, between or after the claims that it answers."""
    remittances = [event for event in recorded.answers if isinstance(event.body, RemittanceReceived)]
    others = [event for event in recorded.answers if event not in remittances]
    # Several transaction sets may speak of one claim: its settlement does not know their order.
    shuffled = data.draw(st.permutations(remittances))
    early_count = data.draw(st.integers(0, len(remittances)))
    early = data.draw(st.lists(st.sampled_from(others), unique_by=lambda event: event.event_id))
    before = [[event] for event in (*shuffled[:early_count], *early)]
    after = [*shuffled[early_count:], *(event for event in others if event not in early)]
    encounters = merge(data, [*queue_by_patient(recorded.encounters), *before])
    with open_empty(recorded) as installation:
        feed(installation, encounters, pauses)
        feed(installation, [*recorded.cuts, *after], pauses)

        assert digest(installation.store.connection) == recorded.digest
        assert find_violations(installation.store.connection) == []


@QUICK
@given(data=st.data(), pauses=PAUSES)
def test_any_order_at_all_keeps_the_ledger_sound(
    recorded: Recorded, data: st.DataObject, pauses: frozenset[int]
) -> None:
    """Versions backwards, cuts before claims, answers before everything, some of it lost and some of it twice."""
    everything = [*recorded.encounters, *recorded.cuts, *recorded.answers]
    order = data.draw(st.permutations(everything))
    kept = order[: data.draw(st.integers(len(order) // 2, len(order)))]
    twice = data.draw(st.lists(st.sampled_from(everything), max_size=10))
    with open_empty(recorded) as installation:
        feed(installation, [*kept, *twice], pauses)
        assert find_violations(installation.store.connection) == []

        # What was lost arrives, and another cut takes what waits: still sound.
        run_cycle(installation, recorded.encounters)
        feed(installation, everything, pauses)
        assert find_violations(installation.store.connection) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE entry_line SET debit_cents = debit_cents + 1 WHERE account = 'remittance_clearing'",
        "DELETE FROM entry_line WHERE account = 'gross_charges'",
        "INSERT INTO entry SELECT entry_id || 'x', event_id, claim_id, encounter_id, remittance_id, occurred_at, "
        "sha256, segment FROM entry",
        "UPDATE remittance SET payment_cents = payment_cents + 1",
        "UPDATE claim SET adjusted_cents = adjusted_cents + 1",
        "UPDATE claim SET patient_cents = patient_cents + 1",
        "UPDATE state SET value = json_set(value, '$.open_amount', '1234.56') WHERE step = 'payment_posting'",
    ],
)
def test_the_invariants_find_what_breaks_them(recorded: Recorded, change: str) -> None:
    with open_empty(recorded) as installation:
        run_cycle(installation, recorded.encounters)
        assert find_violations(installation.store.connection) == []

        installation.store.connection.execute(change)

        assert find_violations(installation.store.connection) != []


def test_answers_of_both_payers_that_come_before_any_claim_end_the_same(tmp_path: Path, reference: Reference) -> None:
    encounters = make_encounter_events(60, 3)
    in_order = open_small(tmp_path / "in order", reference)
    answers = [*run_cycle(in_order, encounters).answers, *bill_next_payers(in_order)]
    (tmp_path / "answers first").mkdir()
    (tmp_path / "answers first" / "archive").symlink_to(tmp_path / "in order" / "archive")
    answers_first = open_small(tmp_path / "answers first", reference)

    publish(answers_first, answers)
    publish(answers_first, encounters)
    for _ in range(2):
        answers_first.engine.run_until_quiet()
        cut_submissions(answers_first.store, answers_first.publish, NOW)
    answers_first.engine.run_until_quiet()

    later = "SELECT count(*) FROM claim WHERE length(claim_id) > 16 AND posted = 1"
    assert answers_first.store.connection.execute(later).fetchone()[0] > 0
    assert find_violations(answers_first.store.connection) == []
    assert digest(answers_first.store.connection) == digest(in_order.store.connection)
    in_order.store.close()
    answers_first.store.close()
