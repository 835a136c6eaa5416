"""What a prior payer decided, as the next payer's claim repeats it: loops 2320, 2330B and 2430 from the CLPs of an 835.

Everything that a payer said of one claim is summed, line by line and reason by reason: split lines (RFI 2224), several
CLPs of one claim, and a reversal with its correction, in any order. What sums to nothing is left out. CLM02 = AMT*D +
CAS of 2320 and of the 2430s (RFI 1115); SV102 = SVD02 + CAS of the line (RFI 1555, 2168); AMT*EAF stands at the claim
only (RFI 1391). Where the payer's lines cannot be laid upon ours, all of it stands at claim level.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from processors.payers.line_matching import match_lines
from schemas.events import SubmittedLine
from schemas.money import ZERO, to_cents
from schemas.x12.x835_005010x221a1 import Adjustment, RemittanceClaim, RemittanceService
from schemas.x12.x837p_005010x222a1 import (
    LineAdjudication,
    LineSupplement,
    OtherPayer,
    Payer,
    ProfessionalLine,
    Subscriber,
)

PATIENT_RESPONSIBILITY = "PR"  # CAS01

Sums = dict[tuple[str, str], Decimal]  # by group and reason


@dataclass
class LineDecision:
    """What one payer decided about one of our lines, summed."""

    charge_amount: Decimal = ZERO
    paid_amount: Decimal = ZERO
    units: Decimal = Decimal(0)
    procedure: tuple[str, ...] = ()
    adjustments: Sums = field(default_factory=dict)


@dataclass
class Decision:
    """What one payer decided about one claim, summed; `lines` is None where its lines are not ours."""

    charge_amount: Decimal
    paid_amount: Decimal
    adjustments: Sums  # of the claim level; of every level where `lines` is None
    lines: dict[str, LineDecision] | None  # by line control number
    patient_amount: Decimal
    payer_claim_control_number: str
    outpatient: tuple[str, ...]  # MOA
    adjudicated_on: date

    def list_sums(self) -> Sums:
        """Every adjustment of every level, by group and reason."""
        total = dict(self.adjustments)
        for line in (self.lines or {}).values():
            for key, amount in line.adjustments.items():
                total[key] = total.get(key, ZERO) + amount
        return total


def decide_sums(ours: Sequence[SubmittedLine], answers: Sequence[tuple[RemittanceClaim, date]]) -> Decision:
    """One payer's answers to a claim, each with its date, as one decision. `answers` is not empty."""
    heads: Sums = {}
    patient = ZERO
    for answer, _ in answers:
        _add(heads, answer.adjustments)
        patient += sum((a.amount for a in answer.all_adjustments if a.group == PATIENT_RESPONSIBILITY), ZERO)
    lines = _lay_on_lines(ours, [answer for answer, _ in answers])
    if lines is None:
        for answer, _ in answers:
            for service in answer.services:
                _add(heads, service.adjustments)
    latest, on = max(answers, key=lambda item: (item[1], not item[0].is_reversal))
    return Decision(
        charge_amount=sum((answer.charge_amount for answer, _ in answers), ZERO),
        paid_amount=sum((answer.paid_amount for answer, _ in answers), ZERO),
        adjustments=heads,
        lines=lines,
        patient_amount=patient,
        payer_claim_control_number=latest.payer_claim_control_number,
        outpatient=latest.outpatient,
        adjudicated_on=on,
    )


def write_prior_payer(subscriber: Subscriber, payer: Payer, decision: Decision) -> OtherPayer:
    """Loop 2320 of a payer that has decided."""
    return OtherPayer(
        subscriber=subscriber,
        payer=payer,
        paid_amount=decision.paid_amount,
        adjustments=_write_sums(decision.adjustments),
        remaining_amount=decision.patient_amount,
        # DTP*573 stands here only where no line carries it.
        adjudication_date=decision.adjudicated_on if decision.lines is None else None,
        payer_claim_control_number=decision.payer_claim_control_number,
        other_segments=(("MOA", *decision.outpatient),) if any(decision.outpatient) else (),
    )


def add_line_decisions(line: ProfessionalLine, decisions: Iterable[tuple[Payer, Decision]]) -> ProfessionalLine:
    """The line with a 2430 for each payer that decided about it."""
    found = []
    for payer, decision in decisions:
        decided = decision.lines.get(line.line_control_number) if decision.lines is not None else None
        if decided is not None:
            found.append(
                LineAdjudication(
                    payer_identifier=payer.identifier,
                    paid_amount=decided.paid_amount,
                    procedure=decided.procedure,
                    units=decided.units,
                    adjustments=_write_sums(decided.adjustments),
                    adjudication_date=decision.adjudicated_on,
                )
            )
    if not found:
        return line
    return replace(line, supplement=replace(line.supplement or LineSupplement(), adjudications=tuple(found)))


@dataclass(frozen=True)
class _Named:
    """An SVC as line matching asks about it."""

    line_control_number: str
    procedures: tuple[str, ...]
    modifiers: tuple[str, ...]
    service_date: date | None
    charge_cents: int


def _lay_on_lines(ours: Sequence[SubmittedLine], answers: Sequence[RemittanceClaim]) -> dict[str, LineDecision] | None:
    """Sums by our line; None unless every line comes out at its charge, with nothing over."""
    found = {line.line_control_number: LineDecision() for line in ours}
    for answer in answers:
        for number, service in zip(match_lines(ours, list(map(_name, answer.services))), answer.services, strict=True):
            decided = found.get(number)
            if decided is None:
                return None
            decided.charge_amount += service.charge_amount
            decided.paid_amount += service.paid_amount
            # The units of a reversal are as they were paid; its amounts tell that they are taken back.
            decided.units += -service.units if service.charge_amount < 0 else service.units
            decided.procedure = (service.procedure_qualifier, service.procedure, *service.modifiers)
            _add(decided.adjustments, service.adjustments)
    if any(found[line.line_control_number].charge_amount != line.charge_amount for line in ours):
        return None
    return found


def _name(service: RemittanceService) -> _Named:
    submitted = service.submitted_procedure.split(":")[1:2]
    return _Named(
        line_control_number=service.line_control_number,
        procedures=(service.procedure, *submitted),
        modifiers=service.modifiers,
        service_date=service.service_date,
        charge_cents=to_cents(service.charge_amount),
    )


def _add(sums: Sums, adjustments: Iterable[Adjustment]) -> None:
    for adjustment in adjustments:
        key = (adjustment.group, adjustment.reason)
        sums[key] = sums.get(key, ZERO) + adjustment.amount


def _write_sums(sums: Sums) -> tuple[Adjustment, ...]:
    return tuple(Adjustment(group, reason, amount) for (group, reason), amount in sorted(sums.items()) if amount)
