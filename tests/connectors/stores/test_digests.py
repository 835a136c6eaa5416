"""What the digests see and what they are blind to, and the one word for a claim's state."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.stores.digests import digest, journal_digest
from connectors.stores.projections.claim import CLAIM_STATE
from connectors.stores.sqlite import SqliteStore
from schemas.event import derive_events, publish_at_edge
from schemas.events import ClockTicked, WorkItemClosed, WorkItemOpened
from tests.builders import NOW

TICK = publish_at_edge(ClockTicked(business_date=NOW.date()), "clock", NOW, "clock")
CLAIM = "INSERT INTO claim (claim_id, patient_control_number, charge_cents) VALUES ('C', 'C01', 12000)"


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    opened = SqliteStore(Path(":memory:"))
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ("charge_cents = 12000", "open"),
        ("submitted = 1", "submitted"),
        ("submitted = 1, accepted = 'C01'", "acknowledged"),
        ("submitted = 1, accepted = 'C01', rejected = 'C01'", "rejected"),
        ("submitted = 1, accepted = 'C00', rejected = 'C00'", "submitted"),
        ("submitted = 1, accepted = 'C01', posted = 1, paid_cents = 5000", "paid"),
        ("submitted = 1, posted = 1, patient_cents = 12000", "paid"),
        ("submitted = 1, posted = 1, denied = 1", "denied"),
        ("submitted = 1, posted = 1, denied = 1, paid_cents = 5000", "paid"),
        ("submitted = 1, denied = 1", "submitted"),
        ("withdrawn = 1", "withdrawn"),
        ("withdrawn = 1, submitted = 1", "submitted"),
    ],
)
def test_a_claim_has_one_state(store: SqliteStore, row: str, state: str) -> None:
    store.connection.execute(CLAIM)
    store.connection.execute(f"UPDATE claim SET {row}")

    assert store.connection.execute(f"SELECT {CLAIM_STATE} FROM claim").fetchone() == (state,)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE claim SET submitted = 1",
        "UPDATE claim SET patient_cents = 1",
        "INSERT INTO encounter (encounter_id, account_key, source_id, state, revision) VALUES ('E', 'A', 'S', 'x', 1)",
        "INSERT INTO remittance (remittance_id, accepted, payment_cents) VALUES ('R', 1, 100)",
        "INSERT INTO entry_line VALUES ('X', 0, 'bank', '', 100, 0)",
        "INSERT INTO work_item (item_id, queue, owner, priority, reason, category, next_action, opened_by, opened_at, "
        "state) VALUES ('I', 'q', 'o', 1, 'r', '', 'a', 'e', '2026-03-02', 'open')",
    ],
)
def test_the_digest_sees_the_business(store: SqliteStore, change: str) -> None:
    store.connection.execute(CLAIM)
    before = digest(store.connection)

    store.connection.execute(change)

    assert digest(store.connection) != before


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO position VALUES ('step', 'topic', 0, 7, '')",
        "INSERT INTO applied (step, event_id, key, body_hash) VALUES ('step', 'id', 'key', X'00')",
        "INSERT INTO document VALUES ('00', '835', 'a.835', 'accepted', 1, '[]')",
        "INSERT INTO entry_line VALUES ('X', 0, 'bank', '', 100, 0), ('X', 1, 'bank', '', 0, 100)",
        "UPDATE claim SET patient_control_number = 'C02', trading_partner = 'P', settled = 'C02'",
    ],
)
def test_the_digest_is_blind_to_how_it_came_about(store: SqliteStore, change: str) -> None:
    store.connection.execute(CLAIM)
    before = digest(store.connection)

    store.connection.execute(change)

    assert digest(store.connection) == before


def test_an_item_opened_and_closed_on_the_way_is_settled_but_journalled(store: SqliteStore) -> None:
    settled, journalled = digest(store.connection), journal_digest(store.connection)
    opened = WorkItemOpened(item_id="I", account_key="A", queue="q", owner="o", priority=1, reason="r", next_action="a")
    events = derive_events(TICK, "test", (opened, WorkItemClosed(item_id="I", account_key="A", reason="r")), "")

    with store.transaction() as transaction:
        transaction.append(events, "test")

    assert digest(store.connection) == settled
    assert journal_digest(store.connection) != journalled


def test_the_journal_does_not_depend_on_the_order_of_arrival(store: SqliteStore) -> None:
    other = SqliteStore(Path(":memory:"))
    items = [WorkItemClosed(item_id=name, account_key="A", reason="r") for name in ("I", "J")]
    events = derive_events(TICK, "test", items, "")

    for events_of, target in ((events, store), (events[::-1], other)):
        with target.transaction() as transaction:
            transaction.append(events_of, "test")

    assert journal_digest(store.connection) == journal_digest(other.connection)
    other.close()
