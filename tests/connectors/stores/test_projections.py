"""The tables that people read: a module each, and what every type of event makes of them."""

import pkgutil
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest

from connectors.stores import projections
from connectors.stores.projections import PROJECTIONS
from connectors.stores.projections.projection import Projection, Statement
from connectors.stores.sqlite import IN_MEMORY, SqliteStore
from connectors.stores.tables import TABLES
from schemas.event import Event
from schemas.events import (
    EVENT_TYPES,
    ActRefused,
    ClaimCorrectionDecided,
    ClaimRemitted,
    ClaimStatusReported,
    ClaimStatusRequested,
    ClockSetBack,
    ClockTicked,
    DenialWrittenOff,
    DepositMatchDecided,
    EncounterSuperseded,
    FindingOverridden,
    HistoryChanged,
    InquiryBuilt,
    InterchangeAcknowledged,
    InterchangeWritten,
    OverrideRequested,
    PatientPaymentMoved,
    PatientPaymentReceived,
    PatientPaymentReturned,
    PatientRefundIssued,
    PaymentApplied,
    PaymentUnapplied,
    ProviderAnswered,
    ProviderQueried,
    RemittanceAdmitted,
    RemittancePart,
    RemittanceReceived,
    RemittanceRepeated,
    ResponsibilityMoved,
    SubmissionCut,
    WorkItemNoted,
)
from streams.catalogue.events import read_example

# What a timeline alone shows: the fact that follows from it changes the tables, or nothing does.
TOLD_ONLY = {
    *(ActRefused, FindingOverridden, HistoryChanged, OverrideRequested, ProviderAnswered, ProviderQueried),
    *(EncounterSuperseded, ClaimCorrectionDecided, SubmissionCut, InterchangeWritten, InterchangeAcknowledged),
    *(InquiryBuilt, ClaimStatusRequested, ClaimStatusReported, ClockTicked, ClockSetBack, WorkItemNoted),
    *(RemittanceReceived, RemittanceAdmitted, RemittancePart, RemittanceRepeated, ClaimRemitted, ResponsibilityMoved),
    *(PaymentApplied, PaymentUnapplied, DenialWrittenOff, DepositMatchDecided),
    *(PatientPaymentReceived, PatientPaymentMoved, PatientPaymentReturned, PatientRefundIssued),
}
MODULES = {module.name for module in pkgutil.iter_modules(projections.__path__)}
ROW = re.compile(r"\s*(?:INSERT INTO|UPDATE) (\w+)(?: \((\w+))?")
EACH = pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda projection: projection.table)


def list_statements(projection: Projection) -> Iterator[Statement]:
    """What the example of every type makes of a table."""
    for body_type, rows in projection.rows.items():
        body = read_example(body_type)
        yield from rows(Event("event-1", "key", datetime(2026, 3, 2, tzinfo=UTC), "encounter-1", None, "", body), body)


def test_every_projection_is_a_module_and_a_table() -> None:
    tables = {found[1] for text in TABLES if (found := re.match(r"CREATE TABLE IF NOT EXISTS (\w+)", text))}
    own = {found for projection in PROJECTIONS for found in re.findall(r"TABLE IF NOT EXISTS (\w+)", projection.ddl[0])}

    assert MODULES - {"projection"} == {projection.table for projection in PROJECTIONS} == own
    assert own < tables


def test_every_type_changes_a_table_or_is_only_told() -> None:
    changing = {body for projection in PROJECTIONS[:-1] for body in projection.rows}

    assert PROJECTIONS[-1].table == "timeline" and set(PROJECTIONS[-1].rows) == set(EVENT_TYPES.values())
    assert changing | TOLD_ONLY == set(EVENT_TYPES.values())
    assert not changing & TOLD_ONLY


@EACH
def test_its_keys_are_the_primary_key(projection: Projection) -> None:
    store = SqliteStore(Path(IN_MEMORY))
    columns = store.connection.execute(f"PRAGMA table_info({projection.table})").fetchall()
    store.close()

    assert projection.keys == tuple(name for _, name, *_, place in sorted(columns, key=lambda row: row[-1]) if place)


@EACH
def test_it_writes_to_its_own_table_by_its_own_key(projection: Projection) -> None:
    written = list(list_statements(projection))

    assert written
    for statement, parameters in written:
        found = ROW.match(statement)
        assert found and found[1] == projection.table
        assert found[2] in (None, projection.keys[0])
        assert statement.count("?") == len(parameters)


def test_an_update_names_its_row_last() -> None:
    """The Postgres store sorts by it, so that workers never wait for each other in a circle."""
    modules = [import_module(f"{projections.__name__}.{name}") for name in sorted(MODULES)]
    texts = {text for module in modules for text in vars(module).values() if isinstance(text, str)}
    updates = [text for text in texts if text.startswith("UPDATE")]

    assert len(updates) > 3
    assert [text for text in updates if not re.search(r"\b\w+_id = \?$", text)] == []
