"""Hospital claims: type of bill, revenue codes, present on admission, hours, status and dates of the stay."""

import re
from collections.abc import Iterator
from datetime import date

from processors.coding.edits.case import Check, Edit, EditedEncounter
from schemas.code_ranges import is_between
from schemas.encounter import HospitalBill
from schemas.findings import Finding

_BILL = re.compile(r"0?([1-9][1-9])([0-9A-Z])", re.ASCII)
_INPATIENT_BILLS = frozenset(["11", "12", "18", "21", "41"])
_STAYS = frozenset(["11", "18", "21", "41"])  # 12 is inpatient Part B: no admission is reported
_FINAL = frozenset(["1", "4"])  # CLM05-3: admit through discharge, last claim of a series
_INTERIM = frozenset(["2", "3"])
_STILL_PATIENT = "30"
_HOUR = re.compile(r"([01]\d|2[0-3])([0-5]\d)?", re.ASCII)
_STATUS = re.compile(r"\d{2}", re.ASCII)
_AMBULANCE = ("0540", "0549")
_REVENUE = re.compile(r"[0-3]\d{3}", re.ASCII)
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
_GUIDE = "X12 005010X223A2 2300"
_MANUAL_25 = "Medicare Claims Processing Manual ch. 25 s. 75"

BILL_TYPE_INVALID = Edit(
    "type_of_bill_invalid", "hold", "biller",
    "A hospital claim needs a type of bill of three characters, with or without a leading zero.",
    "Enter the facility, the care and the frequency, such as 0131 or 0111.",
    f"{_GUIDE} CLM05; {_MANUAL_25}.1",
)  # fmt: skip
BILL_TYPE_AGAINST_CLASS = Edit(
    "type_of_bill_against_class", "hold", "biller",
    "Type of bill {bill} is for {kind}, and the encounter is not.",
    "Correct the type of bill, or the class of the encounter.",
    f"{_GUIDE} CLM05; {_MANUAL_25}.1",
)  # fmt: skip
STATEMENT_MISSING = Edit(
    "statement_dates_missing", "hold", "biller",
    "The statement needs its first and its last day.",
    "Enter the dates that the bill covers.",
    f"{_GUIDE} DTP*434",
)  # fmt: skip
STATEMENT_REVERSED = Edit(
    "statement_dates_reversed", "hold", "biller",
    "The statement ends before it begins.",
    "Correct the dates that the bill covers.",
    f"{_GUIDE} DTP*434",
)  # fmt: skip
OUTSIDE_STATEMENT = Edit(
    "service_outside_statement", "hold", "biller",
    "The service lies outside the statement dates.",
    "Correct the dates, or bill it with its own statement.",
    f"{_GUIDE} DTP*434",
)  # fmt: skip
ADMISSION_HOUR = Edit(
    "admission_hour_missing", "hold", "front desk",
    "An inpatient bill needs the hour of admission, 00 to 23.",
    "Enter it from the registration.",
    f"{_GUIDE} DTP*435",
)  # fmt: skip
DISCHARGE_HOUR = Edit(
    "discharge_hour_missing", "hold", "front desk",
    "A final inpatient bill needs the hour of discharge, 00 to 23.",
    "Enter it from the registration.",
    f"{_GUIDE} DTP*096",
)  # fmt: skip
ADMISSION_TYPE = Edit(
    "admission_type_missing", "hold", "front desk",
    "An inpatient bill needs the priority of the admission and its point of origin.",
    "Enter both from the registration.",
    f"{_GUIDE} CL101, CL102",
)  # fmt: skip
STATUS_MISSING = Edit(
    "patient_status_missing", "hold", "biller",
    "A hospital claim needs the patient's discharge status, two digits.",
    "Enter it from the discharge, 01 for home.",
    f"{_GUIDE} CL103",
)  # fmt: skip
STATUS_AGAINST_BILL = Edit(
    "patient_status_against_bill", "hold", "biller",
    "Status {status} does not go with frequency {frequency} of the type of bill.",
    "An interim bill (2, 3) has status 30, still a patient; a final one (1, 4) has another.",
    f"{_GUIDE} CL103; {_MANUAL_25}.1",
)  # fmt: skip
ADMITTING_DIAGNOSIS = Edit(
    "admitting_diagnosis_missing", "hold", "coder",
    "An inpatient bill needs the diagnosis at admission.",
    "Code the reason for the admission as it was known then.",
    f"{_GUIDE} HI*ABJ",
)  # fmt: skip
ATTENDING_MISSING = Edit(
    "attending_provider_missing", "hold", "biller",
    "A hospital claim names the attending provider, except for transport that is not scheduled.",
    "Enter who was responsible for the patient's care.",
    "X12 005010X223A2 2310A",
)  # fmt: skip
REVENUE_CODE_INVALID = Edit(
    "revenue_code_invalid", "hold", "biller",
    "{revenue} is no revenue code for a line.",
    "Use four digits; the total 0001 is no line of the 837I.",
    "X12 005010X223A2 SV201",
)  # fmt: skip
REVENUE_CODE_MISSING = Edit(
    "revenue_code_missing", "hold", "biller",
    "The line of a hospital claim has no revenue code.",
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
    f"{_GUIDE} DTP*435, DTP*434",
)  # fmt: skip


