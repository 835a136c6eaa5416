"""Objects of `claim_parts` to segments, in the order that a guide's grammar gives each loop."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache

from schemas.x12.claim_parts import (
    Attachment,
    ClaimPerson,
    Drug,
    EntityParty,
    LineAdjudication,
    OtherPayer,
    OtherSegments,
    Party,
    Payer,
    PostalAddress,
    Subscriber,
)
from schemas.x12.elements import format_date, format_number
from schemas.x12.errors import ElementError
from schemas.x12.guide import LoopUse, read_grammar
from schemas.x12.writer import SetWriter
from schemas.x12.x835_005010x221a1.models import Adjustment

Row = tuple[str, ...]
NUMBER_LENGTH_MAX = 20  # CLM01: receivers need return no more (RFI 525)
REPLACING = ("7", "8")  # CLM05-3; never demanded on an original (RFI 1538, 2110)


@cache
def find_ranks(grammar: str) -> dict[str, dict[str, int]]:
    """Loop id -> segment id -> its first place in that loop."""
    found: dict[str, dict[str, int]] = {}

    def visit(loop: LoopUse) -> None:
        ranks = found.setdefault(loop.id, {})
        for use in loop.segments:
            ranks.setdefault(use.segment_id, use.rank)
        for inner in loop.loops:
            visit(inner)

    visit(read_grammar(grammar))
    return found


class ClaimWriter(SetWriter):
    """A SetWriter that knows the guide's loops."""

    def __init__(self, control_number: str, implementation: str, grammar: str) -> None:
        super().__init__("837", control_number, implementation)
        self.ranks = find_ranks(grammar)

    def emit(self, loop_id: str, rows: Iterable[Row], others: OtherSegments = ()) -> None:
        """The loop's rows with the uninterpreted segments put among them, where the guide wants them."""
        if others:
            ranks = self.ranks[loop_id]
            kept = [self.keep(segment) for segment in others]
            rows = sorted([*rows, *kept], key=lambda row: ranks.get(row[0], 99))
        for row in rows:
            self.add(*row)

    def split(self, others: OtherSegments, loop_id: str, inner_id: str) -> tuple[OtherSegments, OtherSegments]:
        """Kept segments of a level and of the name loop below it: which belong where."""
        level, inner = self.ranks.get(loop_id, {}), self.ranks.get(inner_id, {})
        above = tuple(s for s in others if s[0] in level and s[0] not in inner)
        return above, tuple(s for s in others if not (s[0] in level and s[0] not in inner))

    def write_party(self, loop_id: str, entity: str, party: Party, *, provider_code: str = "") -> None:
        """NM1, N3, N4, REF of the tax id, PRV (code PE or AT) and what else was kept."""
        person = bool(party.given_name)
        names = (party.name, party.given_name, party.middle_name, "", party.suffix)
        identifier = (party.identifier_qualifier, party.npi) if party.npi else ()
        rows: list[Row] = [("NM1", entity, "1" if person else "2", *names, *identifier)]
        rows += write_address(party.address)
        if party.tax_id:
            suggested = "SY" if person and not party.npi else "EI"
            rows.append(("REF", party.tax_id_qualifier or suggested, party.tax_id))
        if party.taxonomy and provider_code:
            rows.insert(1, ("PRV", provider_code, "PXC", party.taxonomy))
        _, others = (
            self.split(party.other_segments, "2000A", loop_id) if loop_id == "2010AA" else ((), party.other_segments)
        )
        self.emit(loop_id, rows, others)

    def write_entity(self, loop_id: str, entity: EntityParty, provider_code: str = "PE") -> None:
        self.write_party(loop_id, entity.entity, entity.party, provider_code=provider_code)

    def write_person(
        self, loop_id: str, entity: str, person: ClaimPerson, identifier: Row, others: OtherSegments, *, details: bool
    ) -> None:
        names = (person.family_name, person.given_name, person.middle_name, "", person.suffix)
        rows: list[Row] = [("NM1", entity, person.entity_type, *names, *identifier)]
        if details or person.address:
            rows += write_address(person.address)
        if person.birth_date and (details or loop_id == "2010BA"):
            rows.append(("DMG", "D8", format_date(person.birth_date), person.sex))
        self.emit(loop_id, rows, others)

    def write_payer(self, loop_id: str, payer: Payer, more: Iterable[Row] = ()) -> None:
        nm1 = ("NM1", "PR", "2", payer.name, "", "", "", "", payer.identifier_qualifier, payer.identifier)
        rows: list[Row] = [nm1, *write_address(payer.address), *more]
        self.emit(loop_id, rows, payer.other_segments)

    def write_billing_provider(self, provider: Party, level: int, pay_to: PostalAddress | None) -> None:
        """2000A, 2010AA and 2010AB."""
        rows: list[Row] = [("HL", str(level), "", "20", "1")]
        if provider.taxonomy:
            rows.append(("PRV", "BI", "PXC", provider.taxonomy))
        above, _ = self.split(provider.other_segments, "2000A", "2010AA")
        self.emit("2000A", rows, above)
        self.write_party("2010AA", "85", provider)
        if pay_to is not None:
            self.emit("2010AB", [("NM1", "87", "2"), *write_address(pay_to)])

    def write_subscriber(
        self, s: Subscriber, payer: Payer, patient: ClaimPerson | None, level: int, parent: int
    ) -> None:
        """2000B, 2010BA and 2010BB."""
        dependant = patient is not None
        above, others = self.split(s.person.other_segments, "2000B", "2010BA")
        sbr = ("SBR", s.responsibility, "" if dependant else "18", s.group_number, s.group_name, s.insurance_type)
        rows: list[Row] = [
            ("HL", str(level), str(parent), "22", "1" if dependant else "0"),
            (*sbr, "", "", "", s.filing_indicator),
        ]
        self.emit("2000B", rows, above)
        identifier = (s.member_id_qualifier, s.member_id) if s.member_id else ()
        self.write_person("2010BA", "IL", s.person, identifier, others, details=not dependant)
        self.write_payer("2010BB", payer)

    def write_patient(self, patient: ClaimPerson, relationship: str, level: int) -> None:
        """2000C and 2010CA."""
        above, others = self.split(patient.other_segments, "2000C", "2010CA")
        rows: list[Row] = [("HL", str(level), str(level - 1), "23", "0")]
        if not any(segment[0] == "PAT" for segment in above):
            rows.append(("PAT", relationship))
        self.emit("2000C", rows, above)
        self.write_person("2010CA", "QC", patient, (), others, details=True)

    def write_other_payer(self, o: OtherPayer) -> None:
        """2320 and its 2330s."""
        s = o.subscriber
        sbr = ("SBR", s.responsibility, s.relationship, s.group_number, s.group_name, s.insurance_type, "", "", "")
        rows: list[Row] = [(*sbr, s.filing_indicator), *write_adjustments(o.adjustments)]
        for qualifier, amount in (("D", o.paid_amount), ("A8", o.noncovered_amount), ("EAF", o.remaining_amount)):
            if amount is not None:
                rows.append(("AMT", qualifier, format_number(amount)))
        rows.append(("OI", "", "", o.benefits_assignment, o.patient_signature, "", o.release_of_information))
        self.emit("2320", rows, o.other_segments)
        identifier = (s.member_id_qualifier, s.member_id) if s.member_id else ()
        self.write_person("2330A", "IL", s.person, identifier, s.person.other_segments, details=False)
        more: list[Row] = []
        if o.adjudication_date:
            more.append(("DTP", "573", "D8", format_date(o.adjudication_date)))
        if o.payer_claim_control_number:
            more.append(("REF", "F8", o.payer_claim_control_number))
        self.write_payer("2330B", o.payer, more)
        for provider in o.providers:
            self.write_entity("2330C", provider)

    def write_drug(self, drug: Drug) -> None:
        """Loop 2410."""
        self.add("LIN", "", drug.qualifier, drug.code)
        self.add("CTP", "", "", "", format_number(drug.quantity), drug.unit)
        if drug.link_number:
            self.add("REF", "VY", drug.link_number)
        if drug.prescription_number:
            self.add("REF", "XZ", drug.prescription_number)

    def write_adjudication(self, a: LineAdjudication) -> None:
        """Loop 2430."""
        procedure = self.composite(*a.procedure)
        self.add(
            "SVD",
            a.payer_identifier,
            format_number(a.paid_amount),
            procedure,
            a.revenue_code,
            format_number(a.units),
            a.bundled_line,
        )
        for row in write_adjustments(a.adjustments):
            self.add(*row)
        if a.adjudication_date:
            self.add("DTP", "573", "D8", format_date(a.adjudication_date))
        if a.remaining_amount is not None:
            self.add("AMT", "EAF", format_number(a.remaining_amount))


