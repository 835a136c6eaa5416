"""Hospital bills in FHIR: what makes one, and what each element of it becomes."""

from collections.abc import Callable
from datetime import date
from typing import Any

from schemas.encounter import Encounter, HospitalBill
from tests.receiving import receive_fhir

Resources = dict[str, dict[str, Any]]
BundleMaker = Callable[..., bytes]


def read_one(data: bytes) -> Encounter:
    (encounter,) = receive_fhir(data).encounters
    return encounter


def concept(code: str) -> dict[str, Any]:
    return {"coding": [{"system": "http://example.org", "code": code}]}


def admit(resources: Resources) -> None:
    """The visit as an inpatient stay with a bill of type 0111, as CARIN Blue Button writes one."""
    visit, claim = resources["encounter"], resources["claim"]
    visit["class"]["code"] = "IMP"
    visit["participant"] = [{"type": [concept("ATND")], "individual": {"reference": "Practitioner/dr1"}}]
    visit["hospitalization"] = {"admitSource": concept("1"), "dischargeDisposition": concept("01")}
    claim["type"] = concept("institutional")
    claim["billablePeriod"] = {"start": "2026-03-31", "end": "2026-03-31"}
    claim["supportingInfo"] = [
        {"sequence": 1, "category": concept("typeofbill"), "code": concept("0111")},
        {"sequence": 2, "category": concept("admtype"), "code": concept("3")},
    ]
    claim["diagnosis"][0]["type"] = [concept("admitting")]
    claim["item"][0]["revenue"] = concept("0510")


def test_a_hospital_bill_is_read_whole(make_bundle: BundleMaker) -> None:
    encounter = read_one(make_bundle(admit))

    bill = encounter.hospital
    assert isinstance(bill, HospitalBill) and bill.attending_provider is not None
    assert bill.attending_provider.name == "Alderbrook"
    assert bill.model_copy(update={"attending_provider": None}) == HospitalBill(
        type_of_bill="0111",
        statement_from=date(2026, 3, 31),
        statement_to=date(2026, 3, 31),
        admission_hour="2330",
        discharge_hour="2355",
        admission_type="3",
        admission_source="1",
        patient_status="01",
        admitting_diagnosis="E119",
    )
    assert encounter.services[0].revenue_code == "0510"


def test_the_word_institutional_alone_makes_no_hospital_bill(make_bundle: BundleMaker) -> None:
    def call_it_institutional(resources: Resources) -> None:
        resources["claim"]["type"] = concept("institutional")

    assert read_one(make_bundle(call_it_institutional)).hospital is None


def test_a_code_of_another_vocabulary_is_not_guessed_from(make_bundle: BundleMaker) -> None:
    def leave_home(resources: Resources) -> None:
        admit(resources)
        resources["encounter"]["hospitalization"] = {
            "admitSource": concept("emd"),
            "dischargeDisposition": concept("home"),
        }

    bill = read_one(make_bundle(leave_home)).hospital
    assert bill is not None
    assert (bill.admission_source, bill.patient_status) == ("", "")
