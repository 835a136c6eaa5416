"""Procedure codes by themselves: the right code system, known, in force, payable under the Medicare fee schedule."""

from collections.abc import Iterator

from processors.coding.edits.case import MEDICARE, Check, Edit, EditedEncounter, is_cpt, is_hcpcs
from schemas.codesets import DatedCode
from schemas.findings import Finding

_45_CFR = "45 CFR 162.1002"
_STATUS = "Medicare physician fee schedule, status code; Medicare Claims Processing Manual ch. 23 addendum"
_VALID_THEN = "45 CFR 162.1000: the code valid at the time the service is furnished"
# Status codes of the fee schedule by which Medicare itself takes no code or pays none. What X, E, C, R and J name is
# paid elsewhere: the laboratory, ambulance and DMEPOS schedules, average sales price, by the contractor, by time.
_NOT_PAYABLE = {
    "D": "deleted or discontinued",
    "F": "deleted or discontinued",
    "G": "not valid for Medicare; another code is used",
    "H": "a deleted modifier combination",
    "I": "not valid for Medicare; another code is used",
    "N": "not covered by Medicare",
}
_BUNDLED = frozenset(["B", "P"])
_ONLY_REPORTS = frozenset(["99024"])  # a visit within global days: sent to be counted, never paid (CPM 12 s. 40.1)
_LIABILITY_MODIFIERS = frozenset(["GA", "GX", "GY", "GZ"])  # billed knowing that Medicare will deny

SHAPE = Edit(
    "procedure_shape", "hold", "coder",
    "{code} does not have the shape of a {system} code.",
    "Look the code up again, and check its code system.",
    _45_CFR,
)  # fmt: skip
WRONG_SYSTEM = Edit(
    "procedure_wrong_code_system", "hold", "coder",
    "{code} is sent as {system} and has the shape of a {other} code.",
    "Correct the code system, or the code.",
    _45_CFR,
)  # fmt: skip
HCPCS_UNKNOWN = Edit(
    "hcpcs_unknown", "hold", "coder",
    "HCPCS Level II has no code {code}.",
    "Correct the code from the documentation.",
    _45_CFR,
)  # fmt: skip
HCPCS_NOT_IN_FORCE = Edit(
    "hcpcs_not_in_force", "hold", "coder",
    "{code} is not in force on the date of service (HCPCS Level II: {dates}).",
    "Use the code that was valid on that day.",
    _VALID_THEN,
)  # fmt: skip
CPT_UNKNOWN = Edit(
    "cpt_unknown", "hold", "coder",
    "The licensed CPT file has no code {code}.",
    "Correct the code from the documentation.",
    _45_CFR,
)  # fmt: skip
CPT_NOT_IN_FORCE = Edit(
    "cpt_not_in_force", "hold", "coder",
    "{code} is not in force on the date of service (CPT: {dates}).",
    "Use the code that was valid on that day.",
    _VALID_THEN,
)  # fmt: skip
NOT_PAYABLE = Edit(
    "procedure_status_not_payable", "hold", "coder",
    "{code} has status {status} in the physician fee schedule ({release}): {meaning}.",
    "Bill the code that Medicare takes instead, or remove the line. Who pays for what Medicare never covers is settled "
    "with the patient beforehand; a modifier alone does not make it theirs.",
    _STATUS,
    MEDICARE,
    is_policy=True,
)  # fmt: skip
BUNDLED = Edit(
    "procedure_bundled", "warn", "coder",
    "{code} has status {status} in the physician fee schedule ({release}): its payment is part of other services.",
    "Nothing is to be collected for it, from Medicare or the patient; remove the line unless it only reports.",
    _STATUS,
    MEDICARE,
)  # fmt: skip


def check_shape(case: EditedEncounter) -> Iterator[Finding]:
    """A code that has not the shape of its code system. Thousands of ICD-10-CM codes look like HCPCS: never guess."""
    for line in case.lines:
        system = line.line.code_system
        looks_cpt, looks_hcpcs = is_cpt(line.code), is_hcpcs(line.code)
        if looks_cpt if system == "CPT" else looks_hcpcs:
            continue
        if looks_cpt or looks_hcpcs:
            other = "CPT" if looks_cpt else "HCPCS"
            yield WRONG_SYSTEM.breach(line.where, code=line.code, system=system, other=other)
        else:
            yield SHAPE.breach(line.where, code=line.code, system=system)


def check_hcpcs_known(case: EditedEncounter) -> Iterator[Finding]:
    """HCPCS Level II codes against CMS's file."""
    for line in case.lines:
        # The dental association's codes (D) are Level II, and stand in its own file alone.
        if line.line.code_system == "HCPCS" and is_hcpcs(line.code) and line.code[0] != "D":
            found = case.codesets.hcpcs(line.code, line.on)
            if found is None:
                yield HCPCS_UNKNOWN.breach(line.where, code=line.code)
            elif not found.is_in_force(line.on):
                yield HCPCS_NOT_IN_FORCE.breach(line.where, code=line.code, dates=_spell_dates(found))


def check_cpt_known(case: EditedEncounter) -> Iterator[Finding]:
    """CPT codes against the user's licensed file."""
    for line in case.lines:
        if line.line.code_system == "CPT" and is_cpt(line.code):
            found = case.codesets.cpt(line.code, line.on)
            if found is None:
                yield CPT_UNKNOWN.breach(line.where, code=line.code)
            elif not found.is_in_force(line.on):
                yield CPT_NOT_IN_FORCE.breach(line.where, code=line.code, dates=_spell_dates(found))


def _spell_dates(row: DatedCode) -> str:
    return f"from {row.effective_from or 'the beginning'} to {row.effective_to or 'now'}"


def check_status(case: EditedEncounter) -> Iterator[Finding]:
    """Codes that Medicare does not pay under the fee schedule; other payers follow their own, suppliers another."""
    for line in case.lines:
        fee = line.fee
        if fee is None or line.code in _ONLY_REPORTS or not _LIABILITY_MODIFIERS.isdisjoint(line.modifier_set):
            continue
        facts = {"code": line.code, "status": fee.status, "release": fee.release}
        if meaning := _NOT_PAYABLE.get(fee.status):
            yield NOT_PAYABLE.breach(line.where, meaning=meaning, **facts)
        elif fee.status in _BUNDLED:
            yield BUNDLED.breach(line.where, **facts)


CHECKS = (
    Check(check_shape, (SHAPE, WRONG_SYSTEM)),
    Check(check_hcpcs_known, (HCPCS_UNKNOWN, HCPCS_NOT_IN_FORCE), ("hcpcs",)),
    Check(check_cpt_known, (CPT_UNKNOWN, CPT_NOT_IN_FORCE), ("cpt",)),
    Check(check_status, (NOT_PAYABLE, BUNDLED), ("pfs",), settings=("practitioner", "medicaid_practitioner")),
)
