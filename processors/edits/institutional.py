"""Hospital claims: revenue codes, present on admission, the dates of the stay."""

import re
from collections.abc import Iterator

from processors.edits.case import Case, Check, Edit, is_between
from schemas.findings import Finding

_REVENUE = re.compile(r"0\d{3}|[12]\d{3}|3\d{3}", re.ASCII)
_TOTAL = "0001"
# Chapters whose codes are mostly exempt from reporting (CMS's exempt list is not loaded).
_POA_EXEMPT = "VWXYZ"
# Revenue codes by their first three digits, and the procedures that belong to them; a starting point (m).
_PROCEDURES_OF = {
    "030": (("80047", "89398"), ("0001U", "0999U"), ("36400", "36425"), ("G0000", "G9999"), ("P2028", "P9999")),
    "032": (("70010", "79999"),),
    "035": (("70010", "79999"),),
    "040": (("70010", "79999"), ("G0000", "G9999")),
    "061": (("70010", "79999"), ("C8900", "C8999")),
    "045": (("99281", "99292"), ("10004", "69990"), ("90281", "99199"), ("G0380", "G0384")),
}

REVENUE_CODE_INVALID = Edit(
    "revenue_code_invalid", "hold", "biller",
    "{revenue} is no revenue code for a line.",
    "Use four digits; the total 0001 is no line of the 837I.",
    "X12 005010X223A2 SV201",
)  # fmt: skip
REVENUE_CODE_MISSING = Edit(
    "revenue_code_missing", "hold", "biller",
    "The line has no revenue code, other lines of the claim have one.",
    "Add the revenue code of the department.",
    "X12 005010X223A2 SV201",
)  # fmt: skip
REVENUE_CODE_PAIR = Edit(
    "revenue_code_against_procedure", "warn", "biller",
    "{code} does not belong under revenue code {revenue}.",
    "Correct the revenue code in the charge master.",
    "Medicare Claims Processing Manual ch. 4 s. 20",
)  # fmt: skip
POA_MISSING = Edit(
    "poa_missing", "hold", "coder",
    "{code} has no present-on-admission indicator.",
    "Add Y, N, U or W from the documentation.",
    "Deficit Reduction Act 2005 s. 5001(c); X12 005010X223A2 HI",
)  # fmt: skip
STAY_DATES = Edit(
    "stay_dates_invalid", "hold", "biller",
    "An inpatient stay needs an admission date, and a discharge that is not before it.",
    "Correct the dates of the stay.",
    "X12 005010X223A2 DTP*435, DTP*434",
)  # fmt: skip


def check_revenue_codes(case: Case) -> Iterator[Finding]:
    """Revenue codes of an institutional claim."""
    if not case.is_institutional:
        return
    for line in case.lines:
        revenue = line.line.revenue_code
        if not revenue:
            yield REVENUE_CODE_MISSING.breach(line.where)
        elif not _REVENUE.fullmatch(revenue) or revenue == _TOTAL:
            yield REVENUE_CODE_INVALID.breach(line.where, revenue=revenue)
        elif (fits := _PROCEDURES_OF.get(revenue[:3])) and not is_between(line.code, *fits):
            yield REVENUE_CODE_PAIR.breach(line.where, code=line.code, revenue=revenue)


def check_stay(case: Case) -> Iterator[Finding]:
    """Present on admission for each diagnosis, and the dates of an inpatient hospital stay."""
    if not (case.is_inpatient and case.is_institutional):
        return
    encounter = case.encounter
    for (where, code, _), diagnosis in zip(case.diagnoses, encounter.diagnoses, strict=True):
        if not diagnosis.present_on_admission and code[:1] not in _POA_EXEMPT:
            yield POA_MISSING.breach(where, code=code)
    admitted, discharged = encounter.admission_date, encounter.discharge_date
    if admitted is None or (discharged is not None and discharged < admitted):
        yield STAY_DATES.breach("stay")


CHECKS = (
    Check(check_revenue_codes, (REVENUE_CODE_MISSING, REVENUE_CODE_INVALID, REVENUE_CODE_PAIR)),
    Check(check_stay, (POA_MISSING, STAY_DATES)),
)
