"""One version under judgement: candidates for what no table maps, and warnings that are set aside."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from processors.coding.judgement import judge_version
from schemas.codesets import CodeSets, MapRow
from schemas.events import Overridden
from schemas.history import PatientHistory
from schemas.reference import PayerEditRow, Reference
from tests.processors.builders import PATIENT, diagnosis, encounter, service

UNDER_18 = "IFA 445518008 | Age at onset of clinical finding (observable entity) | < 18 years"
MAP = {
    "195967001": (
        MapRow(1, 1, UNDER_18, "J459", "IF AGE AT ONSET BEFORE 18 YEARS"),
        MapRow(1, 2, "IFA 248152002 | Female (finding) |", "J4590?", "CONSIDER ADDITIONAL CODE"),
        MapRow(1, 3, "OTHERWISE TRUE", "J45909", "ALWAYS J45.909"),
        MapRow(2, 1, "TRUE", "Z8709", "ALWAYS Z87.09"),
    )
}


@dataclass(frozen=True)
class WithMap:
    """The shipped code sets with a few rows of the NLM map."""

    codesets: CodeSets

    def __getattr__(self, name: str) -> object:
        return getattr(self.codesets, name)

    def snomed_map(self, concept_id: str, on: date) -> tuple[MapRow, ...]:
        return MAP.get(concept_id, ())


def test_a_coder_sees_the_candidates_of_the_map_best_first_and_nothing_is_assigned(shipped: Reference) -> None:
    reference = replace(shipped, codesets=WithMap(shipped.codesets), diagnosis_map={})  # type: ignore[arg-type]
    man = PATIENT.model_copy(update={"sex": "M"})
    judged = judge_version(
        encounter(patient=man, diagnoses=(diagnosis("195967001", system="SNOMED"), diagnosis("111", system="SNOMED"))),
        PatientHistory(),
        reference,
        as_of=None,
    )

    asthma, unknown = judged.uncoded
    assert [(c.group, c.target, c.is_chosen, c.holds) for c in asthma.candidates] == [
        (1, "J45909", True, True),
        (1, "J459", False, False),
        (1, "J4590?", False, False),
        (2, "Z8709", True, True),
    ]
    assert unknown.candidates == ()
    assert judged.encounter.diagnoses == ()
    assert not judged.is_clean


LINES = st.lists(st.sampled_from(["0.00", "10.00"]), min_size=1, max_size=6)


@settings(max_examples=40)
@given(charges=LINES, chosen=st.integers(min_value=0, max_value=5))
def test_a_warning_set_aside_changes_no_other_finding(shipped: Reference, charges: list[str], chosen: int) -> None:
    visit = encounter(
        services=tuple(
            service("97110", line_id=f"L{number}", charge_amount=charge, modifiers=("59",))
            for number, charge in enumerate(charges)
        )
    )
    before = judge_version(visit, PatientHistory(), shipped, as_of=None)
    warnings = [finding for finding in before.findings if finding.severity == "warn"]
    set_aside = tuple(
        Overridden(finding=finding, who="lee", role="compliance", why="w") for finding in warnings[chosen : chosen + 1]
    )
    after = judge_version(visit, PatientHistory(), shipped, as_of=None, overrides=set_aside)

    assert after.overridden == set_aside
    assert after.findings == tuple(f for f in before.findings if f not in [item.finding for item in set_aside])


def test_the_narrowest_row_of_payer_edits_decides_whether_a_payer_is_judged(shipped: Reference) -> None:
    wide = PayerEditRow(payer="*", filing_indicator="*", edit="charge_zero", judged=False)
    mine = PayerEditRow(payer="DEMO1", filing_indicator="*", edit="charge_zero", judged=True)
    visit = encounter(services=(service(charge_amount=Decimal(0)),))
    payer = visit.coverages[0].payer_id

    def judge(*rows: PayerEditRow) -> set[str]:
        payer_edits = {(row.payer, row.filing_indicator): (row,) for row in rows}
        judged = judge_version(visit, PatientHistory(), replace(shipped, payer_edits=payer_edits), as_of=None)
        return {finding.code for finding in judged.findings}

    assert "charge_zero" in judge()
    assert "charge_zero" not in judge(wide)
    assert "charge_zero" in judge(wide, mine.replace(payer=payer))
    assert "charge_zero" not in judge(wide, mine.replace(payer="ANOTHER"))
