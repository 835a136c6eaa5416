"""Professional claims: whatever is written is clean to pyx12 and to us, and read back equal."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.x12.claim_parts import ClaimSupplement
from schemas.x12.errors import ElementError
from schemas.x12.validate import validate
from schemas.x12.x837p_005010x222a1 import ProfessionalClaim, ProfessionalInterchange, read_837p, write_837p
from tests.x12_examples.professional import BILLING, SUBSCRIBER, VARIANTS, claim, interchange, line


@pytest.mark.parametrize("name", VARIANTS)
def test_each_optional_loop_is_clean_and_read_back_equal(judge: Callable[[bytes], list[str]], name: str) -> None:
    data = write_837p(interchange(VARIANTS[name]))
    assert judge(data) == []
    assert validate(data, strict=True) == []
    (read,) = read_837p(data)
    assert read.claim == VARIANTS[name]
    assert (read.findings, read.unknown_segments, read.batch_number) == ((), (), "77")
    assert data[read.offset :].startswith(b"CLM*ABC")
    assert [data[offset:].startswith(b"LX*") for _, offset in read.line_positions] == [True] * len(read.claim.lines)


def combine(drawn: list[ProfessionalClaim]) -> ProfessionalInterchange:
    numbered = (replace(item, patient_control_number=f"A{n}") for n, item in enumerate(drawn))
    return interchange(*numbered)


@settings(max_examples=40)
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
        (claim(line(procedure="99:13")), "SV101"),
        (claim(diagnoses=("J06:9",)), "HI01"),
        (claim(supplement=ClaimSupplement(other_segments=(("K3", "A:B"),))), "K301"),
        (claim(billing_provider=replace(BILLING, name="X" * 61)), "NM103"),
        (claim(subscriber=replace(SUBSCRIBER, member_id="Ñ1")), "NM109"),
    ],
)
def test_what_the_guide_or_the_file_cannot_carry_is_refused(wrong: ProfessionalClaim, element: str) -> None:
    with pytest.raises(ElementError) as raised:
        write_837p(interchange(wrong))
    assert raised.value.element == element


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
