"""Writing refuses what would corrupt a file, and names the element."""

import dataclasses

import pytest

from schemas.x12.errors import ElementError
from schemas.x12.tokens import read_segments
from schemas.x12.writer import InterchangeHeader, SetWriter, write_interchange


def test_a_set_counts_itself_and_drops_trailing_empties(header: InterchangeHeader) -> None:
    out = SetWriter("835", "0001", "")
    out.add("REF", "EV", "X", "", "")
    out.add("SVC", out.composite("HC", "99213", "", ""), "1", "2")
    data = write_interchange(header, "HP", "005010X221A1", [out.close()])
    assert b"~REF*EV*X~SVC*HC:99213*1*2~SE*4*0001~GE*1*1~IEA*1*000000001~" in data
    assert len(next(read_segments(data)).elements) == 17


@pytest.mark.parametrize("value", ["A*B", "A~B", "A:B", "A^B", "A\nB", "A\x00B", "PEÑA"])
def test_values_that_would_break_the_file_are_refused(value: str) -> None:
    out = SetWriter("835", "0001", "")
    out.add("N1", "PR", value)
    with pytest.raises(ElementError) as raised:
        out.close()
    assert raised.value.element == "N102" and raised.value.segment_index == 2
    assert value not in str(raised.value)


def test_a_component_with_a_separator_is_refused_with_its_element_named() -> None:
    out = SetWriter("837", "0001", "")
    out.add("SV1", out.composite("HC", "99:13"), "100")
    with pytest.raises(ElementError) as raised:
        out.close()
    assert raised.value.element == "SV101"
    inquiry = SetWriter("270", "0001", "")
    inquiry.add("EQ", inquiry.repeat(["30", "A^B"]))
    with pytest.raises(ElementError) as raised:
        inquiry.close()
    assert raised.value.element == "EQ01"


def test_a_separator_in_a_kept_simple_element_is_refused() -> None:
    out = SetWriter("837", "0001", "")
    out.add(*out.keep(("HI", "BG:01")))
    out.add(*out.keep(("K3", "A:B")))
    with pytest.raises(ElementError) as raised:
        out.close()
    assert raised.value.element == "K301"


def test_values_longer_than_the_element_are_refused() -> None:
    with pytest.raises(ElementError) as raised:
        SetWriter("835", "0001", "").add("N1", "PR", "X" * 61)
    assert raised.value.element == "N102"


@pytest.mark.parametrize(
    "change",
    [
        {"sender_id": "X" * 16},
        {"receiver_id": "A*B"},
        {"usage_indicator": ""},
        {"control_number": 10**9},
        {"sender_code": "A:B"},
    ],
)
def test_an_envelope_that_does_not_fit_its_widths_is_refused(header: InterchangeHeader, change: dict[str, str]) -> None:
    with pytest.raises(ElementError):
        write_interchange(dataclasses.replace(header, **change), "HP", "005010X221A1", [])  # type: ignore[arg-type]
