"""Ranges hold codes of their own class alone."""

import pytest

from schemas.code_ranges import is_between


@pytest.mark.parametrize(
    ("code", "low", "high"),
    [
        ("00100", "00100", "01999"),
        ("99213", "99202", "99215"),
        ("0042T", "0001T", "0999T"),
        ("0500F", "0001F", "9007F"),
        ("0001U", "0001U", "0999U"),
        ("J1100", "J0120", "J9999"),
        ("G0438", "A0000", "V9999"),
    ],
)
def test_a_code_lies_between_codes_of_its_class(code: str, low: str, high: str) -> None:
    assert is_between(code, (low, high))


@pytest.mark.parametrize(
    ("code", "low", "high"),
    [
        ("00100", "0001U", "0999U"),
        ("0042T", "0001U", "0999U"),
        ("0042T", "00100", "01999"),
        ("0500F", "00100", "99499"),
        ("J1100", "00100", "99499"),
        ("99213", "A0000", "V9999"),
        ("9921", "99202", "99215"),
        ("992130", "99202", "99215"),
        ("", "99202", "99215"),
    ],
)
def test_a_code_of_another_class_does_not(code: str, low: str, high: str) -> None:
    assert not is_between(code, (low, high))
