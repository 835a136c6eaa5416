"""Key figures against a naive count of the recorded events, written separately."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from schemas.event import Event
from schemas.events import (
    ClaimAcknowledged,
    ClaimDenied,
    ClaimSubmitted,
    DenialWrittenOff,
    PayerDecided,
    WriteOffPosted,
)
from schemas.reference import Reference
from schemas.roles import By
from schemas.wire import decode_record
from streams.actions.denials import write_off_denial
from streams.installation import Opened
from streams.pipeline import TOPICS
from streams.reports.kpis import KeyFigure, KpiReport, Window, report_kpis
from streams.reports.worklist import WorkFilter, report_worklist
from tests.builders import NOW, make_encounter_events, open_small, run_cycle

DAY = NOW.date()


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, reference: Reference) -> Iterator[Opened]:
    """A hundred encounters, all answered, and one denial written off ten days later."""
    opened = open_small(tmp_path_factory.mktemp("kpi"), reference)
    run_cycle(opened, make_encounter_events(100, 7))
    item = report_worklist(opened, WorkFilter(reason="denied")).items[0]
    by = By("Kim Lee", "too small to appeal", NOW + timedelta(days=10))
    write_off_denial(opened, item.id, by, "Pat Moore", None)
    yield opened
    opened.store.close()


@pytest.fixture(scope="module")
def events(installation: Opened) -> list[Event]:
    return [decode_record(record) for record in installation.store.read(TOPICS, 0, 1_000_000)]


def find(report: KpiReport, key: str) -> KeyFigure:
    return next(kpi for kpi in report.kpis if kpi.key == key)


def sum_account(events: list[Event], *accounts: str, on: date | None = None) -> Decimal:
    """Debit minus credit of the entries in events, of one day or all."""
    total = Decimal(0)
    for event in events:
        entry = getattr(event.body, "entry", None)
        if entry and (on is None or event.occurred_at.date() == on):
            total += sum((x.debit - x.credit for x in entry.lines if x.account in accounts), Decimal(0))
    return total


def test_money_figures_are_those_of_the_entries(installation: Opened, events: list[Event]) -> None:
    report = report_kpis(installation, DAY + timedelta(days=10), days=90)
    revenue = -sum_account(events, "gross_charges", "contractual_adjustments", "sequestration")

    receivable = sum_account(events, "insurance_receivable", "patient_receivable", "unapplied_payments")
    in_ar = find(report, "days_in_ar")
    assert in_ar.numerator == receivable
    assert in_ar.denominator == (revenue / 90).quantize(Decimal("0.01"))
    assert in_ar.value == (receivable / in_ar.denominator).quantize(Decimal("0.01"))

    written_off = find(report, "denial_write_off_rate")
    assert written_off.numerator == sum_account(events, "denial_write_offs") > 0
    assert written_off.denominator == revenue

    of_claims = [x for x in events if (entry := getattr(x.body, "entry", None)) and entry.claim_id]
    collected = find(report, "net_collection_rate")
    assert collected.numerator == sum_account(of_claims, "remittance_clearing", "bank")
    assert collected.denominator == -sum_account(events, "gross_charges", "contractual_adjustments")


def test_claim_figures_are_those_of_the_events(installation: Opened, events: list[Event]) -> None:
    report = report_kpis(installation, DAY + timedelta(days=10), days=90)
    sent = {x.body.summary.claim_id for x in events if isinstance(x.body, ClaimSubmitted)}
    decided = {
        x.body.claim_id: x.body for x in events if isinstance(x.body, PayerDecided) and len(x.body.claim_id) == 16
    }
    denied: dict[str, Decimal] = defaultdict(Decimal)
    for event in events:
        body = event.body
        first = decided.get(body.claim_id or "") if isinstance(body, ClaimDenied) else None
        if first and body.remittance_id == first.remittance_id:  # type: ignore[attr-defined]
            denied[first.claim_id] += sum((denial.amount for denial in body.denials), Decimal(0))  # type: ignore[attr-defined]
    rejected = {
        x.body.patient_control_number[:16]
        for x in events
        if isinstance(x.body, ClaimAcknowledged) and x.body.outcome == "rejected"
    }

    assert find(report, "clean_claim_rate").denominator == len([claim for claim in sent if len(claim) == 16])
    initial = find(report, "initial_denial_rate")
    assert (initial.numerator, initial.denominator) == (len(denied), len(decided))
    assert find(report, "initial_denial_rate_dollars").numerator == sum(denied.values())
    first_pass = find(report, "first_pass_yield")
    assert first_pass.numerator == len(set(decided) - set(denied) - rejected)


def test_what_people_did_about_denials_is_counted(installation: Opened, events: list[Event]) -> None:
    report = report_kpis(installation, DAY + timedelta(days=10), days=30)
    (posted,) = (event.body for event in events if isinstance(event.body, WriteOffPosted))
    assert any(isinstance(event.body, DenialWrittenOff) for event in events)

    resolution = find(report, "days_to_resolution")
    assert (resolution.numerator, resolution.denominator, resolution.value) == (10, 1, Decimal("10.00"))
    overturned = find(report, "overturned_share")
    assert (overturned.numerator, overturned.denominator) == (0, 1)
    assert find(report, "recovered_share_dollars").denominator == posted.amount


def test_payers_add_up_to_all_and_a_window_before_everything_is_empty(installation: Opened) -> None:
    report = report_kpis(installation, DAY + timedelta(days=10), days=90)
    for key in ("initial_denial_rate", "clean_claim_rate", "first_pass_yield", "days_to_resolution"):
        rows = [kpi for payer in report.by_payer for kpi in payer.kpis if kpi.key == key]
        assert sum(row.denominator for row in rows) == find(report, key).denominator
        rows = [kpi for month in report.by_month for kpi in month.kpis if kpi.key == key]
        assert sum(row.denominator for row in rows) == find(report, key).denominator
    empty = report_kpis(installation, DAY - timedelta(days=400), days=90)
    assert {kpi.value for kpi in empty.kpis if kpi.key != "aged_ar_over_90"} == {None}
    assert empty.by_month == ()


def test_old_receivables_are_those_sent_more_than_ninety_days_before(installation: Opened) -> None:
    young = find(report_kpis(installation, DAY + timedelta(days=90)), "aged_ar_over_90")
    old = find(report_kpis(installation, DAY + timedelta(days=91)), "aged_ar_over_90")

    assert (young.numerator, old.numerator) == (0, old.denominator)


def test_every_figure_says_its_window_and_what_it_leaves_out(installation: Opened) -> None:
    report = report_kpis(installation, DAY, days=30)

    assert report.window == Window(start=DAY - timedelta(days=29), through=DAY, days=30)
    assert all(kpi.window and kpi.exclusions and kpi.name for kpi in report.kpis)
