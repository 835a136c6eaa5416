"""The page and the PDF say what the statement says, and hostile text stays text."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from connectors.statements import render_html, render_pdf
from schemas.statement import InsurancePart, PatientPart, Statement, StatementLine, StatementVisit

DAY = date(2026, 3, 2)


def make_statement(words: str = "Office visit (99213)", name: str = "Ann Doe") -> Statement:
    visit = StatementVisit(
        claim_id="ABCDEFGHIJKLMNOP", visit_date=DAY, provider_name="Sam Example",
        lines=(StatementLine(DAY, words, Decimal("1250.00")),), charge_amount=Decimal("1250.00"),
        insurance=(InsurancePart("LAKESHORE", Decimal("1000.00")),), discount_amount=Decimal("150.00"),
        patient_parts=(PatientPart("Your coinsurance", Decimal("100.00")),), patient_paid_amount=Decimal("25.00"),
        owed_amount=Decimal("75.00"),
    )  # fmt: skip
    return Statement(
        statement_id="5b1d6c1e", account_key="ABCDEFGHIJ", issued_on=DAY, due_on=date(2026, 4, 1),
        practice_name="CLINIC", practice_address=("1 Main Street",), practice_phone="", pay_at="", patient_name=name,
        patient_address=("2 Side Street",), visits=(visit,), due_amount=Decimal("75.00"),
    )  # fmt: skip


def test_the_page_says_what_is_owed_and_why() -> None:
    page = render_html(make_statement()).decode()

    for wanted in ("$75.00, due April 1, 2026", ">LAKESHORE</span></td><td>-$1,000.00", "-$150.00", "Your coinsurance",
                   "You paid</td><td>-$25.00", "You owe for this visit</td><td>$75.00"):  # fmt: skip
        assert wanted in page
    assert '<html lang="en">' in page and "<script" not in page


def test_a_name_keeps_its_own_direction_and_turns_nothing_else_around() -> None:
    page = render_html(make_statement(name="שרה\u202e כהן")).decode()

    assert '<span dir="auto">שרה\ufffd כהן</span>' in page and "\u202e" not in page


HOSTILE = '<script>alert("x")</script> #panic("x") $x$ *b* \\ ] ['


def test_hostile_text_stays_text() -> None:
    hostile = make_statement(words=HOSTILE, name=HOSTILE)

    assert b"<script" not in render_html(hostile)
    assert render_pdf(hostile).pdf.startswith(b"%PDF-")


def test_the_pdf_is_tagged_accessible_and_the_same_every_time() -> None:
    first = render_pdf(make_statement()).pdf

    assert first == render_pdf(make_statement()).pdf
    assert b"pdfuaid:part" in first, "PDF/UA-1: typst refuses to write one that is not"
    assert render_pdf(make_statement(name="Max Doe")).pdf != first


@pytest.mark.parametrize("lines", [1, 200])
def test_a_statement_of_any_length_is_written(lines: int) -> None:
    statement = make_statement()
    (visit,) = statement.visits
    long = replace(statement, visits=(replace(visit, lines=visit.lines * lines),))

    assert render_pdf(long).pdf.startswith(b"%PDF-")
