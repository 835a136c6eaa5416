"""The patient's history: what stands in it, never in which order or how often it came."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from schemas.encounter import CodedDiagnosis, CodedEncounter, CodedLine, Patient, Provider
from schemas.history import PatientHistory, add_encounter, withdraw_encounter

DAY = date(2026, 10, 14)


def make_visit(code: str) -> CodedEncounter:
    line = CodedLine(
        number=1, line_id="L1", code_system="CPT", code=code, units=Decimal(1), charge_amount=Decimal("1.00"),
        service_date_from=DAY, service_date_to=DAY, diagnosis_pointers=(1,),
    )  # fmt: skip
    return CodedEncounter(
        source_system="EHR", source_id="E", version="1", start_date=DAY, patient=Patient(id="P", family_name="DOE"),
        billing_provider=Provider(name="GROUP", npi="1234567893"),
        rendering_provider=Provider(name="DOE", npi="1245319599", taxonomy="207Q00000X"),
        diagnoses=(CodedDiagnosis(code="I10"),), lines=(line,),
    )  # fmt: skip


STEPS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["99213", "99214", ""])), max_size=12)


@given(steps=STEPS)
def test_only_the_last_word_on_each_encounter_counts(steps: list[tuple[str, str]]) -> None:
    history = PatientHistory()
    for encounter_id, code in steps:
        if code:
            history = add_encounter(history, encounter_id, make_visit(code))
        else:
            history = withdraw_encounter(history, encounter_id)

    standing = {encounter_id: code for encounter_id, code in dict(steps).items() if code}
    assert {one.encounter_id: one.lines[0].code for one in history.encounters} == standing
    assert [one.encounter_id for one in history.encounters] == sorted(standing)


def test_withdrawing_what_is_not_there_changes_nothing() -> None:
    history = add_encounter(PatientHistory(), "a", make_visit("99213"))

    assert withdraw_encounter(history, "b") is history


def test_a_line_remembers_who_rendered_and_who_billed() -> None:
    (encounter,) = add_encounter(PatientHistory(), "a", make_visit("99213")).encounters

    line = encounter.lines[0]
    assert (line.rendering_npi, line.billing_npi, line.specialty) == ("1245319599", "1234567893", "207Q00000X")
