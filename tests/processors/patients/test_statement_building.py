"""What stands on a statement: what was done, what insurance paid, what was taken off, what is owed and why."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from processors.patients.statement_building import OTHER_REASON, REASONS, WHOLE_SHARE, ClaimFacts, build_statement
from schemas.events import ClaimRemitted, PatientBalanceChanged
from schemas.reference import Practice
from schemas.x12.x835_005010x221a1 import Adjustment
from tests.processors.builders import ACCOUNT, adjust, claim_payment, coded, number_claim, remitted

ISSUED = date(2026, 4, 1)


def owed(share: str, paid: str = "0.00", written_off: str = "0.00") -> PatientBalanceChanged:
    return PatientBalanceChanged(
        account_key=ACCOUNT, encounter_id="visit", claim_id=number_claim()[:16], status="owed",
        share_amount=Decimal(share), paid_amount=Decimal(paid), written_off_amount=Decimal(written_off),
        refund_amount=Decimal(0), refunded_amount=Decimal(0),
        balance_amount=Decimal(share) - Decimal(paid) - Decimal(written_off), insurance_open_amount=Decimal(0),
    )  # fmt: skip


def answer(paid: str, *adjustments: Adjustment, payer: str = "LAKESHORE") -> ClaimRemitted:
    return remitted(claim_payment(paid, *adjustments)).model_copy(update={"payer_name": payer})


def facts(
    balance: PatientBalanceChanged, *remittances: ClaimRemitted, words: Mapping[str, str] | None = None
) -> ClaimFacts:
    """An encounter of two lines of 50.00."""
    encounter = coded(lines=2).encounter
    lines = tuple(line.model_copy(update={"charge_amount": Decimal("50.00")}) for line in encounter.lines)
    return ClaimFacts(balance, encounter, lines, words or {}, remittances)


def test_the_statement_adds_up() -> None:
    paid = answer("60.00", adjust("CO", "45", "15.00"), adjust("PR", "1", "20.00"), adjust("PR", "2", "5.00"))
    statement = build_statement(ACCOUNT, [facts(owed("25.00", paid="10.00"), paid)], Practice(), ISSUED)

    (visit,) = statement.visits
    assert visit.charge_amount == Decimal("100.00")
    assert [(part.payer_name, part.paid_amount) for part in visit.insurance] == [("LAKESHORE", Decimal("60.00"))]
    assert visit.discount_amount == Decimal("15.00")
    assert [(part.words, part.amount) for part in visit.patient_parts] == [
        (REASONS["2"], Decimal("5.00")), (REASONS["1"], Decimal("20.00")),
    ]  # fmt: skip
    assert (visit.patient_paid_amount, visit.owed_amount) == (Decimal("10.00"), Decimal("15.00"))
    assert (statement.due_amount, statement.due_on) == (Decimal("15.00"), date(2026, 5, 1))
    taken = sum(part.paid_amount for part in visit.insurance) + visit.discount_amount + visit.patient_paid_amount
    assert visit.charge_amount - taken == visit.owed_amount


def test_after_a_second_payer_the_reasons_are_the_last_ones() -> None:
    first = answer("60.00", adjust("CO", "45", "15.00"), adjust("PR", "2", "25.00"))
    second = answer("20.00", adjust("OA", "23", "75.00"), adjust("PR", "3", "5.00"), payer="SUMMIT")
    (visit,) = build_statement(ACCOUNT, [facts(owed("5.00"), first, second)], Practice(), ISSUED).visits

    assert [part.words for part in visit.patient_parts] == [REASONS["3"]]
    assert [part.payer_name for part in visit.insurance] == ["LAKESHORE", "SUMMIT"]


def test_reasons_that_do_not_add_up_to_the_share_are_not_guessed() -> None:
    odd = answer("60.00", adjust("CO", "45", "15.00"), adjust("PR", "2", "25.00"))
    (visit,) = build_statement(ACCOUNT, [facts(owed("24.00"), odd)], Practice(), ISSUED).visits

    assert [(part.words, part.amount) for part in visit.patient_parts] == [(WHOLE_SHARE, Decimal("24.00"))]


def test_what_the_plan_does_not_cover_says_so() -> None:
    (visit,) = build_statement(
        ACCOUNT, [facts(owed("100.00"), answer("0.00", adjust("PR", "96", "100.00")))], Practice(), ISSUED
    ).visits

    assert [part.words for part in visit.patient_parts] == [OTHER_REASON]


def test_a_reversal_and_its_correction_are_told_as_what_they_come_to() -> None:
    wrong, undone = answer("80.00", adjust("PR", "2", "20.00")), answer("-80.00", adjust("PR", "2", "-20.00"))
    right = answer("70.00", adjust("PR", "2", "30.00"))
    (visit,) = build_statement(ACCOUNT, [facts(owed("30.00"), wrong, undone, right)], Practice(), ISSUED).visits

    assert [part.paid_amount for part in visit.insurance] == [Decimal("70.00")]
    assert [part.amount for part in visit.patient_parts] == [Decimal("30.00")]


def test_a_service_is_named_in_the_words_of_the_record() -> None:
    (visit,) = build_statement(
        ACCOUNT, [facts(owed("25.00"), words={"L1": "Exercises for the knee"})], Practice(), ISSUED
    ).visits

    assert [line.words for line in visit.lines] == ["Exercises for the knee (97110)", "Service 97110"]


def test_the_practice_speaks_for_itself_where_it_has_a_name() -> None:
    practice = Practice(name="SPRINGFIELD CLINIC", address="PO Box 1", phone="2175550100", pay_at="pay.example")
    statement = build_statement(ACCOUNT, [facts(owed("25.00"))], practice, ISSUED)
    unnamed = build_statement(ACCOUNT, [facts(owed("25.00"))], Practice(), ISSUED)

    assert (statement.practice_name, statement.practice_phone) == ("SPRINGFIELD CLINIC", "(217) 555-0100")
    assert unnamed.practice_name == "CLINIC"
    assert unnamed.practice_address == ("1 Main Street", "Springfield, IL 62701-0001")


def test_the_same_balances_on_one_day_are_one_statement() -> None:
    one = build_statement(ACCOUNT, [facts(owed("25.00"))], Practice(), ISSUED)

    assert one == build_statement(ACCOUNT, [facts(owed("25.00"))], Practice(), ISSUED)
    assert one.statement_id != build_statement(ACCOUNT, [facts(owed("24.00"))], Practice(), ISSUED).statement_id
