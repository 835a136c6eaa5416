"""Situations for edits: a clean office visit by default, one change a test, and code sets of a few rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal, get_args

from processors.coding.edits import CHECKS, judge_encounter
from schemas.codesets import (
    AddOnCode,
    Article,
    CodeReference,
    DatedCode,
    FeeScheduleRow,
    Icd10Code,
    Icd10Notes,
    MapRow,
    Mue,
    MueSetting,
    PtpEdit,
    Setting,
)
from schemas.encounter import (
    Address,
    CodedDiagnosis,
    CodedEncounter,
    CodedLine,
    Coverage,
    HospitalBill,
    Patient,
    Provider,
)
from schemas.findings import Finding
from schemas.history import PatientHistory, add_encounter
from schemas.reference import PayerTermsRow

DAY = date(2026, 10, 14)
NPI, OTHER_NPI = "1234567893", "1245319599"
ADDRESS = Address(line1="1 MAIN ST", city="SPRINGFIELD", state="IL", postal_code="62701")
ALL_KINDS = frozenset(kind for check in CHECKS for kind in (*check.needs, *check.any_of))


def icd(code: str, words: str = "words", **changes: object) -> Icd10Code:
    """A billable code in force in FY2027."""
    row = Icd10Code(code, True, words, "FY2027", True, date(2026, 10, 1), date(2027, 9, 30))
    return replace(row, **changes)  # type: ignore[arg-type]


def dated(code: str, start: date | None = None, end: date | None = None) -> DatedCode:
    return DatedCode(code, "words", start, end, "2026 Q4")


def fee(code: str, **changes: object) -> FeeScheduleRow:
    """An active code without global days that takes no 26, TC or 50."""
    row = FeeScheduleRow(code, "", "A", "0", "XXX", "0", "0", False, False, "2026 Q4")
    return replace(row, **changes)  # type: ignore[arg-type]


def ptp(column1: str, column2: str, indicator: Literal["0", "1", "9"]) -> PtpEdit:
    return PtpEdit(column1, column2, date(2015, 1, 1), None, indicator, "misuse", "v323 f1")


@dataclass
class Tables:
    """The `CodeSets` port over a few rows; every set counts as loaded."""

    icd10: Mapping[str, Icd10Code] = field(
        default_factory=lambda: {code: icd(code) for code in ("E1165", "I10", "M5459", "J069")}
    )
    notes: Mapping[str, Icd10Notes] = field(default_factory=dict)
    exclusions: Mapping[tuple[str, str], str] = field(default_factory=dict)
    dated_codes: Mapping[str, DatedCode] = field(default_factory=dict)
    fees: Mapping[str, FeeScheduleRow] = field(default_factory=dict)
    pairs: tuple[PtpEdit, ...] = ()
    mues: Mapping[str, Mue] = field(default_factory=dict)
    mues_of: Mapping[MueSetting, Mapping[str, Mue]] = field(default_factory=dict)  # where one kind of claim has its own
    add_ons: Mapping[str, AddOnCode] = field(default_factory=dict)
    coverage: Mapping[str, tuple[Article, ...]] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset(["J9998"])  # to the HCPCS file
    kinds: frozenset[str] = ALL_KINDS

    def icd10cm(self, code: str, on: date) -> Icd10Code | None:
        return self.icd10.get(code)

    def icd10cm_notes(self, code: str, on: date) -> Icd10Notes | None:
        return self.notes.get(code)

    def excludes1(self, one: str, other: str, on: date) -> CodeReference | None:
        stated_at = self.exclusions.get((one, other)) or self.exclusions.get((other, one))
        return CodeReference(stated_at, other, other) if stated_at else None

    def hcpcs(self, code: str, on: date) -> DatedCode | None:
        return self.dated_codes.get(code, None if code in self.unknown else dated(code))

    def modifier(self, code: str, on: date) -> DatedCode | None:
        return self.dated_codes.get(code, dated(code) if code != "ZZ" else None)

    def cpt(self, code: str, on: date) -> DatedCode | None:
        return self.dated_codes.get(code, dated(code) if code != "99999" else None)

    def place_of_service(self, code: str, on: date) -> DatedCode | None:
        return dated(code) if code in ("11", "12", "21", "22", "23") else None

    def ptp(self, setting: Setting, column1: str, column2: str, on: date) -> PtpEdit | None:
        return next((row for row in self.pairs if (row.column1, row.column2) == (column1, column2)), None)

    def mue(self, setting: MueSetting, code: str, on: date) -> Mue | None:
        assert setting in get_args(MueSetting)
        return self.mues_of[setting].get(code) if setting in self.mues_of else self.mues.get(code)

    def fee_schedule(self, code: str, modifier: str, on: date) -> FeeScheduleRow | None:
        return self.fees.get(f"{code}:{modifier}" if modifier else code)

    def add_on(self, code: str, on: date) -> AddOnCode | None:
        return self.add_ons.get(code)

    def articles(self, procedure: str, on: date) -> tuple[Article, ...]:
        return self.coverage.get(procedure, ())

    def snomed_map(self, concept_id: str, on: date) -> tuple[MapRow, ...]:
        return ()

    def words(self, kind: Literal["carc", "rarc"], code: str, on: date) -> DatedCode | None:
        return None

    def loaded(self) -> frozenset[str]:
        return self.kinds

    def warnings(self, on: date) -> tuple[str, ...]:
        return ()

    def not_loaded(self) -> tuple[str, ...]:
        return ()

    def digests(self) -> Mapping[str, str]:
        return {}


def line(code: str = "99213", number: int = 1, modifiers: str = "", units: str = "1", **changes: object) -> CodedLine:
    """One service of the visit; `modifiers` parted by blanks."""
    values: dict[str, object] = {
        "number": number,
        "line_id": f"L{number}",
        "code_system": "CPT" if code[:1].isdigit() else "HCPCS",
        "code": code,
        "modifiers": tuple(modifiers.split()),
        "units": Decimal(units),
        "charge_amount": Decimal("150.00"),
        "service_date_from": DAY,
        "service_date_to": changes.get("service_date_from", DAY),
        "diagnosis_pointers": (1,),
        "place_of_service": "11",
    }
    return CodedLine.model_validate(values | changes)


def provider(npi: str = NPI, **changes: object) -> Provider:
    values: dict[str, object] = {"name": "PROVIDER", "npi": npi, "tax_id": "123456789", "address": ADDRESS}
    return Provider.model_validate(values | changes)


def coverage(**changes: object) -> Coverage:
    values: dict[str, object] = {"payer_id": "05102", "payer_name": "PAYER", "member_id": "M1"}
    return Coverage.model_validate(values | changes)


def patient(**changes: object) -> Patient:
    values: dict[str, object] = {
        "id": "P1", "family_name": "DOE", "given_name": "JANE", "birth_date": date(1980, 5, 1), "sex": "F",
        "address": ADDRESS,
    }  # fmt: skip
    return Patient.model_validate(values | changes)


def encounter(
    diagnoses: str = "E1165", *lines: CodedLine, present: Literal["Y", ""] = "", **changes: Any
) -> CodedEncounter:
    """An office visit on `DAY`; `diagnoses` parted by blanks."""
    values: dict[str, object] = {
        "source_system": "EHR", "source_id": "E1", "version": "1", "start_date": DAY, "end_date": DAY,
        "patient": patient(), "coverages": (coverage(),), "billing_provider": provider(),
        "rendering_provider": provider(taxonomy="207Q00000X"),
        "diagnoses": tuple(CodedDiagnosis(code=code, present_on_admission=present) for code in diagnoses.split()),
        "lines": lines or (line(),),
    }  # fmt: skip
    return CodedEncounter.model_validate(values | changes)


def hospital_bill(type_of_bill: str = "0131", **changes: Any) -> HospitalBill:
    """A bill of one outpatient day that lacks nothing."""
    values: dict[str, Any] = {
        "type_of_bill": type_of_bill, "statement_from": DAY, "statement_to": DAY, "patient_status": "01",
        "attending_provider": provider(),
    }  # fmt: skip
    return HospitalBill.model_validate(values | changes)


def inpatient_bill(type_of_bill: str = "0111", **changes: Any) -> HospitalBill:
    """A bill of a whole inpatient stay that lacks nothing."""
    values: dict[str, Any] = {
        "admission_hour": "14", "discharge_hour": "1130", "admission_type": "3", "admission_source": "1",
        "admitting_diagnosis": "E1165",
    }  # fmt: skip
    return hospital_bill(type_of_bill, **(values | changes))


def billed_before(*encounters: CodedEncounter) -> PatientHistory:
    history = PatientHistory()
    for number, earlier in enumerate(encounters):
        history = add_encounter(history, f"earlier-{number}", earlier)
    return history


@dataclass(frozen=True)
class Situation:
    """Everything that a judgement looks at."""

    encounter: CodedEncounter = field(default_factory=encounter)
    tables: Tables = field(default_factory=Tables)
    history: PatientHistory = field(default_factory=PatientHistory)
    as_of: date | None = None
    terms: PayerTermsRow | None = None

    def judge(self) -> tuple[Finding, ...]:
        return judge_encounter(self.encounter, self.history, self.tables, as_of=self.as_of, terms=self.terms)


def lines(*services: CodedLine, tables: Tables | None = None, **changes: Any) -> Situation:
    """A visit for diabetes with these lines."""
    return Situation(encounter("E1165", *services, **changes), tables or Tables())


@dataclass(frozen=True)
class Rule:
    """One edit by example: what the rule's text says, a situation that breaks it and one beside it that keeps it."""

    edit: str
    says: str
    breaks: Situation
    keeps: Situation
    where: str = ""
