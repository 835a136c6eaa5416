"""The HI families of an institutional claim: segments to codes and back, one HI a family, twelve codes in each."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from schemas.x12.claim_loops import Loop
from schemas.x12.claim_writing import ClaimWriter, Row
from schemas.x12.elements import format_date, format_number, parse_amount, read_date
from schemas.x12.tokens import Segment
from schemas.x12.x837i_005010x223a2.models import ClaimValue, Diagnosis, InstitutionalCodes, Occurrence, Procedure

CODES_PER_SEGMENT = 12
# ICD-10 qualifier -> that of ICD-9, in the order the guide writes the families.
FAMILIES = {
    "ABK": "BK", "ABJ": "BJ", "APR": "PR", "ABN": "BN", "DR": "DR", "ABF": "BF", "BBR": "BR", "BBQ": "BQ",
    "BI": "BI", "BH": "BH", "BE": "BE", "BG": "BG", "TC": "TC",
}  # fmt: skip
OLD = {old: new for new, old in FAMILIES.items() if old != new}


def read_codes(claim: Loop) -> tuple[InstitutionalCodes, list[Segment]]:
    """The codes of the claim's HI segments, and those segments that hold a family of an unknown qualifier."""
    found: dict[str, list[list[str]]] = {}
    unknown: list[Segment] = []
    version = 10
    for segment in claim.segments:
        if segment.id != "HI":
            continue
        items = [segment.composite(n)[0] for n in range(1, len(segment) + 1) if segment[n]]
        names = {OLD.get(item[0], item[0]) for item in items}
        if not names <= FAMILIES.keys():
            unknown.append(segment)
            continue
        for item in items:
            if item[0] in OLD:
                version = 9
            padded = [*item, *[""] * 9][:9]
            found.setdefault(OLD.get(item[0], item[0]), []).append(padded)
    return _make_codes(found, version), unknown


def _make_codes(found: dict[str, list[list[str]]], version: int) -> InstitutionalCodes:
    def diagnoses(name: str) -> tuple[Diagnosis, ...]:
        return tuple(Diagnosis(item[1], item[8]) for item in found.get(name, ()))

    def procedures(name: str) -> tuple[Procedure, ...]:
        return tuple(Procedure(item[1], read_date(item[3])) for item in found.get(name, ()))

    def plain(name: str) -> tuple[str, ...]:
        return tuple(item[1] for item in found.get(name, ()))

    def occurrences(name: str) -> tuple[Occurrence, ...]:
        spans = ((item[1], *item[3].partition("-")[::2]) for item in found.get(name, ()))
        return tuple(Occurrence(code, read_date(first), read_date(last)) for code, first, last in spans)

    return InstitutionalCodes(
        principal_diagnosis=next(iter(diagnoses("ABK")), None),
        admitting_diagnosis=next(iter(plain("ABJ")), ""),
        visit_reasons=plain("APR"),
        external_causes=diagnoses("ABN"),
        other_diagnoses=diagnoses("ABF"),
        drg=next(iter(plain("DR")), ""),
        principal_procedure=next(iter(procedures("BBR")), None),
        other_procedures=procedures("BBQ"),
        occurrence_spans=occurrences("BI"),
        occurrences=occurrences("BH"),
        values=tuple(ClaimValue(item[1], _amount(item[4])) for item in found.get("BE", ())),
        conditions=plain("BG"),
        treatments=plain("TC"),
        icd_version=version,
    )


def _amount(text: str) -> Decimal:
    """The amount of a value code; 0.00 where the file's is none (the validator reports it)."""
    try:
        return parse_amount(text)
    except ValueError:
        return Decimal("0.00")


def write_codes(out: ClaimWriter, codes: InstitutionalCodes) -> Iterator[Row]:
    """The HI segments in the guide's order."""
    c = codes
    families: dict[str, list[tuple[str, ...]]] = {
        "ABK": [_diagnosis(d) for d in ([c.principal_diagnosis] if c.principal_diagnosis else [])],
        "ABJ": [(c.admitting_diagnosis,)] if c.admitting_diagnosis else [],
        "APR": [(code,) for code in c.visit_reasons],
        "ABN": [_diagnosis(d) for d in c.external_causes],
        "DR": [(c.drg,)] if c.drg else [],
        "ABF": [_diagnosis(d) for d in c.other_diagnoses],
        "BBR": [_procedure(p) for p in ([c.principal_procedure] if c.principal_procedure else [])],
        "BBQ": [_procedure(p) for p in c.other_procedures],
        "BI": [(o.code, "RD8", f"{format_date(o.day)}-{format_date(o.end_day)}") for o in c.occurrence_spans],
        "BH": [(o.code, "D8", format_date(o.day)) for o in c.occurrences],
        "BE": [(v.code, "", "", format_number(v.amount)) for v in c.values],
        "BG": [(code,) for code in c.conditions],
        "TC": [(code,) for code in c.treatments],
    }
    for name, items in families.items():
        qualifier = name if c.icd_version == 10 else FAMILIES[name]
        yield from _write_family(out, qualifier, items)


def _write_family(out: ClaimWriter, qualifier: str, items: Sequence[tuple[str, ...]]) -> Iterator[Row]:
    for start in range(0, len(items), CODES_PER_SEGMENT):
        batch: Iterable[tuple[str, ...]] = items[start : start + CODES_PER_SEGMENT]
        yield ("HI", *(out.composite(qualifier, *item) for item in batch))


def _diagnosis(diagnosis: Diagnosis) -> tuple[str, ...]:
    return (diagnosis.code, *("",) * 6, diagnosis.present_on_admission)


def _procedure(procedure: Procedure) -> tuple[str, ...]:
    return (procedure.code, "D8", format_date(procedure.day)) if procedure.day else (procedure.code,)
