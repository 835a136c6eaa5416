"""How the practice payer judges one claim: rules of the field that its decisions must keep."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from connectors.practice_payer.adjudication import judge_claim
from connectors.practice_payer.models import (
    Decision,
    Judgement,
    OtherPayer,
    Party,
    Provider,
    ServiceLine,
    SubmittedClaim,
)
from connectors.practice_payer.policies import draw_fate, make_key


def make_line(cents: int = 125_00, code: str = "99213", units: str = "1", prior_patient_cents: int = 0) -> ServiceLine:
    return ServiceLine(["HC", code], cents, units, "1", "20260215", "20260215", "L1", prior_patient_cents)


def make_claim(member: str = "M1", **changes: Any) -> SubmittedClaim:
    lines = [make_line(), make_line(80_50, "85025"), make_line(33_34, "J1100", "3")]
    subscriber = Party("1", "DOE", "ANN", "", "", "MI", member)
    claim = SubmittedClaim(
        patient_control_number="C1", charge_cents=238_84, facility_code="11", frequency="1",
        provider=Provider(Party("2", "CLINIC", "", "", "", "XX", "1234567893"), "123456789"),
        payer=Party("2", "PAYER", "", "", "", "PI", "60054"), subscriber=subscriber, patient=subscriber,
        responsibility="P", filing_indicator="CI", received_on=date(2026, 3, 1), diagnoses="ABK:J069", lines=lines,
    )  # fmt: skip
    return replace(claim, **changes)


def judge_many(count: int = 400, **changes: Any) -> Iterator[Judgement]:
    """The same claim for so many members: every fate comes up."""
    for i in range(count):
        yield judge_claim(make_claim(f"M{i}", **changes), 1)


def reasons(decision: Decision) -> dict[tuple[str, str], int]:
    """Cents by group and reason over the claim and its lines."""
    totals: dict[tuple[str, str], int] = {}
    for adjustments in [decision.adjustments, *(line.adjustments for line in decision.lines)]:
        for group, reason, cents in adjustments:
            totals[group, reason] = totals.get((group, reason), 0) + cents
    return totals


def test_medicare_takes_two_percent_of_what_it_would_have_paid() -> None:
    checked = 0
    for judgement in judge_many(200, filing_indicator="MB", lines=[make_line()], charge_cents=125_00):
        for decision in judgement.decisions:
            found = reasons(decision)
            if ("CO", "253") in found and decision.status == "1":
                before = decision.paid_cents + found["CO", "253"]
                assert abs(found["CO", "253"] * 50 - before) <= 25
                checked += 1
    assert checked > 100


def test_a_patient_who_owes_the_whole_deductible_is_not_denied() -> None:
    zero_paid = [
        d for j in judge_many(lines=[make_line(30_00)], charge_cents=30_00) for d in j.decisions
        if d.paid_cents == 0 and ("PR", "1") in reasons(d) and d.status == "1"
    ]  # fmt: skip
    assert zero_paid, "the deductible takes all of a small claim"
    assert all(d.patient_cents == d.allowed_cents for d in zero_paid)


def test_a_reversal_takes_back_the_first_decision_to_the_cent_and_a_correction_follows() -> None:
    reversed_ = [j for j in judge_many() if len(j.decisions) == 3]
    assert reversed_
    for judgement in reversed_:
        first, reversal, correction = judgement.decisions
        assert (first.status, reversal.status, correction.status) == ("1", "22", "1")
        assert first.control_number == reversal.control_number != correction.control_number
        assert reversal.charge_cents == -first.charge_cents and reversal.paid_cents == -first.paid_cents
        assert reasons(reversal) == {reason: -cents for reason, cents in reasons(first).items()}
        assert reasons(correction) != reasons(first)


def test_what_is_recovered_later_is_the_overpayment() -> None:
    found = 0
    for judgement in judge_many(1500):
        if len(judgement.decisions) == 3:
            for adjustment in judgement.provider_adjustments:
                first, _, correction = judgement.decisions
                assert adjustment.reason == "WO"
                assert adjustment.cents == correction.paid_cents - first.paid_cents < 0
                found += 1
    assert found


def test_interest_is_paid_and_a_crossing_refund_cancels_the_recovery() -> None:
    by_reason: dict[str, list[Judgement]] = {}
    for judgement in judge_many(1500):
        for adjustment in judgement.provider_adjustments:
            by_reason.setdefault(adjustment.reason, []).append(judgement)
    for judgement in by_reason["L6"]:
        assert judgement.provider_adjustments[0].cents == -judgement.decisions[0].interest_cents < 0
    for judgement in by_reason["72"]:
        assert sum(a.cents for a in judgement.provider_adjustments if a.reason in ("WO", "72")) == 0


def test_a_secondary_payer_pays_from_what_the_first_left_and_repeats_none_of_it() -> None:
    others = [OtherPayer("FIRST", reported=True, patient_cents=60_00)]
    paid = 0
    for judgement in judge_many(responsibility="S", other_payers=others):
        for decision in judgement.decisions:
            found = reasons(decision)
            assert decision.status in ("2", "4") and decision.charge_cents == 238_84
            assert found["OA", "23"] == 238_84 - 60_00
            assert ("PR", "1") not in found and ("PR", "2") not in found and ("CO", "45") not in found
            paid += decision.paid_cents > 0
    assert paid > 300


def test_what_the_first_payer_left_on_a_line_stays_on_that_line() -> None:
    lines = [make_line(100_00), make_line(50_00, prior_patient_cents=20_00)]
    others = [OtherPayer("FIRST", reported=True, patient_cents=20_00)]
    for judgement in judge_many(100, responsibility="S", other_payers=others, lines=lines, charge_cents=150_00):
        for decision in judgement.decisions:
            if decision.lines:
                assert next(a for a in decision.lines[0].adjustments if a.reason == "23").cents == 100_00


def test_a_secondary_claim_without_the_first_payers_word_is_denied_for_it() -> None:
    for judgement in judge_many(50, responsibility="S"):
        for decision in judgement.decisions:
            assert reasons(decision) == {("CO", "16"): 238_84}
            assert decision.lines[0].remarks == ("N4",) and decision.remarks == ("MA04",)


def test_a_denial_without_lines_stands_at_the_claim() -> None:
    at_claim = [d for j in judge_many() for d in j.decisions if not d.lines]
    assert at_claim
    assert all(sum(reasons(d).values()) == d.charge_cents and d.paid_cents == 0 for d in at_claim)


def test_an_authorised_claim_is_never_denied_for_want_of_authorisation() -> None:
    without = {reason for j in judge_many(1500) for d in j.decisions for reason in reasons(d)}
    having = {reason for j in judge_many(1500, authorization="A1") for d in j.decisions for reason in reasons(d)}
    assert ("CO", "197") in without and ("CO", "197") not in having


def test_a_split_line_comes_back_in_two_parts_that_add_up() -> None:
    split = [d for j in judge_many() for d in j.decisions if len(d.lines) == 4 and d.status == "1"]
    assert split
    for decision in split:
        one, rest = decision.lines[2:]
        assert (one.units_text, rest.units_text) == ("1", "2")
        assert one.charge_cents + rest.charge_cents == 33_34


def test_a_visit_is_now_and_then_paid_one_level_lower() -> None:
    lower = [line for j in judge_many() for d in j.decisions for line in d.lines if line.procedure[1] == "99212"]
    assert lower and all(line.line.procedure[1] == "99213" and line.remarks == ("N22",) for line in lower)


@pytest.mark.parametrize(
    ("status", "changes"),
    [
        ("400", {"charge_cents": 238_85}),
        ("464", {"frequency": "7"}),
        ("464", {"frequency": "8"}),
        ("535", {"frequency": "7", "payer_claim_control_number": "X", "filing_indicator": "MB"}),
    ],
)
def test_the_front_desk_rejects_what_breaks_a_rule(status: str, changes: dict[str, Any]) -> None:
    for judgement in judge_many(20, **changes):
        assert judgement.rejection and judgement.rejection.status == status and not judgement.decisions


def test_a_void_takes_back_what_the_original_was_paid() -> None:
    originals = [judge_claim(make_claim(f"M{i}"), 1) for i in range(100)]
    voids = judge_many(100, frequency="8", payer_claim_control_number="X")
    for original, void in zip(originals, voids, strict=True):
        if original.rejection is None:
            (reversal,) = void.decisions
            assert reversal.status == "22" and reversal.paid_cents == -original.decisions[-1].paid_cents


def test_the_fate_does_not_hang_on_control_numbers_or_the_day_of_submission() -> None:
    claim = make_claim()
    again = make_claim(
        patient_control_number="C2", received_on=date(2026, 9, 9), clearinghouse_number="D", frequency="7"
    )
    again.lines = [replace(line, control_number="other") for line in again.lines]
    assert make_key(claim, 1) == make_key(again, 1)
    assert make_key(claim, 1) != make_key(claim, 2)
    assert make_key(claim, 1) != make_key(make_claim("M2"), 1)


def test_fates_fall_in_their_shares() -> None:
    fates = [draw_fate(make_key(make_claim(f"M{i}"), 5)) for i in range(20_000)]
    shares = {fate: fates.count(fate) / 20 for fate in set(fates)}  # of a thousand
    expected = {"rejected": 30, "denied": 55, "line_denied": 35, "reversed": 20, "recoded": 10, "paid": 850}
    assert shares == pytest.approx(expected, rel=0.15)
