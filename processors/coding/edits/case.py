"""What an edit is, and the encounter as edits see it: each look-up made once, lines in the order of their numbers."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from processors.payers.kinds import ALL_PAYERS, PayerKind, find_payer_kind
from schemas.codesets import CodeSets, FeeScheduleRow, Icd10Code, MueSetting, Setting
from schemas.encounter import CodedEncounter, CodedLine, Provider
from schemas.findings import Finding, Owner, Severity
from schemas.history import BilledLine, PatientHistory
from schemas.reference import PayerTermsRow

MEDICARE: frozenset[PayerKind] = frozenset(["medicare"])
Form = Literal["professional", "institutional"]  # 837P or 837I
Scope = Literal["line", "diagnosis", "encounter"]

# Who bills a DME contractor: suppliers of equipment, eyewear, hearing aids and prostheses, pharmacies (NUCC), or who
# names one of the four as the payer (Medicare Claims Processing Manual ch. 20 s. 10).
_SUPPLIERS = ("332B", "332H", "332S", "335E", "3336")
_DME_CONTRACTORS = frozenset(["16013", "17013", "18003", "19003"])
_OF_MEDICAID: dict[MueSetting, MueSetting] = {
    "practitioner": "medicaid_practitioner",
    "outpatient": "medicaid_outpatient",
    "dme": "medicaid_dme",
}

COMPONENTS = frozenset(["26", "TC", "53"])  # modifiers with rows of their own in the fee schedule

_CPT = re.compile(r"\d{5}|\d{4}[FTUMA]", re.ASCII)
_HCPCS = re.compile(r"[A-V]\d{4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Edit:
    """One rule of coding: its stable id, who mends a breach and how, and where the rule is written.

    `message` is a format string over the facts of a breach; facts are codes, dates of tables and counts, never names.
    `payers` are those whose claims it judges, where payer_edits.csv says nothing else of a payer. `is_policy` marks a
    hold by what payers decide, which a person may release; one for a claim that cannot be written is mended.
    """

    id: str
    severity: Severity
    owner: Owner
    message: str
    remedy: str
    citation: str
    payers: frozenset[PayerKind] = ALL_PAYERS
    is_policy: bool = False

    def breach(self, where: str, **facts: object) -> Finding:
        """The finding for one breach, with the facts of the rule's row that decided."""
        return self.breach_as(self.severity, where, **facts)

    def breach_as(self, severity: Severity, where: str, **facts: object) -> Finding:
        """The finding where the rule itself gives another severity, such as a hold for inpatient stays only."""
        return Finding(
            code=self.id,
            severity=severity,
            owner=self.owner,
            where=where,
            what=self.message.format(**facts),
            remedy=self.remedy.format(**facts),
            citation=self.citation,
        )


class Line:
    """A service line with what edits ask of it."""

    __slots__ = (
        "billing_npi", "code", "component_fee", "diagnoses", "fee", "last_day", "line", "modifier_set", "modifiers",
        "number", "on", "place_of_service", "provider_npi", "specialty", "units", "where",
    )  # fmt: skip

    def __init__(self, line: CodedLine, encounter: CodedEncounter, codesets: CodeSets) -> None:
        renderer, biller = line.rendering_provider or encounter.rendering_provider, encounter.billing_provider
        diagnoses = encounter.diagnoses
        self.line = line
        self.number = line.number
        self.where = f"line {line.number} {line.code}"
        self.code = line.code
        self.modifiers = line.modifiers
        self.modifier_set = frozenset(line.modifiers)
        self.on = line.service_date_from
        self.last_day = line.service_date_to
        self.units = line.units
        self.billing_npi = biller.npi if biller else ""
        self.provider_npi = (renderer.npi if renderer else "") or self.billing_npi
        self.specialty = renderer.taxonomy if renderer else ""
        self.place_of_service = line.place_of_service or encounter.place_of_service
        self.diagnoses = [diagnoses[p - 1].code for p in line.diagnosis_pointers if 0 < p <= len(diagnoses)]
        self.fee: FeeScheduleRow | None = codesets.fee_schedule(line.code, "", line.service_date_from)
        # The row of the component that is billed: what a code cannot be, its reading may.
        component = next((modifier for modifier in line.modifiers if modifier in COMPONENTS), "")
        own = codesets.fee_schedule(line.code, component, line.service_date_from) if component else None
        self.component_fee = own or self.fee


