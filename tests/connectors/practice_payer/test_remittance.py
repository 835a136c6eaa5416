"""The practice payer's payments: what BPR and PLB say when money is moved between payments."""

from datetime import date

import pytest

from connectors.practice_payer.envelope import Header
from connectors.practice_payer.models import (
    Adjustment,
    Decision,
    Judgement,
    LineDecision,
    Party,
    Provider,
    ProviderAdjustment,
    ServiceLine,
    SubmittedClaim,
)
from connectors.practice_payer.remittance import write_remittance
from connectors.practice_payer.writing import Elements, format_cents

PAYER = Party("2", "PAYER", qualifier="PI", identifier="60054")
HEADER = Header(control_number="000000042", sent_on=date(2026, 3, 1))


def make_judgement(paid_cents: int, *moved: ProviderAdjustment, npi: str = "1234567893") -> Judgement:
    """A claim of one line of 100 dollars, paid so much, with PLB amounts."""
    patient = Party("1", "DOE", "ANN", identifier="M1")
    line = ServiceLine(["HC", "99213", "25"], 100_00, "2", "1", "20260214", "20260215", "L1")
    claim = SubmittedClaim(
        "C1", 100_00, "11", "1", Provider(Party("2", "CLINIC", identifier=npi), "123456789"), PAYER, patient, patient,
        "P", "CI", date(2026, 3, 1), lines=[line],
    )  # fmt: skip
    decided = LineDecision(line, line.procedure, 100_00, "2", paid_cents=paid_cents)
    decided.adjustments.append(Adjustment("CO", "45", 100_00 - paid_cents))
    return Judgement(claim, "P1", None, [Decision(claim, "P1", "1", 100_00, [decided])], list(moved))


def pay(*judgements: Judgement, seed: int = 1) -> list[list[Elements]]:
    return write_remittance(HEADER, PAYER, list(judgements), seed)


def pick(payment: list[Elements], segment_id: str) -> list[Elements]:
    return [row for row in payment if row[0] == segment_id]


def test_a_payment_is_dated_by_the_interchange_and_made_by_ach() -> None:
    (payment,) = pay(make_judgement(80_00))
    (bpr,) = pick(payment, "BPR")
    assert bpr[1:6] == ("I", "80", "C", "ACH", "CCP") and bpr[16] == "20260315"
    assert ("DTM", "405", "20260314") in payment
    (trn,) = pick(payment, "TRN")
    assert trn[3] == bpr[10] and len(trn[3]) == 10
    assert pick(payment, "N1")[1] == ("N1", "PE", "CLINIC", "XX", "1234567893")
    assert ("REF", "TJ", "123456789") in payment


def test_a_payment_of_nothing_says_non() -> None:
    (payment,) = pay(make_judgement(0))
    (bpr,) = pick(payment, "BPR")
    assert bpr[1:5] == ("H", "0", "C", "NON") and not any(bpr[5:16]) and bpr[16] == "20260315"


def test_a_recovery_beyond_the_payment_moves_the_rest_forward() -> None:
    (payment,) = pay(make_judgement(80_00, ProviderAdjustment("WO", "OLD", 100_00)))
    assert pick(payment, "BPR")[0][2] == "0"
    (plb,) = pick(payment, "PLB")
    trace = pick(payment, "TRN")[0][2]
    assert plb == ("PLB", "1234567893", "20261231", "WO:OLD", "100", f"FB:{trace}", "-20")


def test_a_shortfall_brought_forward_is_settled_now_and_then() -> None:
    payments = [pay(make_judgement(80_00), seed=seed)[0] for seed in range(64)]
    settled = [payment for payment in payments if pick(payment, "PLB")]
    assert 2 <= len(settled) <= 20, "about one in eight"
    for payment in settled:
        (plb,) = pick(payment, "PLB")
        assert plb[3].startswith("FB:") and plb[4] == "35" and pick(payment, "BPR")[0][2] == "45"


def test_a_payment_closes_when_its_plb_is_full() -> None:
    interest = make_judgement(20_00, ProviderAdjustment("L6", "P1", -1_00))
    payments = pay(*[interest] * 8, make_judgement(20_00))
    assert [len(pick(payment, "CLP")) for payment in payments] == [5, 4]
    assert [len(pick(payment, "PLB")) for payment in payments] == [1, 1]
    assert all(len(row) <= 3 + 2 * 6 for payment in payments for row in pick(payment, "PLB"))


def test_each_payee_has_a_payment_and_a_trace() -> None:
    payments = pay(make_judgement(80_00), make_judgement(70_00, npi="1093874560"), make_judgement(60_00))
    assert [len(pick(payment, "CLP")) for payment in payments] == [2, 1]
    traces = {pick(payment, "TRN")[0][2] for payment in payments}
    assert len(traces) == 2


def test_a_line_of_several_days_and_units_is_told_in_full() -> None:
    (payment,) = pay(make_judgement(80_00))
    assert pick(payment, "SVC") == [("SVC", "HC:99213:25", "100", "80", "", "2", "", "")]
    assert ("DTM", "150", "20260214") in payment and ("DTM", "151", "20260215") in payment
    assert ("CAS", "CO", "45", "20", "") in payment and ("REF", "6R", "L1") in payment


@pytest.mark.parametrize(
    ("cents", "text"), [(0, "0"), (47, ".47"), (-6, "-.06"), (100, "1"), (12_50, "12.5"), (-20_05, "-20.05")]
)
def test_amounts_are_written_as_x12_numbers(cents: int, text: str) -> None:
    assert format_cents(cents) == text
