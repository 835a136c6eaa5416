"""Documented codes become billing codes, by the user's two tables and nothing else.

ICD-10-CM, CPT and HCPCS are taken at their word. SNOMED, LOINC, RxNorm, CVX and local codes go through the charge
master and the diagnosis map; what neither maps is returned with the documented words, never dropped and never guessed.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from schemas.bounds import CHARGE_MAX
from schemas.encounter import (
    DIAGNOSIS_CODE_MAX,
    PROCEDURE_CODE_MAX,
    CodedDiagnosis,
    CodedEncounter,
    CodedLine,
    Diagnosis,
    Encounter,
    EncounterHeader,
    Service,
)
from schemas.events import UncodedItem
from schemas.findings import Finding
from schemas.reference import Reference

POINTERS_MAX = 4  # SV107 carries at most four
BILLED_SYSTEMS = ("CPT", "HCPCS")
# What may be a code at all; whether it is one, the edits say. Words and composites are not shown: they are no code.
CODE = re.compile(r"(?=.*[0-9])[A-Z0-9]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Assignment:
    """The coded encounter as far as tables reach, what they do not reach, and lines without a price."""

    encounter: CodedEncounter
    uncoded: tuple[UncodedItem, ...]
    findings: tuple[Finding, ...]


def assign_codes(encounter: Encounter, reference: Reference) -> Assignment:
    """Maps each diagnosis and service; keeps diagnosis pointers right where several map to one code."""
    diagnoses: list[CodedDiagnosis] = []
    place_of: dict[str, int] = {}
    new_pointer: dict[int, int] = {}
    uncoded: list[UncodedItem] = []
    findings: list[Finding] = []
    for number, diagnosis in enumerate(encounter.diagnoses, 1):
        code = _map_diagnosis(diagnosis, reference)
        if code is None:
            uncoded.append(_uncoded("diagnosis", diagnosis))
            continue
        if not _is_code(code, DIAGNOSIS_CODE_MAX):
            findings.append(_refuse_code("diagnosis", f"diagnosis {number}", "an ICD-10-CM"))
            continue
        if code not in place_of or diagnosis.system == "ICD-10-CM":
            diagnoses.append(CodedDiagnosis(code=code, present_on_admission=diagnosis.present_on_admission))
            place_of.setdefault(code, len(diagnoses))
        new_pointer[number] = place_of[code]
    lines: list[CodedLine] = []
    # A line keeps the number of its service, also beside lines that no table maps: people name it by that number.
    for number, service in enumerate(encounter.services, 1):
        line = _code_line(service, number, encounter, new_pointer, len(diagnoses), reference)
        if isinstance(line, CodedLine):
            lines.append(line)
        elif isinstance(line, Finding):
            findings.append(line)
        else:
            uncoded.append(line)
    header = {name: getattr(encounter, name) for name in EncounterHeader.model_fields}
    coded = CodedEncounter(
        **header, diagnoses=tuple(diagnoses), lines=tuple(lines), documentation=encounter.documentation
    )
    return Assignment(coded, tuple(uncoded), tuple(findings))


def _map_diagnosis(diagnosis: Diagnosis, reference: Reference) -> str | None:
    if diagnosis.system == "ICD-10-CM":
        return diagnosis.code.replace(".", "").upper()
    row = reference.diagnosis_map.get((diagnosis.system, diagnosis.code))
    return row.icd10cm if row else None


def _code_line(
    service: Service,
    number: int,
    encounter: Encounter,
    new_pointer: dict[int, int],
    diagnosis_count: int,
    reference: Reference,
) -> CodedLine | UncodedItem | Finding:
    row = reference.charge_master.get((service.system, service.code))
    if service.system in BILLED_SYSTEMS:
        system, code, modifiers = service.system, service.code.upper(), service.modifiers
    elif row is not None:
        system, code = row.billed_system, row.billed_code
        modifiers = service.modifiers or row.modifiers
    else:
        return _uncoded("service", service)
    if not _is_code(code, PROCEDURE_CODE_MAX):
        return _refuse_code("service", f"line {number}", f"a {system}")
    charge = service.charge_amount
    if charge is None and row is not None and row.charge_amount is not None:
        charge = row.charge_amount * service.units
    if charge is None:
        return Finding(
            code="charge_missing",
            severity="hold",
            owner="biller",
            where=f"line {number} {code}",
            what="the service has no charge and the charge master has no price for it",
            remedy="send the charge from the EHR, or add the code with its price to charge_master.csv",
        )
    if abs(charge) > CHARGE_MAX:
        return Finding(
            code="charge_too_large",
            severity="hold",
            owner="biller",
            where=f"line {number} {code}",
            what=f"the charge is beyond {CHARGE_MAX}",
            remedy="check the decimal point and the units",
        )
    if service.diagnosis_pointers:
        # A pointer that leads nowhere is kept, so that the edit can say so.
        pointers = tuple(dict.fromkeys(new_pointer.get(p, p + 900) for p in service.diagnosis_pointers))
    else:
        pointers = tuple(range(1, min(POINTERS_MAX, diagnosis_count) + 1))
    return CodedLine.model_validate(
        {
            "number": number,
            "line_id": service.line_id,
            "code_system": system,
            "code": code,
            "modifiers": tuple(modifier.upper() if modifier.isascii() else modifier for modifier in modifiers),
            "units": service.units,
            "charge_amount": charge.quantize(Decimal("0.01")),
            "service_date_from": service.service_date_from,
            "service_date_to": service.service_date_to or service.service_date_from,
            "diagnosis_pointers": pointers[:POINTERS_MAX],
            "place_of_service": service.place_of_service or encounter.place_of_service,
            "revenue_code": service.revenue_code or (row.revenue_code if row else ""),
            "ndc": service.ndc,
            "rendering_provider": service.rendering_provider,
            "note": service.note,
        }
    )


def _is_code(code: str, length_max: int) -> bool:
    return len(code) <= length_max and CODE.fullmatch(code) is not None


def _refuse_code(kind: str, where: str, system: str) -> Finding:
    """Words, a code with words behind it, or one with its modifiers: the coder reads the record for what is meant."""
    return Finding(
        code=f"{kind}_code_unreadable",
        severity="hold",
        owner="coder",
        where=where,
        what=f"what stands there as {system} code is none: a code is letters and digits alone, and has a digit",
        remedy="send the bare code, words as the description and modifiers in their own field; or `revcycle correct`",
    )


def _uncoded(kind: str, item: Diagnosis | Service) -> UncodedItem:
    return UncodedItem.model_validate(
        {"kind": kind, "system": item.system, "code": item.code, "description": item.description}
    )