def check_revenue_codes(case: EditedEncounter) -> Iterator[Finding]:
    """Revenue codes of the lines."""
    for line in case.lines:
        revenue = line.line.revenue_code
        if not revenue:
            yield REVENUE_CODE_MISSING.breach(line.where)
        elif not _REVENUE.fullmatch(revenue) or revenue == _TOTAL:
            yield REVENUE_CODE_INVALID.breach(line.where, revenue=revenue)
        elif (fits := _PROCEDURES_OF.get(revenue[:3])) and not is_between(line.code, *fits):
            yield REVENUE_CODE_PAIR.breach(line.where, code=line.code, revenue=revenue)


def check_statement_lines(case: EditedEncounter) -> Iterator[Finding]:
    """Each service within the dates that the bill covers."""
    bill = _bill_of(case)
    if bill.statement_from is None or bill.statement_to is None:
        return
    for line in case.lines:
        if line.on < bill.statement_from or line.line.service_date_to > bill.statement_to:
            yield OUTSIDE_STATEMENT.breach(line.where)


def check_bill(case: EditedEncounter) -> Iterator[Finding]:
    """Type of bill, statement dates, status and attending provider."""
    bill = _bill_of(case)
    facility, frequency = read_bill_type(bill)
    if not facility:
        yield BILL_TYPE_INVALID.breach("type of bill")
    elif (facility in _INPATIENT_BILLS) != case.is_inpatient:
        kind = "inpatients" if facility in _INPATIENT_BILLS else "outpatients"
        yield BILL_TYPE_AGAINST_CLASS.breach("type of bill", bill=facility + frequency, kind=kind)
    if bill.statement_from is None or bill.statement_to is None:
        yield STATEMENT_MISSING.breach("statement")
    elif bill.statement_to < bill.statement_from:
        yield STATEMENT_REVERSED.breach("statement")
    if not _STATUS.fullmatch(bill.patient_status):
        yield STATUS_MISSING.breach("patient status")
    elif _contradicts(bill.patient_status, frequency, case.is_inpatient):
        yield STATUS_AGAINST_BILL.breach("patient status", status=bill.patient_status, frequency=frequency)
    is_transport = bool(case.lines) and all(_is_ambulance(line.line.revenue_code) for line in case.lines)
    if bill.attending_provider is None and not is_transport:
        yield ATTENDING_MISSING.breach("attending provider")


def _contradicts(status: str, frequency: str, is_inpatient: bool) -> bool:
    is_still_here = status == _STILL_PATIENT
    return is_inpatient and ((is_still_here and frequency in _FINAL) or (not is_still_here and frequency in _INTERIM))


def check_stay(case: EditedEncounter) -> Iterator[Finding]:
    """Dates, hours, priority, origin and admitting diagnosis of an inpatient stay."""
    bill = _bill_of(case)
    facility, frequency = read_bill_type(bill)
    if not case.is_inpatient:
        return
    admitted, discharged = case.encounter.admission_date, case.encounter.discharge_date
    if admitted is None or (discharged or date.max) < admitted:
        yield STAY_DATES.breach("stay")
    if facility not in _STAYS:
        return
    if not _HOUR.fullmatch(bill.admission_hour):
        yield ADMISSION_HOUR.breach("admission hour")
    if frequency in _FINAL and not _HOUR.fullmatch(bill.discharge_hour):
        yield DISCHARGE_HOUR.breach("discharge hour")
    if not (bill.admission_type and bill.admission_source):
        yield ADMISSION_TYPE.breach("admission")
    if not bill.admitting_diagnosis:
        yield ADMITTING_DIAGNOSIS.breach("admitting diagnosis")


def check_present_on_admission(case: EditedEncounter) -> Iterator[Finding]:
    """Present on admission for each diagnosis of an inpatient stay."""
    if not case.is_inpatient:
        return
    for (where, code, _), diagnosis in zip(case.diagnoses, case.encounter.diagnoses, strict=True):
        if not diagnosis.present_on_admission and code[:1] not in _POA_EXEMPT:
            yield POA_MISSING.breach(where, code=code)


def read_bill_type(bill: HospitalBill) -> tuple[str, str]:
    """(facility and care, frequency) of UB-04 form locator 4: `0131` gives 13 and 1; empty when it is none."""
    match = _BILL.fullmatch(bill.type_of_bill)
    return (match[1], match[2]) if match else ("", "")


def _bill_of(case: EditedEncounter) -> HospitalBill:
    assert case.encounter.hospital is not None  # these checks judge hospital claims only
    return case.encounter.hospital


def _is_ambulance(revenue_code: str) -> bool:
    return _AMBULANCE[0] <= revenue_code <= _AMBULANCE[1]


_BILL_EDITS = (
    BILL_TYPE_INVALID, BILL_TYPE_AGAINST_CLASS, STATEMENT_MISSING, STATEMENT_REVERSED, STATUS_MISSING,
    STATUS_AGAINST_BILL, ATTENDING_MISSING,
)  # fmt: skip
_STAY_EDITS = (STAY_DATES, ADMISSION_HOUR, DISCHARGE_HOUR, ADMISSION_TYPE, ADMITTING_DIAGNOSIS)
_REVENUE_EDITS = (REVENUE_CODE_MISSING, REVENUE_CODE_INVALID, REVENUE_CODE_PAIR)

CHECKS = (
    Check(check_revenue_codes, _REVENUE_EDITS, form="institutional"),
    Check(check_statement_lines, (OUTSIDE_STATEMENT,), form="institutional"),
    Check(check_present_on_admission, (POA_MISSING,), scope="diagnosis", form="institutional"),
    Check(check_bill, _BILL_EDITS, scope="encounter", form="institutional"),
    Check(check_stay, _STAY_EDITS, scope="encounter", form="institutional"),
)
