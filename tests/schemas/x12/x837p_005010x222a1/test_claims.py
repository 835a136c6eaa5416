"""Professional claims: whatever is written is clean to pyx12 and to us, read back equal by us and by x12sdk."""

import datetime
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.x12.errors import ElementError
from schemas.x12.validate import validate
from schemas.x12.x835_005010x221a1 import Adjustment
from schemas.x12.x837p_005010x222a1 import (
    Attachment,
    ClaimPerson,
    ClaimSupplement,
    Drug,
    EntityParty,
    LineAdjudication,
    LineSupplement,
    OtherPayer,
    Party,
    Payer,
    PostalAddress,
    ProfessionalClaim,
    ProfessionalInterchange,
    ProfessionalLine,
    Subscriber,
    read_837p,
    write_837p,
)

ADDRESS = PostalAddress("1 ROAD", "TOWN", "IL", "627010001", "SUITE 2")
BILLING = Party("CLINIC", npi="1234567893", tax_id="123456789", taxonomy="207Q00000X", address=ADDRESS)
DOCTOR = Party("ROE", "SAM", "Q", npi="1234567893", taxonomy="207Q00000X")
PATIENT = ClaimPerson("DOE", "ANN", "B", date(1970, 1, 1), "F", ADDRESS)
CHILD = ClaimPerson("DOE", "BOB", "", date(2015, 1, 1), "M", ADDRESS)
SUBSCRIBER = Subscriber(PATIENT, "M1", group_number="G1")
HOLDER = Subscriber(
    replace(PATIENT, birth_date=None, sex="U", address=None), "M1", relationship="19", group_number="G1"
)
DAY = date(2026, 11, 1)


def line(number: int = 1, charge: str = "100.00", **more: object) -> ProfessionalLine:
    base = ProfessionalLine(f"L{number}", "99213", Decimal(charge), Decimal(1), DAY, (1,))
    return replace(base, **more)  # type: ignore[arg-type]


def claim(*lines: ProfessionalLine, **more: object) -> ProfessionalClaim:
    lines = lines or (line(),)
    total = sum((item.charge_amount for item in lines), Decimal(0))
    base = ProfessionalClaim("ABC", total, "11", BILLING, SUBSCRIBER, Payer("PLAN", "60054"), ("J069", "E119"), lines)
    return replace(base, **more)  # type: ignore[arg-type]


def interchange(*claims: ProfessionalClaim) -> ProfessionalInterchange:
    moment = datetime.datetime(2026, 11, 20, 14, 5)
    parties = ("ZZ", "C1", "ZZ", "R1", "CLINIC", "BO", "5555550100", "CLEARING")
    return ProfessionalInterchange(77, moment, "P", *parties, claims=claims)


PRIOR = OtherPayer(
    Subscriber(ClaimPerson("DOE", "ANN"), "M2", filing_indicator="MB", group_number="G2"),
    Payer("FIRST", "F1"),
    paid_amount=Decimal("60.00"),
    adjustments=(),
    remaining_amount=Decimal("20.00"),
    payer_claim_control_number="ICN9",
)
DECIDED = LineAdjudication(
    "F1",
    Decimal("60.00"),
    ("HC", "99213"),
    Decimal(1),
    adjustments=(Adjustment("CO", "45", Decimal("20.00")), Adjustment("PR", "2", Decimal("20.00"), Decimal(1))),
    adjudication_date=DAY,
)
VARIANTS = {
    "plain": claim(),
    "dependant": claim(patient=CHILD, subscriber=HOLDER),
    "two lines, modifiers, notes": claim(
        line(1, modifiers=("25", "59"), note="LINE NOTE", diagnosis_pointers=(1, 2)),
        line(2, "20.50", place_of_service="12", service_end_date=date(2026, 11, 3)),
        note="CLAIM NOTE",
    ),
    "dates and references": claim(
        accident_date=DAY, onset_date=DAY, admission_date=DAY, discharge_date=DAY, prior_authorization_number="PA1",
        clia_number="14D0000001", patient_paid_amount=Decimal("10.00"),
        supplement=ClaimSupplement(related_causes=("AA", "", "", "IL")),
    ),
    "replacement": claim(frequency="7", payer_claim_control_number="ICN1"),
    "void": claim(frequency="8", payer_claim_control_number="ICN1"),
    "providers": claim(
        line(rendering_provider=DOCTOR, supplement=LineSupplement(providers=(
            EntityParty("DQ", replace(DOCTOR, taxonomy="")),
            EntityParty("DK", replace(DOCTOR, taxonomy="", address=ADDRESS)),
        ))),
        referring_provider=replace(DOCTOR, taxonomy=""), rendering_provider=DOCTOR,
        service_facility=Party("SITE", npi="1234567893", address=ADDRESS),
        supervising_provider=replace(DOCTOR, taxonomy=""),
    ),
    "two referring providers": claim(
        referring_provider=replace(DOCTOR, taxonomy=""),
        supplement=ClaimSupplement(providers=(EntityParty("P3", replace(DOCTOR, taxonomy="")),)),
    ),
    "pay-to plan": claim(
        supplement=ClaimSupplement(providers=(EntityParty("PE", Party("PLAN", npi="P1", tax_id="123456789",
            address=ADDRESS, identifier_qualifier="PI")),))
    ),
    "pay-to address": claim(pay_to_address=replace(ADDRESS, line1="PO BOX 1")),
    "drug": claim(line(ndc="01234567891")),
    "drug with its own unit": claim(
        line(supplement=LineSupplement(drug=Drug("01234567891", Decimal("2.5"), "ML", prescription_number="RX1")))
    ),
    "anaesthesia": claim(line(units=Decimal(45), supplement=LineSupplement(unit_basis="MJ"))),
    "attachments": claim(
        supplement=ClaimSupplement(attachments=(Attachment("OZ", "EL", "ACN1"), Attachment("B2", "AA")))
    ),
    "coordination of benefits": claim(
        line(supplement=LineSupplement(adjudications=(DECIDED,))),
        other_payers=(PRIOR,),
        subscriber=replace(SUBSCRIBER, responsibility="S"),
    ),
    "claim-level coordination": claim(
        other_payers=(replace(PRIOR, adjustments=(Adjustment("CO", "45", Decimal("40.00")),), adjudication_date=DAY),),
        subscriber=replace(SUBSCRIBER, responsibility="S"),
    ),
    "kept segments": claim(
        supplement=ClaimSupplement(other_segments=(("REF", "EA", "MRN1"), ("K3", "ANY"), ("HI", "BG:01"))),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", VARIANTS)
def test_each_optional_loop_is_clean_and_read_back_equal(judge: Callable[[bytes], list[str]], name: str) -> None:
    data = write_837p(interchange(VARIANTS[name]))
    assert judge(data) == []
    assert validate(data, strict=True) == []
    (read,) = read_837p(data)
    assert read.claim == VARIANTS[name]
    assert (read.findings, read.unknown_segments, read.batch_number) == ((), (), "77")
    assert data[read.offset :].startswith(b"CLM*ABC")


def combine(drawn: list[ProfessionalClaim]) -> ProfessionalInterchange:
    numbered = (replace(item, patient_control_number=f"A{n}") for n, item in enumerate(drawn))
    return interchange(*numbered)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(list(VARIANTS.values())), min_size=4, max_size=12).map(combine))
