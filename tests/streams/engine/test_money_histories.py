"""Whole histories of money, in any interleaving and repetition, against a ledger kept on paper."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.stores.digests import digest
from schemas.event import Event
from schemas.money import from_cents
from schemas.reference import Reference
from schemas.x12.x835_005010x221a1 import Adjustment, ProviderAdjustment, Remittance, RemittanceClaim, RemittanceService
from streams.installation import Opened
from tests.builders import find_violations, open_small, publish
from tests.cases.book import Step, read_claim
from tests.cases.running import receive, submit
from tests.naive_ledger import Answer, Paper
from tests.processors.builders import DAY

QUICK = settings(max_examples=40, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
CHARGE = Decimal("100.00")
PAYERS = ("PAY1", "PAY2")
NAMES = {"PAY1": "LAKESHORE HEALTH", "PAY2": "SECOND MUTUAL"}
PLB_ACCOUNTS = {"WO": "provider_level_balances:PAY1", "FB": "provider_level_balances:PAY1", "L6": "interest"}
cents = st.integers(0, 4_000).map(from_cents)


@dataclass
class History:
    """What happened, as files and claims, and as it stands on paper."""

    steps: list[Step] = field(default_factory=list)
    paper: Paper = field(default_factory=Paper)
    numbers: dict[str, str] = field(default_factory=dict)  # claim -> patient control number


@st.composite
def histories(draw: st.DrawFn) -> History:
    made = History()
    for letter in "AB"[: draw(st.integers(1, 2))]:
        payers = PAYERS[: draw(st.integers(1, 2))]
        claim = read_claim(letter, CHARGE, [(NAMES[payer], payer) for payer in payers])
        made.numbers[letter] = claim.summary.patient_control_number
        if draw(st.integers(0, 5)):  # now and then the claim never comes
            made.steps.append(Step(claim))
            made.paper.claims[letter] = (CHARGE, payers)
    for number in range(draw(st.integers(1, 5))):
        payer = draw(st.sampled_from(PAYERS)) if _has_second(made) else "PAY1"
        claims = [
            _draw_answer(draw, made, payer, f"{number}-{place}", number) for place in range(draw(st.integers(1, 2)))
        ]
        plb = _draw_plb(draw) if payer == "PAY1" else ()
        for item in plb:
            made.paper.provider_level.append((PLB_ACCOUNTS[item.reason], item.amount))
        made.steps.append(Step(remittances=[_remit(payer, number, [c for c in claims if c], plb)], names=[str(number)]))
    return made


def _has_second(made: History) -> bool:
    return any(len(payers) > 1 for _, payers in made.paper.claims.values())


def _draw_answer(draw: st.DrawFn, made: History, payer: str, name: str, day: int) -> RemittanceClaim | None:
    fitting = [letter for letter in made.numbers if payer in made.paper.claims.get(letter, (CHARGE, ("PAY1",)))[1]]
    if not fitting:
        return None
    letter = draw(st.sampled_from(fitting))
    known = made.paper.answers.values()
    gone = {answer.takes_back for answer in known}
    standing = [a for a in known if (a.claim, a.payer) == (letter, payer) and not a.takes_back and not a.stray]
    standing = [answer for answer in standing if answer.name not in gone]
    kind = draw(st.sampled_from(("pay", "pay", "deny", "take back", "stray")))
    if kind == "take back" and standing:
        one = draw(st.sampled_from(standing))
        answer = Answer(name, letter, payer, day, -one.paid, -one.contractual, -one.patient, -one.denied, one.name)
    else:
        paid, contractual, patient = (draw(cents), draw(cents), draw(st.integers(0, 2_000).map(from_cents)))
        if kind == "deny":
            paid = contractual = patient = Decimal("0.00")
        # No two answers alike: a reversal would not say which one it takes back.
        rest = CHARGE - paid - contractual - patient
        answer = Answer(
            name, letter, payer, day, paid, contractual, patient, rest if payer == "PAY1" else Decimal("0.00")
        )
        if kind == "stray":
            if any((a.paid, a.contractual, a.patient) == (paid, contractual, patient) for a in standing):
                return None
            answer = Answer(name, letter, payer, day, -paid, -contractual, -patient, -answer.denied, stray=True)
        elif any((a.paid, a.contractual, a.patient) == (paid, contractual, patient) for a in known):
            return None
        if any(a.stray and (a.paid, a.contractual, a.patient) == (-paid, -contractual, -patient) for a in known):
            return None
    made.paper.answers[name] = answer
    return _write(answer, made.numbers[letter])


def _write(answer: Answer, number: str) -> RemittanceClaim:
    back = bool(answer.takes_back) or answer.stray
    charge = -CHARGE if back else CHARGE
    memo = charge - answer.paid - answer.contractual - answer.patient - answer.denied
    adjustments = [
        Adjustment(group, reason, amount)
        for group, reason, amount in (
            ("CO", "45", answer.contractual),
            ("PR", "2", answer.patient),
            ("CO", "197", answer.denied),
            ("OA", "23", memo),
        )
        if amount
    ]
    line = RemittanceService(
        "HC", "99213", (), charge, answer.paid, Decimal(1), service_date=DAY, adjustments=tuple(adjustments)
    )
    status = "22" if back else "1" if answer.payer == "PAY1" else "2"
    return RemittanceClaim(
        number,
        status,
        charge,
        answer.paid,
        Decimal("0.00"),
        "12",
        f"ICN{answer.name}",
        services=(line,),
        assigned_number="1",
    )


def _draw_plb(draw: st.DrawFn) -> tuple[ProviderAdjustment, ...]:
    reasons = draw(st.lists(st.sampled_from(sorted(PLB_ACCOUNTS)), max_size=2))
    year_end = DAY.replace(month=12, day=31)
    amounts = [from_cents(draw(st.integers(-2_000, 2_000).filter(bool))) for _ in reasons]
    return tuple(
        ProviderAdjustment(reason, "REF", amount, "1234567893", year_end)
        for reason, amount in zip(reasons, amounts, strict=True)
    )


def _remit(payer: str, number: int, claims: list[RemittanceClaim], plb: tuple[ProviderAdjustment, ...]) -> Remittance:
    due = sum((claim.paid_amount for claim in claims), Decimal("0.00")) - sum((p.amount for p in plb), Decimal("0.00"))
    return Remittance(
        handling_code="I",
        payment_amount=due,
        credit_debit="C",
        payment_method="ACH",
        payment_date=DAY + timedelta(days=7 * number),
        trace_number=f"EFT{number}",
        payer_identifier=payer,
        payer_name=NAMES[payer],
        payee_name="CLINIC",
        payee_identifier_qualifier="XX",
        payee_identifier="1234567893",
        claims=tuple(claims),
        provider_adjustments=plb,
    )


def happen(installation: Opened, steps: Sequence[Step], pauses: frozenset[int]) -> None:
    """All of it, with the pipeline run at the pauses only; the invariants hold whenever it is quiet."""
    for number, step in enumerate(steps, 1):
        events: Sequence[Event] = [submit(step)] if step.claim else receive(installation, step, number)
        publish(installation, events)
        if number in pauses:
            installation.engine.run_until_quiet()
            assert find_violations(installation.store.connection) == []
    installation.engine.run_until_quiet()
    assert find_violations(installation.store.connection) == []


@QUICK
@given(history=histories(), data=st.data(), pauses=st.frozensets(st.integers(1, 12)))
def test_ledger_claims_and_digest_are_those_on_paper(
    reference: Reference, history: History, data: st.DataObject, pauses: frozenset[int]
) -> None:
    order = data.draw(st.permutations(history.steps))
    again = data.draw(st.lists(st.sampled_from(history.steps), max_size=4))
    digests = []
    for steps in (history.steps, [*order, *again]):
        with tempfile.TemporaryDirectory() as folder:
            installation = open_small(Path(folder), reference, in_memory=True)
            happen(installation, steps, pauses)
            connection = installation.store.connection
            rows = connection.execute(
                "SELECT account, qualifier, SUM(debit_cents - credit_cents) FROM entry_line GROUP BY account, qualifier"
            )
            found = {f"{a}:{q}" if q else a: from_cents(c) for a, q, c in rows if c}
            assert found == history.paper.balances()
            for letter in history.paper.claims:
                sheet = history.paper.work_out(letter)
                row = connection.execute(
                    "SELECT paid_cents, adjusted_cents, patient_cents FROM claim WHERE claim_id = ?",
                    (history.numbers[letter][:16],),
                ).fetchone()
                assert tuple(map(from_cents, row)) == (sheet.paid, sheet.contractual, sheet.patient)
            digests.append(digest(connection))
            installation.store.close()
    assert digests[0] == digests[1]
