"""Code sets as processors see them: read-only rows looked up by date of service, immutable for a digest.

`connectors/codesets` implements the port. Codes are written as a claim carries them: ICD-10-CM without its dot.
Sections 4 and 7 of the domain rules name the official files.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, Protocol

Setting = Literal["practitioner", "outpatient"]  # the tables of PTP edits
# The tables of MUEs: Medicare's, which others follow, and Medicaid's.
MueSetting = Literal[
    "practitioner", "outpatient", "dme", "medicaid_practitioner", "medicaid_outpatient", "medicaid_dme"
]


@dataclass(frozen=True, slots=True)
class Icd10Code:
    """One ICD-10-CM code or header, as the release that judges the date of service has it.

    `in_force` is False when only another release knows the code; `effective_from` and `effective_to` (inclusive) are
    the dates of the release named. `children` are the codes below a header; a header is never billable (order file
    column 15). `seventh_characters` is not empty when nothing but the 7th character is missing.
    """

    code: str
    is_billable: bool
    words: str
    release: str
    in_force: bool
    effective_from: date
    effective_to: date | None
    children: tuple[str, ...] = ()
    seventh_characters: str = ""


@dataclass(frozen=True, slots=True)
class CodeReference:
    """Codes that a note of the tabular list names: from `low` through `high` by their first characters, and when
    `pattern` is not empty only those that match it as a regular expression. `stated_at` is the code with the note."""

    stated_at: str
    low: str
    high: str
    pattern: str = ""

    def matches(self, code: str) -> bool:
        return (
            self.low <= code[: len(self.low)]
            and code[: len(self.high)] <= self.high
            and (not self.pattern or re.fullmatch(self.pattern, code) is not None)
        )


@dataclass(frozen=True, slots=True)
class Icd10Notes:
    """What the tabular list says of a code, at the code itself or at any level above it.

    `code_first_rule`: "" no note; "optional" if applicable; "listed" one of the references comes before; "any" the
    references are examples, and some other code comes before.
    """

    excludes1: tuple[CodeReference, ...]
    code_first: tuple[CodeReference, ...]
    code_first_rule: Literal["", "optional", "listed", "any"]
    is_manifestation: bool


@dataclass(frozen=True, slots=True)
class DatedCode:
    """A HCPCS, CPT, modifier, place-of-service, CARC or RARC code; valid from and through these dates."""

    code: str
    words: str
    effective_from: date | None
    effective_to: date | None
    release: str

    def is_in_force(self, on: date) -> bool:
        return (self.effective_from is None or self.effective_from <= on) and (
            self.effective_to is None or on <= self.effective_to
        )


@dataclass(frozen=True, slots=True)
class PtpEdit:
    """One NCCI procedure-to-procedure row in force: column 1 pays, column 2 denies.

    `modifier_indicator`: 0 never together, 1 with an NCCI modifier, 9 the edit does not apply.
    """

    column1: str
    column2: str
    effective_from: date
    deleted_on: date | None
    modifier_indicator: Literal["0", "1", "9"]
    rationale: str
    release: str


@dataclass(frozen=True, slots=True)
class Mue:
    """A medically unlikely edit: the units limit, judged by line (MAI 1) or by day (MAI 2 absolute, 3 clinical)."""

    code: str
    units_limit: int
    adjudication_indicator: Literal["1", "2", "3"]
    rationale: str
    release: str


@dataclass(frozen=True, slots=True)
class FeeScheduleRow:
    """The physician fee schedule for a code and modifier ("", 26, TC or 53): policy indicators, relative values."""

    code: str
    modifier: str
    status: str
    professional_technical: str  # PC/TC indicator, 0-9
    global_days: str  # 000 010 090 MMM XXX YYY ZZZ
    multiple_procedure: str
    bilateral: str
    not_in_office: bool  # NON-FAC NA INDICATOR
    not_in_facility: bool  # FACILITY NA INDICATOR
    release: str
    work_rvu: Decimal | None = None
    office_rvu: Decimal | None = None  # practice expense outside of a facility
    facility_rvu: Decimal | None = None  # practice expense in one
    malpractice_rvu: Decimal | None = None
    conversion_factor: Decimal | None = None  # dollars for one relative value unit
    # Indicators of who may be paid beside the surgeon; empty in sets that were loaded before they were kept.
    assistant: str = ""
    co_surgeon: str = ""
    team: str = ""


@dataclass(frozen=True, slots=True)
class AddOnCode:
    """An add-on code: type 1 only with a listed primary, 2 with any that the contractor takes, 3 listed or others."""

    code: str
    type: Literal["1", "2", "3"]
    primaries: frozenset[str]
    release: str


@dataclass(frozen=True, slots=True)
class CoverageGroup:
    """One group of covered diagnoses of an article; `also_groups` must be met as well (dual-diagnosis groups)."""

    number: str
    codes: frozenset[str]
    also_groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """A Medicare coverage article: its covered groups and the diagnoses that it never covers."""

    article_id: str
    contractors: frozenset[str]
    effective_from: date | None
    effective_to: date | None
    covered: tuple[CoverageGroup, ...]
    not_covered: frozenset[str]
    release: str


@dataclass(frozen=True, slots=True)
class MapRow:
    """One row of the NLM SNOMED CT to ICD-10-CM map: within a group the first row whose rule holds is taken."""

    group: int
    priority: int
    rule: str
    target: str
    advice: str


class CodeSets(Protocol):
    """Every look-up takes the date of service; None means that no row is known for it.

    Whether that is a finding depends on `loaded()`: an edit whose set is not loaded is not checked, and `not_loaded`
    says so.
    """

    def icd10cm(self, code: str, on: date) -> Icd10Code | None: ...

    def icd10cm_notes(self, code: str, on: date) -> Icd10Notes | None: ...

    def excludes1(self, one: str, other: str, on: date) -> CodeReference | None:
        """The Excludes1 note, at either code or above it, by which two codes are not coded together."""
        ...

    def hcpcs(self, code: str, on: date) -> DatedCode | None: ...

    def modifier(self, code: str, on: date) -> DatedCode | None:
        """A HCPCS Level II modifier; CPT's own numeric modifiers are not in that file."""
        ...

    def cpt(self, code: str, on: date) -> DatedCode | None: ...

    def place_of_service(self, code: str, on: date) -> DatedCode | None: ...

    def ptp(self, setting: Setting, column1: str, column2: str, on: date) -> PtpEdit | None:
        """The row in force on the date, the deletion date inclusive; indicator 9 rows are given as they stand."""
        ...

    def mue(self, setting: MueSetting, code: str, on: date) -> Mue | None: ...

    def fee_schedule(self, code: str, modifier: str, on: date) -> FeeScheduleRow | None: ...

    def add_on(self, code: str, on: date) -> AddOnCode | None: ...

    def articles(self, procedure: str, on: date) -> tuple[Article, ...]: ...

    def snomed_map(self, concept_id: str, on: date) -> tuple[MapRow, ...]: ...

    def words(self, kind: Literal["carc", "rarc"], code: str, on: date) -> DatedCode | None:
        """The user's licensed text of an adjustment reason or remark code."""
        ...

    def loaded(self) -> frozenset[str]:
        """The kinds of set of which any release is there, such as `ncci_ptp_practitioner`."""
        ...

    def warnings(self, on: date) -> tuple[str, ...]:
        """Sets whose loaded releases do not reach this date, and the release that judges it instead."""
        ...

    def not_loaded(self) -> tuple[str, ...]:
        """One sentence for each set that is missing, or half there: "not checked: NCCI ... not loaded"."""
        ...

    def digests(self) -> Mapping[str, str]:
        """Set name -> versions in use with the first 12 hex digits of each one's sha256; travels in each event."""
        ...
