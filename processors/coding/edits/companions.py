"""What a line must say or have beside it: therapy plan, active treatment, telehealth, vaccine and injection, unlisted.

Codes are ranges by the numbering of CPT and HCPCS, easy to correct; the lists behind them change each year.
"""

from collections.abc import Iterator
from datetime import date

from processors.coding.edits.case import MEDICARE, Check, Edit, EditedEncounter, Line
from schemas.code_ranges import is_between
from schemas.findings import Finding

_LIABILITY_MODIFIERS = frozenset(["GA", "GX", "GY", "GZ"])  # billed knowing that Medicare will deny
# CMS, therapy code list: services that are therapy whoever gives them.
_ALWAYS_THERAPY = (
    ("92507", "92508"), ("92521", "92524"), ("92526", "92526"), ("92597", "92597"), ("92607", "92609"),
    ("96125", "96125"), ("97012", "97012"), ("97016", "97039"), ("97110", "97124"), ("97139", "97168"),
    ("97530", "97530"), ("97533", "97542"), ("97750", "97755"), ("97760", "97763"), ("97799", "97799"),
    ("G0281", "G0281"), ("G0283", "G0283"), ("G0329", "G0329"),
)  # fmt: skip
_PLANS = frozenset(["GN", "GO", "GP"])
_SPINE = (("98940", "98942"),)
_BY_VIDEO = frozenset(["95", "GT"])
_TELEHEALTH_PLACES = frozenset(["02", "10"])
_PLACES_SINCE = date(2024, 1, 1)
_VACCINES = (("90476", "90759"), ("91300", "91399"), ("Q2034", "Q2039"))
_INJECTIONS = (("90460", "90474"), ("90480", "90480"), ("0001A", "0999A"), ("G0008", "G0010"), ("M0201", "M0201"))
_UNLISTED_ENDING = "99"  # CPT's unlisted services of each chapter
_NOT_CLASSIFIED = frozenset(["A9999", "E1399", "J3490", "J3590", "J7999", "J9999", "L9999"])

THERAPY_PLAN = Edit(
    "therapy_modifier_missing", "hold", "coder",
    "{code} is always therapy for Medicare, and the line says no plan of care.",
    "Add GP (physical), GO (occupational) or GN (speech) of the plan under which it was done.",
    "Medicare Claims Processing Manual ch. 5 s. 20.1",
    MEDICARE,
    is_policy=True,
)  # fmt: skip
ACTIVE_TREATMENT = Edit(
    "modifier_at_missing", "hold", "coder",
    "{code} without AT is maintenance, which Medicare does not pay.",
    "Add AT when the record shows active treatment; maintenance needs a signed ABN beforehand.",
    "Medicare Benefit Policy Manual ch. 15 s. 240.1.3; Claims Processing Manual ch. 12 s. 220",
    MEDICARE,
    is_policy=True,
)  # fmt: skip
TELEHEALTH_PLACE = Edit(
    "telehealth_place", "warn", "coder",
    "{modifier} tells of telehealth, and the place of service is {place}.",
    "Use 10 when the patient was at home, 02 when elsewhere; remove the modifier when they met.",
    "Medicare Claims Processing Manual ch. 12 s. 190.3 and 190.6; place of service code set",
    MEDICARE,
)  # fmt: skip
NO_INJECTION = Edit(
    "vaccine_without_administration", "warn", "coder",
    "{code} is a vaccine, and nobody bills its administration that day.",
    "Add the administration, or remove the vaccine that was not given.",
    "Medicare Claims Processing Manual ch. 18 s. 10.2",
)  # fmt: skip
NO_VACCINE = Edit(
    "administration_without_vaccine", "warn", "coder",
    "{code} administers a vaccine, and none is billed that day.",
    "Add the vaccine, at no charge when it was supplied free.",
    "Medicare Claims Processing Manual ch. 18 s. 10.2",
)  # fmt: skip
NO_DESCRIPTION = Edit(
    "unlisted_without_description", "warn", "coder",
    "{code} names no service of its own, and the line does not say what was done.",
    "Describe it in the line's note, with the drug and dose or the comparable procedure.",
    "X12 005010X222A1 SV101-7; Medicare Claims Processing Manual ch. 26 s. 10.4 item 19",
)  # fmt: skip


def check_plans(case: EditedEncounter) -> Iterator[Finding]:
    """Therapy and manipulation of the spine, whose modifier says why Medicare pays."""
    for line in case.lines:
        if not _LIABILITY_MODIFIERS.isdisjoint(line.modifier_set):
            continue
        if _PLANS.isdisjoint(line.modifier_set) and is_between(line.code, *_ALWAYS_THERAPY):
            yield THERAPY_PLAN.breach(line.where, code=line.code)
        elif "AT" not in line.modifier_set and is_between(line.code, *_SPINE):
            yield ACTIVE_TREATMENT.breach(line.where, code=line.code)


def check_telehealth(case: EditedEncounter) -> Iterator[Finding]:
    """Since 2024 the place of service says where the patient was."""
    for line in case.lines:
        modifier = next((modifier for modifier in line.modifiers if modifier in _BY_VIDEO), "")
        place = line.place_of_service
        if modifier and place and place not in _TELEHEALTH_PLACES and line.on >= _PLACES_SINCE:
            yield TELEHEALTH_PLACE.breach(line.where, modifier=modifier, place=place)


def check_vaccines(case: EditedEncounter) -> Iterator[Finding]:
    """A vaccine and its administration, on this or another encounter of the day."""
    for line in case.lines:
        if is_between(line.code, *_VACCINES):
            if not _has_beside(case, line, _INJECTIONS):
                yield NO_INJECTION.breach(line.where, code=line.code)
        elif is_between(line.code, *_INJECTIONS) and not _has_beside(case, line, _VACCINES):
            yield NO_VACCINE.breach(line.where, code=line.code)


def _has_beside(case: EditedEncounter, line: Line, ranges: tuple[tuple[str, str], ...]) -> bool:
    here = (other.code for other in case.lines if other.on == line.on)
    return any(is_between(code, *ranges) for code in here) or any(
        old.service_date == line.on and is_between(old.code, *ranges) for old in case.history
    )


def check_described(case: EditedEncounter) -> Iterator[Finding]:
    """Unlisted services and drugs, which a payer can price by their description alone."""
    for line in case.lines:
        is_unlisted = line.code.isdecimal() and line.code.endswith(_UNLISTED_ENDING)
        if (is_unlisted or line.code in _NOT_CLASSIFIED) and not line.line.note.strip():
            yield NO_DESCRIPTION.breach(line.where, code=line.code)


CHECKS = (
    Check(check_plans, (THERAPY_PLAN, ACTIVE_TREATMENT)),
    Check(check_telehealth, (TELEHEALTH_PLACE,), form="professional"),
    Check(check_vaccines, (NO_INJECTION, NO_VACCINE)),
    Check(check_described, (NO_DESCRIPTION,)),
)
