"""One version of an encounter under judgement: codes assigned, payer rules applied, every edit asked.

What comes out is the coded encounter with all its findings; whether it is coded or held follows from their severity.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from processors.coding.billing_provider import complete_billing_provider
from processors.coding.code_assignment import assign_codes
from processors.coding.edits import Exceptions, judge_encounter
from processors.coding.edits.explanation import Explained, explain_encounter
from processors.coding.payer_rules import apply_payer_rules
from processors.coding.snomed_mapping import rank_candidates
from processors.payers.terms import find_terms
from schemas.encounter import CodedEncounter, Encounter
from schemas.events import Candidate, Overridden, UncodedItem
from schemas.findings import Finding
from schemas.history import PatientHistory
from schemas.reference import PayerTermsRow, Reference

CANDIDATES_MAX = 12
DAYS_PER_YEAR = Decimal("365.25")

NEEDS_CODING = Finding(
    code="needs_coding",
    severity="hold",
    owner="coder",
    where="encounter",
    what="something is documented that no table maps to a billing code",
    remedy="code it with `revcycle correct` or in the EHR, or add a row to charge_master.csv or diagnosis_map.csv; "
    "the documented words are shown",
)
NOTHING_TO_BILL = Finding(
    code="nothing_to_bill",
    severity="hold",
    owner="coder",
    where="encounter",
    what="the encounter documents no service that can be billed",
    remedy="add the services in the EHR, or close the encounter there as not billable",
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say of one version; `overridden` findings were set aside or released."""

    encounter: CodedEncounter
    findings: tuple[Finding, ...]
    overridden: tuple[Overridden, ...]
    uncoded: tuple[UncodedItem, ...]

    @property
    def is_clean(self) -> bool:
        return all(finding.severity == "warn" for finding in self.findings)


def judge_version(
    encounter: Encounter,
    history: PatientHistory,
    reference: Reference,
    *,
    as_of: date | None,
    overrides: tuple[Overridden, ...] = (),
    more_findings: tuple[Finding, ...] = (),
) -> Judgement:
    """Judges one version beside the patient's other encounters; `more_findings` come first."""
    assigned = assign_codes(_complete(encounter, reference), reference)
    ruled = apply_payer_rules(assigned.encounter, reference.payer_rules)
    judged = judge_encounter(
        ruled.encounter,
        history,
        reference.codesets,
        as_of=as_of,
        terms=_find_terms(encounter, reference),
        exceptions=_find_exceptions(encounter, reference),
        is_test=reference.installation.is_test,
    )
    findings = (*more_findings, *assigned.findings, *ruled.findings, *judged)
    if assigned.uncoded:
        findings = (NEEDS_CODING, *findings)
    elif not encounter.services:
        findings = (NOTHING_TO_BILL, *findings)
    set_aside = {override.finding: override for override in overrides}
    return Judgement(
        ruled.encounter,
        tuple(finding for finding in findings if finding not in set_aside),
        tuple(set_aside[finding] for finding in findings if finding in set_aside),
        tuple(_with_candidates(item, encounter, reference) for item in assigned.uncoded),
    )


def _complete(encounter: Encounter, reference: Reference) -> Encounter:
    return complete_billing_provider(encounter, reference.installation.billing_providers)


def _find_terms(encounter: Encounter, reference: Reference) -> PayerTermsRow | None:
    """What the payer that pays first says of time."""
    first = min(encounter.coverages, key=lambda coverage: coverage.priority, default=None)
    return find_terms(reference.payer_terms, first.payer_id, first.filing_indicator) if first else None


def _find_exceptions(encounter: Encounter, reference: Reference) -> Exceptions:
    """By which edits the payer that pays first is judged or not, whatever its kind: the narrower row wins."""
    first = min(encounter.coverages, key=lambda coverage: coverage.priority, default=None)
    if first is None or not reference.payer_edits:
        return ()
    found: dict[str, bool] = {}
    for key in (
        ("*", "*"),
        ("*", first.filing_indicator),
        (first.payer_id, "*"),
        (first.payer_id, first.filing_indicator),
    ):
        found.update((row.edit, row.judged) for row in reference.payer_edits.get(key, ()))
    return tuple(found.items())


def _with_candidates(item: UncodedItem, encounter: Encounter, reference: Reference) -> UncodedItem:
    """A SNOMED CT diagnosis with what the NLM map offers for this patient; the coder chooses."""
    if item.kind != "diagnosis" or item.system != "SNOMED":
        return item
    rows = reference.codesets.snomed_map(item.code, encounter.start_date)
    if not rows:
        return item
    born = encounter.patient.birth_date
    ranked = rank_candidates(
        rows,
        sex=encounter.patient.sex,
        age_years=Decimal((encounter.start_date - born).days) / DAYS_PER_YEAR if born else None,
        documented={diagnosis.code for diagnosis in encounter.diagnoses if diagnosis.system == "SNOMED"}
        | {fact.code for fact in encounter.documentation if fact.system == "SNOMED"},
    )
    # Within a group: the chosen row, then those that may hold, then those that do not apply to this patient.
    ordered = sorted(ranked, key=lambda row: (row.group, not row.is_chosen, row.holds is False, row.priority))
    candidates = tuple(
        Candidate(
            target=row.target,
            group=row.group,
            priority=row.priority,
            is_chosen=row.is_chosen,
            holds=row.holds,
            advice=row.advice[:2000],
        )
        for row in ordered[:CANDIDATES_MAX]
    )
    return item.replace(candidates=candidates)


def explain_version(
    encounter: Encounter, history: PatientHistory, reference: Reference, *, as_of: date | None
) -> tuple[Explained, ...]:
    """Every line and diagnosis of one version, and the encounter, with each edit's outcome and the rows it read."""
    ruled = apply_payer_rules(assign_codes(_complete(encounter, reference), reference).encounter, reference.payer_rules)
    return explain_encounter(
        ruled.encounter,
        history,
        reference.codesets,
        as_of=as_of,
        terms=_find_terms(encounter, reference),
        exceptions=_find_exceptions(encounter, reference),
        is_test=reference.installation.is_test,
    )
