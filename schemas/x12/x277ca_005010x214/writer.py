"""Writing 277CAs in the guide's order."""

from collections.abc import Iterable
from decimal import Decimal

from schemas.x12.elements import format_date, format_number
from schemas.x12.writer import InterchangeHeader, SetWriter, write_interchange
from schemas.x12.x277ca_005010x214.models import (
    BatchAcknowledgement,
    ClaimAcknowledgement,
    LineAcknowledgement,
    ProviderAcknowledgement,
    Status,
    Totals,
)

VERSION = "005010X214"


def write_277ca(header: InterchangeHeader, batches: Iterable[BatchAcknowledgement]) -> bytes:
    """One interchange with one ST for each batch. Raises ElementError for values that X12 cannot carry."""
    return write_interchange(header, "HN", VERSION, [_write_set(batch) for batch in batches])


def _write_set(b: BatchAcknowledgement) -> str:
    out = SetWriter("277", b.control_number, VERSION)
    out.add("BHT", "0085", "08", b.reference, format_date(b.created_date), b.created_time, "TH")
    out.add("HL", "1", "", "20", "1")
    name = ("", "", "", "", b.source_identifier_qualifier, b.source_identifier)
    out.add("NM1", b.source_entity, "2", b.source_name, *name)
    out.add("TRN", "1", b.source_trace_number)
    if b.received_date:
        out.add("DTP", "050", "D8", format_date(b.received_date))
    if b.processed_date:
        out.add("DTP", "009", "D8", format_date(b.processed_date))
    out.add("HL", "2", "1", "21", "1" if b.providers else "0")
    receiver = (b.receiver_name, b.receiver_first_name, "", "", "", "46", b.receiver_identifier)
    out.add("NM1", "41", b.receiver_entity_type, *receiver)
    out.add("TRN", "2", b.batch_number)
    _write_statuses(out, b.statuses)
    _write_totals(out, b.totals, "90", "AA")
    level = 2
    for provider in b.providers:
        level = _write_provider(out, provider, level + 1)
    return out.close()


def _write_provider(out: SetWriter, p: ProviderAcknowledgement, level: int) -> int:
    """Writes the provider and its claims; returns the last HL number used."""
    out.add("HL", str(level), "2", "19", "1" if p.claims else "0")
    out.add("NM1", "85", p.entity_type, p.name, p.first_name, "", "", "", p.identifier_qualifier, p.identifier)
    if p.trace_number:
        out.add("TRN", "1", p.trace_number)
    _write_statuses(out, p.statuses)
    for qualifier, value in p.references:
        out.add("REF", qualifier, value)
    _write_totals(out, p.totals, "QA", "QC")
    last = level
    for claim in p.claims:
        last += 1
        out.add("HL", str(last), str(level), "PT")
        _write_claim(out, claim)
    return last


def _write_claim(out: SetWriter, c: ClaimAcknowledgement) -> None:
    names = (c.patient_last_name, c.patient_first_name, c.patient_middle_name, "", c.patient_suffix)
    out.add("NM1", "QC", "1", *names, c.patient_identifier_qualifier, c.patient_identifier)
    out.add("TRN", "2", c.patient_control_number)
    _write_statuses(out, c.statuses)
    for qualifier, value in (
        ("1K", c.payer_claim_control_number),
        ("D9", c.clearinghouse_trace_number),
        ("BLT", c.bill_type),
    ):
        if value:
            out.add("REF", qualifier, value)
    _write_service_date(out, c.service_date)
    for line in c.lines:
        _write_line(out, line)


def _write_line(out: SetWriter, line: LineAcknowledgement) -> None:
    out.add(
        "SVC",
        out.composite(line.procedure_qualifier, line.procedure, *line.modifiers),
        _amount(line.charge_amount),
        "",
        line.revenue_code,
        "",
        "",
        line.units,
    )
    _write_statuses(out, line.statuses)
    if line.line_control_number:
        out.add("REF", "FJ", line.line_control_number)
    _write_service_date(out, line.service_date)


def _write_service_date(out: SetWriter, text: str) -> None:
    if text:
        out.add("DTP", "472", "RD8" if "-" in text else "D8", text)


def _write_statuses(out: SetWriter, statuses: Iterable[Status]) -> None:
    for status in statuses:
        codes = [out.composite(c.category, c.code, c.entity, c.list_code) for c in status.codes]
        first, tenth, eleventh = (*codes, "", "", "")[:3]
        elements = (format_date(status.effective_date), status.action, _amount(status.amount), "", "", "", "", "")
        out.add("STC", first, *elements, tenth, eleventh, status.message)


def _write_totals(out: SetWriter, totals: Totals, accepted: str, rejected: str) -> None:
    for qualifier, count in ((accepted, totals.accepted_count), (rejected, totals.rejected_count)):
        if count is not None:
            out.add("QTY", qualifier, str(count))
    for qualifier, amount in (("YU", totals.accepted_amount), ("YY", totals.rejected_amount)):
        if amount is not None:
            out.add("AMT", qualifier, format_number(amount))


def _amount(amount: Decimal | None) -> str:
    return "" if amount is None else format_number(amount)
