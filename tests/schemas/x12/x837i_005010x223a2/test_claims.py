"""Institutional claims: whatever is written is clean to pyx12 and to us, and read back equal."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from schemas.x12.errors import ElementError
from schemas.x12.validate import validate
from schemas.x12.x837i_005010x223a2 import read_837i, write_837i
from tests.x12_examples.institutional import VARIANTS, claim, interchange, line


@pytest.mark.parametrize("name", VARIANTS)
def test_each_optional_loop_is_clean_and_read_back_equal(judge: Callable[[bytes], list[str]], name: str) -> None:
    data = write_837i(interchange(VARIANTS[name]))
    assert judge(data) == []
    assert validate(data, strict=True) == []
    (read,) = read_837i(data)
    assert read.claim == VARIANTS[name]
    assert (read.findings, read.unknown_segments) == ((), ())


def test_claims_in_one_file_keep_their_order(judge: Callable[[bytes], list[str]]) -> None:
    claims = tuple(replace(item, patient_control_number=f"A{n}") for n, item in enumerate([*VARIANTS.values()] * 3))
    data = write_837i(interchange(*claims))
    assert judge(data) == []
    assert tuple(read.claim for read in read_837i(data)) == claims


def test_the_type_of_bill() -> None:
    assert VARIANTS["inpatient"].bill_type == "111" and VARIANTS["interim bill, replacement"].bill_type == "117"


def test_what_the_guide_cannot_carry_is_refused() -> None:
    for wrong, element in (
        (claim(*[line()] * 1000), "LX01"),
        (claim(patient_control_number="X" * 21), "CLM01"),
        (claim(frequency="7"), "CLM05"),
        (claim(frequency="8"), "CLM05"),
    ):
        with pytest.raises(ElementError) as raised:
            write_837i(interchange(wrong))
        assert raised.value.element == element


def test_every_sample_claim_survives_writing(
    samples: Callable[..., list[tuple[str, bytes, dict[str, str]]]],
) -> None:
    for path, data, row in samples():
        claims = tuple(read.claim for read in read_837i(data))
        if claims and "004010" not in row["version"]:
            assert tuple(read.claim for read in read_837i(write_837i(interchange(*claims)))) == claims, path