class EditedEncounter:
    """One encounter under judgement, beside the patient's other accepted encounters and the code sets."""

    __slots__ = (
        "_earlier", "_practice", "as_of", "codesets", "diagnoses", "encounter", "form", "history", "is_inpatient",
        "is_institutional", "lines", "mue_setting", "on", "payer_kind", "setting", "terms",
    )  # fmt: skip

    def __init__(
        self,
        encounter: CodedEncounter,
        history: PatientHistory,
        codesets: CodeSets,
        as_of: date | None,
        terms: PayerTermsRow | None,
    ) -> None:
        self.encounter = encounter
        self.terms = terms
        self.codesets = codesets
        self.as_of = as_of
        self.lines = [Line(line, encounter, codesets) for line in sorted(encounter.lines, key=_number_of)]
        self.history: list[BilledLine] = [line for earlier in history.encounters for line in earlier.lines]
        self._earlier: dict[tuple[date, str], list[BilledLine]] = {}
        self._practice: dict[tuple[str, str, str], list[BilledLine]] = {}
        self.is_inpatient = encounter.encounter_class == "inpatient"
        self.form = form_of(encounter)
        self.is_institutional = self.form == "institutional"
        self.setting: Setting = "outpatient" if self.is_institutional else "practitioner"
        self.payer_kind = find_payer_kind(primary_indicator(encounter))
        self.mue_setting = _find_mue_setting(encounter, self.form, self.payer_kind)
        self.on = self._diagnosis_date()
        self.diagnoses: list[tuple[str, str, Icd10Code | None]] = [
            (f"diagnosis {position} {diagnosis.code}", diagnosis.code, codesets.icd10cm(diagnosis.code, self.on))
            for position, diagnosis in enumerate(encounter.diagnoses, 1)
        ]

    def _diagnosis_date(self) -> date:
        """Inpatient diagnoses are judged on the discharge date, all others on the first date of service."""
        encounter = self.encounter
        if self.is_inpatient:
            return encounter.discharge_date or encounter.end_date or encounter.start_date
        return min((line.on for line in self.lines), default=encounter.start_date)

    def earlier_on(self, line: Line) -> list[BilledLine]:
        """What other encounters billed for the same provider on the line's day."""
        if not self.history:
            return []
        key = (line.on, line.provider_npi)
        if key not in self._earlier:
            self._earlier[key] = [old for old in self.history if (old.service_date, provider_of(old)) == key]
        return self._earlier[key]

    def practice_history(self, line: Line) -> list[BilledLine]:
        """What other encounters billed for the same physician as a line's, by person or by group and specialty."""
        if not self.history:
            return []
        key = (line.provider_npi, line.billing_npi, line.specialty)
        if key not in self._practice:
            self._practice[key] = [
                old for old in self.history if is_same_physician(line, provider_of(old), old.billing_npi, old.specialty)
            ]
        return self._practice[key]

    def age_on(self, on: date) -> int | None:
        """The patient's age in whole years, or None without a birth date."""
        born = self.encounter.patient.birth_date
        return on.year - born.year - ((on.month, on.day) < (born.month, born.day)) if born else None


@dataclass(frozen=True, slots=True)
class Check:
    """A function that judges a case by one or a few related edits, and the sets without which they are not checked.

    `scope` is what each of its edits is asked of; `form` the one kind of claim that it judges, None for both;
    `settings` those whose tables of NCCI it reads, none for every claim. Of `any_of` one set suffices.
    """

    function: Callable[[EditedEncounter], Iterable[Finding]]
    edits: tuple[Edit, ...]
    needs: tuple[str, ...] = ()
    scope: Scope = "line"
    form: Form | None = None
    settings: tuple[MueSetting, ...] = ()
    any_of: tuple[str, ...] = ()

    def is_ready(self, loaded: frozenset[str]) -> bool:
        """Whether the sets that it needs are there."""
        return loaded.issuperset(self.needs) and (not self.any_of or not loaded.isdisjoint(self.any_of))

    def judges(self, form: Form, setting: MueSetting) -> bool:
        """Whether it is asked of such a claim."""
        return self.form in (None, form) and (not self.settings or setting in self.settings)


def form_of(encounter: CodedEncounter) -> Form:
    """The claim that the encounter becomes; a charge master may put revenue codes on professional lines as well."""
    return "institutional" if encounter.hospital else "professional"


def primary_indicator(encounter: CodedEncounter) -> str:
    """SBR09 of the coverage that pays first; empty without any."""
    first = min(encounter.coverages, key=lambda coverage: coverage.priority, default=None)
    return first.filing_indicator if first else ""


def _find_mue_setting(encounter: CodedEncounter, form: Form, kind: PayerKind) -> MueSetting:
    """Which table of medically unlikely edits judges the claim: by who bills, and whether it is Medicaid's."""
    setting: MueSetting = "practitioner"
    if form == "institutional":
        setting = "outpatient"
    elif _is_supplier(encounter):
        setting = "dme"
    return _OF_MEDICAID[setting] if kind == "medicaid" else setting


def _is_supplier(encounter: CodedEncounter) -> bool:
    billers = (encounter.billing_provider, encounter.rendering_provider)
    if any(provider and provider.taxonomy.startswith(_SUPPLIERS) for provider in billers):
        return True
    first = min(encounter.coverages, key=lambda coverage: coverage.priority, default=None)
    return first is not None and first.payer_id in _DME_CONTRACTORS


def is_same_physician(line: Line, provider_npi: str, billing_npi: str, specialty: str) -> bool:
    """Whether who rendered a line is this one, or of this group and specialty: they bill and are paid as one physician
    (Medicare Claims Processing Manual ch. 12 s. 30.6.5)."""
    if line.provider_npi == provider_npi:
        return bool(provider_npi)
    return bool(billing_npi and specialty) and (line.billing_npi, line.specialty) == (billing_npi, specialty)


def provider_of(old: BilledLine) -> str:
    """Who rendered an earlier line, by the same rule as `Line.provider_npi`."""
    return old.rendering_npi or old.billing_npi


def is_cpt(code: str) -> bool:
    return _CPT.fullmatch(code) is not None


def is_hcpcs(code: str) -> bool:
    return _HCPCS.fullmatch(code) is not None


def providers_of(encounter: CodedEncounter) -> list[tuple[str, Provider]]:
    """Every provider of the encounter with the place that findings name."""
    found = [
        ("billing provider", encounter.billing_provider),
        ("rendering provider", encounter.rendering_provider),
        ("referring provider", encounter.referring_provider),
        ("supervising provider", encounter.supervising_provider),
        ("service facility", encounter.service_facility),
        ("attending provider", encounter.hospital.attending_provider if encounter.hospital else None),
        *((f"line {line.number} rendering provider", line.rendering_provider) for line in encounter.lines),
    ]
    return [(where, provider) for where, provider in found if provider]


def _number_of(line: CodedLine) -> int:
    return line.number