def test_any_mixture_of_claims_is_clean_and_read_back_equal(
    judge: Callable[[bytes], list[str]], mixed: ProfessionalInterchange
) -> None:
    data = write_837p(mixed)
    assert data == write_837p(mixed)
    assert judge(data) == []
    assert tuple(read.claim for read in read_837p(data)) == mixed.claims


def test_at_most_a_hundred_claims_stand_under_one_subscriber() -> None:
    claims = tuple(replace(claim(), patient_control_number=f"A{n}") for n in range(250))
    data = write_837p(interchange(*claims))
    assert data.count(b"*22*0~") == 3 and data.count(b"*20*1~") == 1
    assert tuple(read.claim for read in read_837p(data)) == claims


@pytest.mark.parametrize(
    ("wrong", "element"),
    [
        (claim(patient_control_number="X" * 21), "CLM01"),
        (claim(*(line(n) for n in range(51))), "LX01"),
        (claim(place_of_service="41"), "CR101"),
        (claim(frequency="7"), "CLM05"),
        (claim(frequency="8"), "CLM05"),
        (claim(note="A~B"), "NTE02"),
        (claim(line(procedure="99:13")), "composite"),
        (claim(billing_provider=replace(BILLING, name="X" * 61)), "NM103"),
        (claim(subscriber=replace(SUBSCRIBER, member_id="Ñ1")), "NM109"),
    ],
)
def test_what_the_guide_or_the_file_cannot_carry_is_refused(wrong: ProfessionalClaim, element: str) -> None:
    with pytest.raises(ElementError) as raised:
        write_837p(interchange(wrong))
    assert raised.value.element == element


# x12sdk holds one 2310A only, where the guide allows two.
@pytest.mark.parametrize("name", [name for name in VARIANTS if name != "two referring providers"])
def test_x12sdk_reads_back_the_same_values(name: str) -> None:
    from x12sdk.io import X12ModelReader

    written = VARIANTS[name]
    with X12ModelReader(write_837p(interchange(written)).decode()) as reader:
        (model,) = reader.models()
    text = model.x12()
    assert f"CLM*ABC*{written.charge_amount.normalize():f}*" in text.replace(".00*", "*")
    assert text.count("~LX*") + text.count("\nLX*") == len(written.lines)


def test_every_sample_claim_survives_writing(
    samples: Callable[..., list[tuple[str, bytes, dict[str, str]]]],
) -> None:
    for path, data, row in samples("837P"):
        claims = tuple(read.claim for read in read_837p(data))
        if "X223" in row["version"] or "004010" in row["version"]:
            continue  # read above without an exception; written by this guide only what follows it
        assert tuple(read.claim for read in read_837p(write_837p(interchange(*claims)))) == claims, path


def test_a_line_without_a_service_date_is_reported_and_kept() -> None:
    data = write_837p(interchange(claim())).replace(b"DTP*472*D8*20261101~\n", b"DTP*472*D8*20261301~\n")
    (read,) = read_837p(data)
    assert read.claim.lines[0].service_date == date.min
    assert [finding.element for finding in read.findings] == ["DTP03"]
