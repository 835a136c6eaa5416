"""How long a payer takes claims: one table, asked by the edits, the follow-up and the rejections."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from processors.coding.judgement import judge_version
from processors.payers.terms import find_filing_limit, find_terms
from schemas.history import PatientHistory
from schemas.reference import Installation, PayerTermsRow, Reference
from tests.processors.builders import COVERAGE, DAY, encounter

CONTRACT = PayerTermsRow(payer="PAY1", filing_indicator="*", plan="lakeshore", filing_days=90, answer_days=30)


@pytest.mark.parametrize(
    ("indicator", "first_day", "limit"),
    [
        ("MB", date(2026, 3, 2), date(2027, 3, 2)),
        ("MB", date(2027, 3, 2), date(2028, 3, 2)),  # 366 days: one calendar year (42 CFR 424.44)
        ("MA", date(2028, 2, 29), date(2029, 2, 28)),
        ("MC", date(2026, 3, 2), date(2027, 3, 2)),  # twelve months (42 CFR 447.45)
        ("CI", date(2026, 3, 2), date(2026, 8, 29)),  # 180 days, where no contract says otherwise
    ],
)
def test_a_limit_is_counted_as_the_table_says(shipped: Reference, indicator: str, first_day: date, limit: date) -> None:
    terms = find_terms(shipped.payer_terms, "ANY", indicator)

    assert find_filing_limit(terms, [first_day + timedelta(days=3), first_day]) == limit
    assert find_filing_limit(terms, []) is None


@pytest.mark.parametrize(
    ("days", "found"),
    [(60, "timely_filing_near"), (90, "timely_filing_near"), (91, "timely_filing_past")],
)
def test_a_contract_in_the_table_holds_what_comes_too_late(shipped: Reference, days: int, found: str) -> None:
    reference = replace(shipped, payer_terms={("PAY1", "*"): CONTRACT}, installation=Installation(is_test=False))
    judged = judge_version(encounter(), PatientHistory(), reference, as_of=DAY + timedelta(days=days))

    (late,) = [finding for finding in judged.findings if finding.code.startswith("timely_filing")]
    assert (late.code, late.severity) == (found, "hold" if days > 90 else "warn")
    assert "lakeshore" in late.what and str(DAY + timedelta(days=90)) in late.what


def test_a_limit_for_anybody_is_a_guess_and_holds_nothing(shipped: Reference) -> None:
    judged = judge_version(encounter(), PatientHistory(), shipped, as_of=DAY + timedelta(days=3000))

    assert COVERAGE.filing_indicator not in {indicator for _, indicator in shipped.payer_terms}
    assert not [finding for finding in judged.findings if finding.code.startswith("timely_filing")]
