"""HL7 v2 in: charges (DFT) become encounters; every other message becomes a finding that says what became of it.

A DFT posts transactions of a visit, and several may come for one visit. So each DFT is an encounter of its own, named
by the visit and its first transaction: sent again it is the same encounter, and the next DFT of the visit adds to the
visit instead of replacing it. ADT and BAR carry no charges. A cancelled visit is for a person: what its earlier DFTs
billed cannot be told from the message.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import ValidationError

from connectors.ehr.diagnosis_list import CodedConcept, DiagnosisList
from connectors.ehr.hl7.framing import count_batches, even_line_ends, has_trailer, split_messages
from connectors.ehr.hl7.message import MAX_BYTES, Hl7Error, Message, Segment
from connectors.ehr.hl7.people import read_coverages, read_facility, read_patient, read_provider
from connectors.ehr.model_errors import describe_errors
from connectors.ehr.sent import publish_sent
from connectors.ehr.versions import hash_content
from schemas.encounter import CodeSystem, DocumentedFact, Encounter, Service
from schemas.findings import Finding
from schemas.inbound import Inbound, Receipt, Unread

DEFAULT_SOURCE_SYSTEM = "hl7"
CHARGE_KINDS = frozenset({"DFT^P03", "DFT^P11", "DFT^"})
CANCEL_KINDS = frozenset({"ADT^A11", "ADT^A23", "ADT^A27", "ADT^A38", "BAR^P02"})
MERGE_KINDS = frozenset({"ADT^A18", "ADT^A34", "ADT^A35", "ADT^A36", "ADT^A39", "ADT^A40", "ADT^A41", "ADT^A42"})
READ_TYPES = frozenset({"ADT", "BAR", "DFT"})
# Table 0396 and what is seen beside it; a code without a system, or of a system not named here, is LOCAL.
SYSTEMS: dict[str, CodeSystem] = {
    "C4": "CPT", "CPT": "CPT", "CPT4": "CPT", "CPT-4": "CPT", "HCPCS": "HCPCS", "HPC": "HCPCS", "HCPT": "HCPCS",
    "I10": "ICD-10-CM", "I10C": "ICD-10-CM", "ICD10": "ICD-10-CM", "ICD-10": "ICD-10-CM", "ICD10CM": "ICD-10-CM",
    "I10P": "ICD-10-PCS", "SCT": "SNOMED", "SNM": "SNOMED", "LN": "LOINC", "RXNORM": "RXNORM", "CVX": "CVX",
}  # fmt: skip
EncounterClass = Literal["ambulatory", "emergency", "inpatient", "observation"]
# PV1-2 (table 0004) to our class and the CMS place of service that goes with it.
CLASSES: dict[str, tuple[EncounterClass, str]] = {
    "E": ("emergency", "23"),
    "I": ("inpatient", "21"),
    "B": ("inpatient", "21"),
    "O": ("ambulatory", "11"),
    "R": ("ambulatory", "11"),
    "": ("ambulatory", "11"),
}


def read_hl7_messages(data: bytes, receipt: Receipt) -> Iterator[Inbound]:
    """All HL7 v2 messages in a file, one by one, so that a large file is not held as encounters all at once. Never
    raises for what the bytes hold: that is findings."""
    if len(data) > MAX_BYTES:
        what = f"{len(data)} bytes where at most {MAX_BYTES} are read"
        yield Inbound(findings=(_find("too_large", "reject", "file", what, "send it in parts"),))
        return
    text = even_line_ends(data)
    number = 0
    for number, framed in enumerate(split_messages(text), 1):
        where = f"message {number}"
        read = _refuse_cut(where) if framed.is_cut else read_hl7_message(framed.data, receipt, where)
        broken = [found for found in read.findings if found.code == "bad_message"]
        yield replace(read, unread=tuple(Unread(number, framed.data, f"{x.where}: {x.what}") for x in broken))
    yield Inbound(findings=tuple(_judge_batches(text, number)))


def _refuse_cut(where: str) -> Inbound:
    what = "its MLLP frame is not closed: the message was cut off"
    return Inbound(findings=(_find("bad_message", "reject", where, what, "send the message again"),))


def _judge_batches(text: bytes, messages: int) -> Iterator[Finding]:
    for where, said, counted in count_batches(text):
        what = f"it says {said}, and {counted} came: a batch is not whole"
        yield _find("batch_incomplete", "reject", where, what, "ask its sender for what is missing")
    is_ended = has_trailer(text)
    if not messages and is_ended:
        yield _find("no_messages", "warn", "file", "a batch without a message", "nothing")
    elif not messages:
        yield _find("not_hl7", "reject", "file", "no MSH segment", "begin each message with its MSH segment")
    elif text.startswith((b"FHS", b"BHS")) and not is_ended:
        what = "a batch without its trailer (BTS, FTS): it may have been cut off"
        yield _find("batch_without_trailer", "warn", "file", what, "look whether its last message is whole")


def read_hl7_message(data: bytes, receipt: Receipt, where: str = "message") -> Inbound:
    """One message as an encounter or as findings."""
    try:
        message = Message(data)
        if message.kind not in CHARGE_KINDS:
            return Inbound(findings=(_explain_other_kind(message, where),))
        charges = [segment for segment in message.of("FT1") if segment.text(6) in ("CG", "")]
        findings = _find_other_transactions(message, where)
        if not charges:
            findings.append(_find("no_charges", "warn", f"{where}, FT1", "no charges to bill", "nothing"))
            return Inbound(findings=tuple(findings))
        encounter = _build_encounter(message, charges)
        return Inbound((publish_sent(encounter, receipt.secret, receipt.received_at),), tuple(findings))
    except Hl7Error as error:
        refused = _find("bad_message", "reject", f"{where}, {error.where}", error.what, error.remedy)
    except ValidationError as error:
        field, what = describe_errors(error)
        remedy = "send the field within the limits that the page on encounters gives"
        refused = _find("bad_message", "reject", f"{where}, {error.title}.{field}", what, remedy)
    return Inbound(findings=(refused,))


def _build_encounter(message: Message, charges: list[Segment]) -> Encounter:
    pid, visit = message.first("PID"), message.first("PV1")
    if visit.text(2) not in CLASSES:
        raise Hl7Error(visit.where(2), "a patient class that is not billed from", "send E, I, O, R or B")
    encounter_class, place_of_service = CLASSES[visit.text(2)]
    diagnoses = _read_diagnoses(message)
    services = tuple(_read_service(charge, diagnoses) for charge in charges)
    start = visit.date(44) or min(service.service_date_from for service in services)
    end, is_inpatient = visit.date(45), encounter_class == "inpatient"
    accidents = (segment.date(1) for segment in message.of("ACC"))
    values: dict[str, Any] = {
        "source_system": message.header.text(4) or DEFAULT_SOURCE_SYSTEM,
        "source_id": _read_source_id(message, pid, visit, charges[0]),
        "encounter_class": encounter_class,
        # Services may lie before the admission (pre-admission tests) and, in a clinic, after the registration.
        "start_date": min(start, *(service.service_date_from for service in services)),
        "end_date": end or max(service.service_date_from for service in services),
        "patient": read_patient(pid),
        "coverages": read_coverages(message),
        "prior_authorization_number": next((s.text(14) for s in message.of("IN1") if s.text(14)), "")[:50],
        "billing_provider": read_facility(message.header, 4),
        "rendering_provider": read_provider(visit, 7),
        "referring_provider": read_provider(visit, 8),
        "place_of_service": place_of_service,
        "accident_date": next(filter(None, accidents), None),
        "admission_date": start if is_inpatient else None,
        "discharge_date": end if is_inpatient else None,
        "diagnoses": tuple(diagnoses.found),
        "services": services,
        "documentation": _document_procedures(message),
    }
    return Encounter(**values, version=hash_content(values), version_order=message.sent_at())


def _read_source_id(message: Message, pid: Segment, visit: Segment, charge: Segment) -> str:
    """The visit (PV1-19, else the account, PID-18) and its first transaction (FT1-2, else the message, MSH-10)."""
    visit_number = visit.text(19) or pid.text(18)
    transaction = charge.text(2) or message.header.text(10)
    if not visit_number or not transaction:
        remedy = "send the visit number in PV1-19 and the transaction in FT1-2"
        raise Hl7Error(visit.where(19), "neither visit nor account number, or no transaction id", remedy)
    return f"{visit_number}/{transaction}"


def _read_diagnoses(message: Message) -> DiagnosisList:
    """DG1 in order: final ones when there are any, else all (DG1-6, table 0052)."""
    segments = [segment for segment in message.of("DG1") if segment.text(3) or segment.text(3, 2)]
    final = [segment for segment in segments if segment.text(6) == "F"]
    diagnoses = DiagnosisList()
    for segment in final or segments:
        diagnoses.add(_read_coded(segment, 3))
    return diagnoses


def _read_service(charge: Segment, diagnoses: DiagnosisList) -> Service:
    """One FT1. The procedure (FT1-25) is the service, else the transaction code (FT1-7)."""
    system, code, words = _read_coded(charge, 25 if charge.text(25) else 7)
    quantity = charge.number_at(10)
    units = Decimal(1) if quantity is None else quantity
    amount = charge.amount(11)
    day = charge.date(4)
    if day is None:
        raise Hl7Error(charge.where(4), "the day of the service is missing")
    pointers = (
        diagnoses.add(_read_coded(charge, 19, repetition))
        for repetition in charge.repetitions(19)
        if charge.text(19, 1, 1, repetition)
    )
    modifiers = (charge.text(26, 1, 1, repetition) for repetition in charge.repetitions(26))
    return Service(
        line_id=f"{charge.text(2)}-{charge.number}" if charge.text(2) else str(charge.number),
        system=system,
        code=code,
        description=words,
        modifiers=tuple(filter(None, modifiers)),
        units=units,
        charge_amount=charge.amount(12, units) if amount is None else amount,
        service_date_from=day,
        diagnosis_pointers=tuple(dict.fromkeys(pointers)),
        rendering_provider=read_provider(charge, 20),
    )


def _read_coded(segment: Segment, field: int, repetition: int = 1) -> CodedConcept:
    """(system, code, words) of a coded element; words alone have no code, and a coder reads them."""
    code, words = segment.text(field, 1, 1, repetition), segment.text(field, 2, 1, repetition)[:200]
    system = segment.text(field, 3, 1, repetition).upper()
    if not system and any(char.isspace() for char in code):
        code, words = "", (words or code)[:200]  # "chest pain" where the code belongs, of no coding system
    if not code and not words:
        raise Hl7Error(segment.where(field), "neither a code nor words", "send a code, or at least its text")
    return SYSTEMS.get(system, "LOCAL") if code else "LOCAL", code, words


def _document_procedures(message: Message) -> tuple[DocumentedFact, ...]:
    """PR1 is the record behind the charges."""
    facts = []
    for segment in message.of("PR1"):
        if segment.text(3) or segment.text(3, 2):
            system, code, words = _read_coded(segment, 3)
            day: date | None = segment.date(5)
            facts.append(DocumentedFact(kind="procedure", system=system, code=code, description=words, on=day))
    return tuple(facts)


def _explain_other_kind(message: Message, where: str) -> Finding:
    kind, where = message.kind, f"{where}, MSH-9"
    if message.header.text(9) not in READ_TYPES:
        remedy = "send charges as DFT^P03 or DFT^P11"
        return _find("unsupported_message", "reject", where, "a type of message that is not read here", remedy)
    if next(message.of("FT1"), None):
        what = "charges (FT1) in a type of message that is not read for them"
        return _find("bad_message", "reject", where, what, "send charges as DFT^P03 or DFT^P11")
    if kind in CANCEL_KINDS:
        remedy = "if its charges were sent before, void them: withdraw them from the claim, and mend the account"
        return _find("visit_cancelled", "hold", where, "a visit or account was cancelled", remedy)
    if kind in MERGE_KINDS:
        remedy = "look for work that is open under the old number, and send its encounters again under the new one"
        return _find("patients_merged", "hold", where, "patients or accounts were merged", remedy)
    return _find("no_charges", "warn", where, "it carries no charges: there is nothing to bill yet", "nothing")


def _find_other_transactions(message: Message, where: str) -> list[Finding]:
    return [
        _find(
            "not_a_charge",
            "hold",
            f"{where}, {segment.where(6)}",
            "a credit, payment or adjustment, which is not read as a charge",
            "mend the charge that it takes back, and send the visit's charges as they are now",
        )
        for segment in message.of("FT1")
        if segment.text(6) not in ("CG", "")
    ]


def _find(code: str, severity: Literal["reject", "hold", "warn"], where: str, what: str, remedy: str) -> Finding:
    owner: Literal["ehr", "biller"] = "biller" if severity == "hold" else "ehr"
    return Finding(code=code, severity=severity, owner=owner, where=where[:200], what=what, remedy=remedy)