def refuse_unsendable(number: str, lines: int, lines_max: int, frequency: str, original_reference: str) -> None:
    """Raises ElementError for what no payer can take, whatever the kind of claim."""
    if len(number) > NUMBER_LENGTH_MAX:
        raise ElementError("CLM01", f"is longer than {NUMBER_LENGTH_MAX} characters", "shorten it at its source")
    if lines > lines_max:
        raise ElementError("LX01", f"more than {lines_max} lines", "split the claim")
    if frequency in REPLACING and not original_reference:
        what = "a replacement (7) or void (8) names no claim that it replaces"
        raise ElementError("CLM05", what, "give the payer's claim control number, written as REF*F8")


def write_address(address: PostalAddress | None) -> Iterator[Row]:
    """N3 and N4."""
    if address is not None:
        if address.line1 or address.line2:
            yield ("N3", address.line1, address.line2)
        yield ("N4", address.city, address.state, address.postal_code, address.country)


def write_adjustments(adjustments: Sequence[Adjustment]) -> Iterator[Row]:
    """One CAS for neighbours of one group, six reasons at most in each."""
    run: list[Adjustment] = []
    for adjustment in adjustments:
        if run and (run[0].group != adjustment.group or len(run) == 6):
            yield _write_cas(run)
            run = []
        run.append(adjustment)
    if run:
        yield _write_cas(run)


def _write_cas(run: Sequence[Adjustment]) -> Row:
    elements: list[str] = []
    for a in run:
        elements += (a.reason, format_number(a.amount), "" if a.quantity is None else format_number(a.quantity))
    return ("CAS", run[0].group, *elements)


def write_attachments(attachments: Iterable[Attachment]) -> Iterator[Row]:
    """PWK."""
    for a in attachments:
        control = ("", "", "AC", a.control_number) if a.control_number else ()
        yield ("PWK", a.report_type, a.transmission_code, *control)


def write_service_date(first: date, last: date | None) -> Iterator[Row]:
    """DTP*472; date.min stands for none."""
    if first != date.min:
        start, end = format_date(first), format_date(last)
        yield ("DTP", "472", "RD8", f"{start}-{end}") if end else ("DTP", "472", "D8", start)
