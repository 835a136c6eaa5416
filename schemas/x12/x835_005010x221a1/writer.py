"""Writing 835s, in the guide's order: what a payer sends, and the proof that nothing was lost in reading."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from schemas.x12.elements import format_date, format_number
from schemas.x12.writer import InterchangeHeader, SetWriter, write_interchange
from schemas.x12.x835_005010x221a1.models import (
    Adjustment,
    Remittance,
    RemittanceClaim,
    RemittanceReference,
    RemittanceService,
)

VERSION = "005010X221A1"
PER_SEGMENT = 6  # adjustments that one CAS or PLB holds


def write_835(header: InterchangeHeader, remittances: Iterable[Remittance]) -> bytes:
    """One interchange with one ST for each remittance. Raises ElementError for values that X12 cannot carry.

    The 835 has no ST03 in use; `unknown_segments` are not written.
    """
    return write_interchange(header, "HP", VERSION, [_write_set(remittance) for remittance in remittances])


def _write_set(remittance: Remittance) -> str:
    out = SetWriter("835", remittance.control_number, "")
    _write_header(out, remittance)
    number = ""
    summaries = list(remittance.summaries)
    for claim in remittance.claims:
        if claim.assigned_number != number:
            number = claim.assigned_number
            _write_number(out, number, summaries)
        _write_claim(out, claim)
    while summaries:  # numbers without a claim
        _write_number(out, summaries[0][0], summaries)
    _write_provider_adjustments(out, remittance)
    return out.close()


def _write_number(out: SetWriter, number: str, summaries: list[tuple[str, ...]]) -> None:
    out.add("LX", number)
    for summary in [s for s in summaries if s[0] == number]:
        out.add(*summary[1:])
        summaries.remove(summary)


def _write_header(out: SetWriter, r: Remittance) -> None:
    out.add(
        "BPR",
        r.handling_code,
        format_number(r.payment_amount),
        r.credit_debit,
        r.payment_method,
        r.payment_format,
        *(r.payment_accounts or ("",) * 10),
        format_date(r.payment_date),
    )
    out.add("TRN", "1", r.trace_number, r.payer_identifier, r.trace_supplemental_code)
    if r.currency:
        out.add("CUR", *r.currency)
    if r.receiver_identifier:
        out.add("REF", "EV", r.receiver_identifier)
    if r.version_identifier:
        out.add("REF", "F2", r.version_identifier)
    if r.production_date:
        out.add("DTM", "405", format_date(r.production_date))
    if r.payer_name or r.payer_health_plan_id:
        out.add("N1", "PR", r.payer_name, "XV" if r.payer_health_plan_id else "", r.payer_health_plan_id)
        _write_address(out, r.payer_address)
        _write_pairs(out, "REF", r.payer_references)
        for contact in r.payer_contacts:
            out.add("PER", *contact)
    if r.payee_name or r.payee_identifier:
        out.add("N1", "PE", r.payee_name, r.payee_identifier_qualifier, r.payee_identifier)
        _write_address(out, r.payee_address)
        _write_pairs(out, "REF", r.payee_references)
        if r.delivery:
            out.add("RDM", *r.delivery)


def _write_address(out: SetWriter, address: Sequence[str]) -> None:
    if any(address[:2]):
        out.add("N3", *address[:2])
    if any(address[2:]):
        out.add("N4", *address[2:])


def _write_pairs(out: SetWriter, segment_id: str, pairs: Iterable[RemittanceReference]) -> None:
    for pair in pairs:
        out.add(segment_id, pair.qualifier, pair.value)


def _write_adjustments(out: SetWriter, adjustments: Iterable[Adjustment]) -> None:
    """Neighbours of one group share a CAS, six at most."""
    for group, members in groupby(adjustments, key=lambda adjustment: adjustment.group):
        run = list(members)
        for start in range(0, len(run), PER_SEGMENT):
            elements: list[str] = []
            for a in run[start : start + PER_SEGMENT]:
                quantity = "" if a.quantity is None else format_number(a.quantity)
                elements += (a.reason, format_number(a.amount), quantity)
            out.add("CAS", group, *elements)


def _write_claim(out: SetWriter, c: RemittanceClaim) -> None:
    out.add(
        "CLP",
        c.patient_control_number,
        c.status_code,
        format_number(c.charge_amount),
        format_number(c.paid_amount),
        format_number(c.patient_responsibility_amount) if c.patient_responsibility_amount else "",
        c.filing_indicator,
        c.payer_claim_control_number,
        c.facility_code,
        c.frequency,
        "",
        c.drg,
        "" if c.drg_weight is None else format_number(c.drg_weight),
        "" if c.discharge_fraction is None else format_number(c.discharge_fraction),
    )
    _write_adjustments(out, c.adjustments)
    for p in c.parties:
        out.add(
            "NM1",
            p.entity,
            p.entity_type,
            p.last_name,
            p.first_name,
            p.middle_name,
            "",
            p.suffix,
            p.identifier_qualifier,
            p.identifier,
        )
    if c.inpatient:
        out.add("MIA", *c.inpatient)
    if c.outpatient:
        out.add("MOA", *c.outpatient)
    _write_pairs(out, "REF", c.references)
    for qualifier, day in (
        ("232", c.statement_from_date),
        ("233", c.statement_to_date),
        ("036", c.coverage_expiration_date),
        ("050", c.received_date),
    ):
        if day:
            out.add("DTM", qualifier, format_date(day))
    for contact in c.contacts:
        out.add("PER", *contact)
    _write_pairs(out, "AMT", c.amounts)
    _write_pairs(out, "QTY", c.quantities)
    for service in c.services:
        _write_service(out, service)


def _write_service(out: SetWriter, s: RemittanceService) -> None:
    submitted = out.composite(*s.submitted_procedure.split(":")) if s.submitted_procedure else ""
    out.add(
        "SVC",
        out.composite(s.procedure_qualifier, s.procedure, *s.modifiers),
        format_number(s.charge_amount),
        format_number(s.paid_amount),
        s.revenue_code,
        format_number(s.units),
        submitted,
        "" if s.original_units is None else format_number(s.original_units),
    )
    if s.service_end_date:
        out.add("DTM", "150", format_date(s.service_date))
        out.add("DTM", "151", format_date(s.service_end_date))
    elif s.service_date:
        out.add("DTM", "472", format_date(s.service_date))
    _write_adjustments(out, s.adjustments)
    if s.line_control_number:
        out.add("REF", "6R", s.line_control_number)
    _write_pairs(out, "REF", s.references)
    _write_pairs(out, "AMT", s.amounts)
    _write_pairs(out, "QTY", s.quantities)
    for remark in s.remarks:
        out.add("LQ", "HE", remark)


def _write_provider_adjustments(out: SetWriter, remittance: Remittance) -> None:
    runs = groupby(remittance.provider_adjustments, key=lambda a: (a.provider_identifier, a.fiscal_period_date))
    for (provider, day), members in runs:
        run = list(members)
        for start in range(0, len(run), PER_SEGMENT):
            elements: list[str] = []
            for a in run[start : start + PER_SEGMENT]:
                elements += (out.composite(a.reason, *a.reference.split(":")), format_number(a.amount))
            out.add("PLB", provider, format_date(day), *elements)
