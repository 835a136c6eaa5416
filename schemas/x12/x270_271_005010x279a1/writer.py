"""Writing 270s and 271s in the guide's order."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from schemas.x12.claim_writing import Row, write_address
from schemas.x12.elements import format_date, format_number
from schemas.x12.hierarchy import write_entity
from schemas.x12.writer import InterchangeHeader, SetWriter, write_interchange
from schemas.x12.x270_271_005010x279a1.models import Benefit, EligibilityLevel, EligibilityTransaction, Rejection

VERSION = "005010X279A1"
FUNCTIONAL_CODES = {"270": "HS", "271": "HB"}
# Where the guide puts each segment of a 2100 and of a 2110; what it does not know stands last.
MEMBER_ORDER = ("REF", "N3", "N4", "PER", "AAA", "PRV", "DMG", "INS", "HI", "DTP", "MPI")
BENEFIT_ORDER = ("HSD", "REF", "DTP", "AAA", "MSG", "III")


def write_eligibility(header: InterchangeHeader, transactions: Iterable[EligibilityTransaction]) -> bytes:
    """One interchange of 270s, or of 271s. Raises ElementError for values that X12 cannot carry."""
    written = list(transactions)
    code = FUNCTIONAL_CODES[written[0].set_id] if written else "HS"
    return write_interchange(header, code, VERSION, [_write_set(transaction) for transaction in written])


def _write_set(t: EligibilityTransaction) -> str:
    out = SetWriter(t.set_id, t.control_number, VERSION)
    out.add("BHT", "0022", t.purpose, t.reference, format_date(t.created_date), t.created_time, t.transaction_type)
    number = 0
    for level in t.levels:
        number = _write_level(out, level, number + 1, "")
    return out.close()


def _write_level(out: SetWriter, level: EligibilityLevel, number: int, parent: str) -> int:
    """Writes a level and those below it; returns the last HL number used."""
    out.add("HL", str(number), parent, level.kind, "1" if level.children else "0")
    for trace in level.traces:
        out.add("TRN", *trace)
    for rejection in level.level_rejections:
        out.add(*_make_rejection(rejection))
    if level.name is not None:
        write_entity(out, level.name)
    rows: list[Row] = [("REF", *reference) for reference in level.references]
    rows += write_address(level.address)
    rows += [_make_rejection(rejection) for rejection in level.rejections]
    if level.birth_date or level.sex:
        rows.append(("DMG", "D8" if level.birth_date else "", format_date(level.birth_date), level.sex))
    if level.relationship:
        rows.append(("INS", *level.relationship))
    rows += [("DTP", *day) for day in level.dates]
    rows += [out.keep_known(segment) for segment in level.other_segments]
    _add_in_order(out, rows, MEMBER_ORDER)
    for inquiry in level.inquiries:
        out.add("EQ", out.repeat(inquiry.service_types), out.composite(*inquiry.procedure), inquiry.coverage_level)
        for segment in inquiry.other_segments:
            out.add(*out.keep_known(segment))
    for benefit in level.benefits:
        _write_benefit(out, benefit)
    last = number
    for child in level.children:
        last = _write_level(out, child, last + 1, str(number))
    return last


def _add_in_order(out: SetWriter, rows: Iterable[Row], order: Sequence[str]) -> None:
    for row in sorted(rows, key=lambda row: order.index(row[0]) if row[0] in order else len(order)):
        out.add(*row)


def _make_rejection(rejection: Rejection) -> Row:
    return ("AAA", rejection.valid, "", rejection.reason, rejection.follow_up)


def _write_benefit(out: SetWriter, b: Benefit) -> None:
    out.add(
        "EB",
        b.information,
        b.coverage_level,
        out.repeat(b.service_types),
        b.insurance_type,
        b.description,
        b.period,
        _number(b.amount),
        _number(b.percent),
        b.quantity_qualifier,
        _number(b.quantity),
        b.authorization_required,
        b.in_network,
        out.composite(*b.procedure),
        out.composite(*b.diagnosis_pointers),
    )
    rows = [out.keep_known(segment) for segment in b.other_segments]
    rows += [_make_rejection(rejection) for rejection in b.rejections]
    rows += [("MSG", message) for message in b.messages]
    _add_in_order(out, rows, BENEFIT_ORDER)
    if b.entities:
        out.add("LS", "2120")
        for entity in b.entities:
            write_entity(out, entity.name)
            for segment in entity.other_segments:
                out.add(*out.keep_known(segment))
        out.add("LE", "2120")


def _number(number: Decimal | None) -> str:
    return "" if number is None else format_number(number)
