"""What a payer allowed for each line, held against what it agreed to allow.

In: ClaimRemitted. Out: a work item for each line whose shortfall is worth pursuing, with the arithmetic; closed when a
later answer allows what was agreed. Rows of contracts.csv in force on the date of service decide: a flat fee for a
unit, a percentage of the charge, or of Medicare's fee (42 CFR 414.22: the sum of work, practice expense and malpractice
relative values, each times its geographic index, times the conversion factor). Only first payers' decisions are
checked: a later payer pays what is left, and a reversal (22) decides nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from processors.payers.adjustment_classes import classify_adjustment
from schemas.base import Frozen
from schemas.claim_status import AS_FIRST_PAYER
from schemas.event import Body, Event
from schemas.events import ClaimRemitted, WorkItemClosed, WorkItemOpened
from schemas.identifiers import account_key_of, billed_id_of, make_id
from schemas.money import CENT, ZERO
from schemas.processing import Outcome, States, read_state
from schemas.reference import ContractRow, LocalityRow, Reference
from schemas.work_item import open_work
from schemas.work_kinds import UNDERPAID
from schemas.x12.x835_005010x221a1 import RemittanceService

ALLOWED = ("patient_share", "sequestration")  # taken from the payment, not from the price
REFUSED = ("denial", "review")  # worked as denials, not as underpayments
# Places where the practice expense is the facility's: CMS, Medicare Claims Processing Manual chapter 12, 20.4.2.
FACILITIES = frozenset(["02", "19", "21", "22", "23", "24", "26", "31", "34", "41", "42", "51", "52", "53", "56", "61"])


class CheckedClaim(Frozen):
    """The lines of a claim whose shortfall is on the work list."""

    short: tuple[str, ...] = ()  # names of lines


@dataclass(frozen=True, slots=True)
class Line:
    """One of our lines as a payer decided it, all its SVCs together (RFI 2224)."""

    name: str
    procedure: str
    modifiers: tuple[str, ...]
    service_date: date | None
    units: Decimal
    charge_amount: Decimal
    allowed_amount: Decimal
    arithmetic: str


def keys_of_contracts(event: Event) -> tuple[str, ...]:
    """The claim, whatever its version; a control number that is not ours has no contract."""
    match event.body:
        case ClaimRemitted() as body if account_key_of(body.claim.patient_control_number):
            return (f"claim:{billed_id_of(body.claim.patient_control_number)}",)
    return ()


def check_contract(states: States, event: Event, reference: Reference) -> Outcome:
    """Compares each line that a first payer allowed with the contract in force on its day."""
    keys = keys_of_contracts(event)
    body = event.body
    assert isinstance(body, ClaimRemitted)
    if not keys or body.claim.status_code not in AS_FIRST_PAYER:
        return Outcome()
    rows = _find_contract(body, reference)
    if not rows:
        return Outcome()
    state = read_state(states, keys[0], CheckedClaim)
    short = list(state.short)
    outputs: list[Body] = []
    for line in _list_lines(body, reference):
        opened = _check_line(body, line, rows, reference)
        if opened is not None:
            outputs.append(opened)
            short += [line.name] if line.name not in short else []
        elif line.name in short:
            short.remove(line.name)
            reason = "a later answer allows what was agreed"
            item_id = _item_id(body, line.name)
            outputs.append(WorkItemClosed(item_id=item_id, account_key=body.account_key, reason=reason))
    after = CheckedClaim(short=tuple(short))
    return Outcome({} if after == state else {keys[0]: after}, tuple(outputs))


def _find_contract(body: ClaimRemitted, reference: Reference) -> tuple[ContractRow, ...]:
    for name in (body.payer_identifier, body.payer_name):
        if rows := reference.contracts.get(name.lower()):
            return rows
    return ()


def _list_lines(body: ClaimRemitted, reference: Reference) -> Iterator[Line]:
    """The lines that were decided; one with a refused amount is a denial and left to those who work it."""
    by_line: dict[str, list[RemittanceService]] = {}
    for service in body.claim.services:
        name = service.line_control_number or f"{service.procedure} {' '.join(service.modifiers)}".strip()
        by_line.setdefault(name, []).append(service)
    for name, services in by_line.items():
        sums: dict[str, Decimal] = {}
        for service in services:
            for adjustment in service.adjustments:
                kind = classify_adjustment(reference.adjustment_classes, adjustment)
                sums[kind] = sums.get(kind, ZERO) + adjustment.amount
        if any(sums.get(kind, ZERO) > ZERO for kind in REFUSED):
            continue
        first = services[0]
        paid = sum((service.paid_amount for service in services), ZERO)
        parts = [("paid", paid), *((kind.replace("_", " "), sums[kind]) for kind in ALLOWED if sums.get(kind))]
        yield Line(
            name=name,
            procedure=first.procedure,
            modifiers=first.modifiers,
            service_date=first.service_date or body.claim.statement_from_date,
            units=sum((service.units for service in services), Decimal(0)),
            charge_amount=sum((service.charge_amount for service in services), ZERO),
            allowed_amount=sum((amount for _, amount in parts), ZERO),
            arithmetic=" + ".join(f"{amount} {what}" for what, amount in parts),
        )


def _check_line(
    body: ClaimRemitted, line: Line, rows: Sequence[ContractRow], reference: Reference
) -> WorkItemOpened | None:
    row = find_rate(rows, line)
    price = _price_line(row, line, body.claim.facility_code, reference) if row else None
    if row is None or price is None:
        return None
    expected, arithmetic = price
    if expected > line.charge_amount:
        expected, arithmetic = line.charge_amount, f"{arithmetic}, no more than the charge of {line.charge_amount}"
    short = expected - line.allowed_amount
    if short <= row.threshold_amount:
        return None
    words = {
        "payer": body.payer_name,
        "allowed": line.allowed_amount,
        "arithmetic": line.arithmetic,
        "procedure": line.procedure,
        "expected": expected,
        "agreed": arithmetic,
        "effective": row.effective,
        "short": short,
        "claim_number": body.claim.payer_claim_control_number or "unknown",
    }
    return open_work(
        UNDERPAID,
        _item_id(body, line.name),
        body.account_key,
        words,
        priority=2 if short >= Decimal(100) else 3,
        claim_id=billed_id_of(body.claim.patient_control_number),
        remittance_id=body.remittance_id,
        amount=short,
    )


def find_rate(rows: Sequence[ContractRow], line: Line) -> ContractRow | None:
    """The row in force on the day (newest first): the procedure's with one of the line's modifiers, the procedure's
    alone, or the one for any procedure."""
    on = line.service_date
    if on is None:
        return None
    in_force = [row for row in rows if row.effective <= on and (row.termination is None or on <= row.termination)]
    for procedure in (line.procedure, "*"):
        for modifier in (*line.modifiers, ""):
            for row in in_force:
                if row.procedure == procedure and row.modifier == modifier:
                    return row
    return None


def _price_line(row: ContractRow, line: Line, place: str, reference: Reference) -> tuple[Decimal, str] | None:
    """(dollars, how they come about), or None where a table that the row needs has no answer."""
    if row.method == "flat":
        return _round(row.value * line.units), f"flat {row.value} x {line.units:f} units"
    if row.method == "percent_of_charge":
        return _round(row.value * line.charge_amount / 100), f"{row.value} % of the charge of {line.charge_amount}"
    on = line.service_date
    assert on is not None
    modifier = next((m for m in line.modifiers if m in ("26", "TC", "53")), "")
    fees = reference.codesets.fee_schedule(line.procedure, modifier, on)
    indices = next((r for r in reference.localities.get(row.locality, ()) if r.effective <= on), None)
    if fees is None or indices is None:
        return None
    expense = fees.facility_rvu if place in FACILITIES else fees.office_rvu
    values = (fees.work_rvu, expense, fees.malpractice_rvu, fees.conversion_factor)
    if any(value is None for value in values) or not fees.conversion_factor:
        return None
    return _price_by_medicare(row, line, indices, [value for value in values if value is not None])


def _price_by_medicare(
    row: ContractRow, line: Line, indices: LocalityRow, values: Sequence[Decimal]
) -> tuple[Decimal, str] | None:
    work, expense, malpractice, factor = values
    total = work * indices.work + expense * indices.practice_expense + malpractice * indices.malpractice
    fee = _round(total * factor)
    if not fee:
        return None  # carrier-priced: Medicare's own table has no fee
    text = (
        f"{row.value} % of Medicare's {fee} in {row.locality} = ({work} x {indices.work} + {expense} x "
        f"{indices.practice_expense} + {malpractice} x {indices.malpractice}) x {factor}, x {line.units:f} units"
    )
    return _round(fee * line.units * row.value / 100), text


def _round(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def _item_id(body: ClaimRemitted, line: str) -> str:
    return make_id("underpaid", billed_id_of(body.claim.patient_control_number), line)
