"""Writing 276s and 277s in the guide's order."""

from collections.abc import Iterable
from decimal import Decimal

from schemas.x12.elements import format_date, format_number
from schemas.x12.hierarchy import write_entity
from schemas.x12.writer import InterchangeHeader, SetWriter, write_interchange
from schemas.x12.x276_277_005010x212.models import ClaimStatus, StatusItem, StatusLevel, StatusTransaction

VERSION = "005010X212"
FUNCTIONAL_CODES = {"276": "HR", "277": "HN"}


def write_status(header: InterchangeHeader, transactions: Iterable[StatusTransaction]) -> bytes:
    """One interchange of 276s, or of 277s. Raises ElementError for values that X12 cannot carry."""
    written = list(transactions)
    code = FUNCTIONAL_CODES[written[0].set_id] if written else "HR"
    return write_interchange(header, code, VERSION, [_write_set(transaction) for transaction in written])


def _write_set(t: StatusTransaction) -> str:
    out = SetWriter(t.set_id, t.control_number, VERSION)
    out.add("BHT", "0010", t.purpose, t.reference, format_date(t.created_date), t.created_time, t.transaction_type)
    number = 0
    for level in t.levels:
        number = _write_level(out, level, number + 1, "")
    return out.close()


def _write_level(out: SetWriter, level: StatusLevel, number: int, parent: str) -> int:
    """Writes a level and those below it; returns the last HL number used."""
    children = "" if level.kind == "23" else "1" if level.children else "0"
    out.add("HL", str(number), parent, level.kind, children)
    if level.birth_date or level.sex:
        out.add("DMG", "D8" if level.birth_date else "", format_date(level.birth_date), level.sex)
    for name in level.names:
        write_entity(out, name)
    for segment in level.other_segments:
        out.add(*out.keep_known(segment))
    for item in level.items:
        _write_item(out, item)
    last = number
    for child in level.children:
        last = _write_level(out, child, last + 1, str(number))
    return last


def _write_item(out: SetWriter, item: StatusItem) -> None:
    out.add("TRN", item.trace_type, item.trace_number)
    _write_statuses(out, item.statuses)
    for reference in item.references:
        out.add("REF", *reference)
    if item.charge_amount is not None:
        out.add("AMT", "T3", format_number(item.charge_amount))
    _write_service_date(out, item.service_date)
    for line in item.lines:
        charge, paid = _amount(line.charge_amount), _amount(line.paid_amount)
        out.add("SVC", out.composite(*line.procedure), charge, paid, line.revenue_code, "", "", line.units)
        _write_statuses(out, line.statuses)
        for reference in line.references:
            out.add("REF", *reference)
        _write_service_date(out, line.service_date)


def _write_service_date(out: SetWriter, text: str) -> None:
    if text:
        out.add("DTP", "472", "RD8" if "-" in text else "D8", text)


def _write_statuses(out: SetWriter, statuses: Iterable[ClaimStatus]) -> None:
    for s in statuses:
        codes = [out.composite(c.category, c.code, c.entity, c.list_code) for c in s.codes]
        first, tenth, eleventh = (*codes, "", "", "")[:3]
        amounts = (_amount(s.charge_amount), _amount(s.paid_amount), format_date(s.adjudicated_date))
        payment = (s.payment_method, format_date(s.payment_date), s.check_number)
        out.add("STC", first, format_date(s.effective_date), "", *amounts, *payment, tenth, eleventh)


def _amount(amount: Decimal | None) -> str:
    return "" if amount is None else format_number(amount)
