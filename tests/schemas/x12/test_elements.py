"""Element values: amounts, quantities, dates and times as X12 writes them."""

from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.x12 import elements


@pytest.mark.parametrize(
    ("text", "amount"),
    [(".47", "0.47"), ("-.06", "-0.06"), ("23.2", "23.20"), ("5.", "5.00"), ("-0", "0.00"), ("100.000", "100.00")],
)
def test_amounts_as_payers_write_them(text: str, amount: str) -> None:
    assert str(elements.parse_amount(text)) == amount


@pytest.mark.parametrize(
    "text", ["", "NaN", "1e5", "1_000", "1.005", "\uff11\uff12", "+5", "1,000", ".", "-", "1" * 19, "0" * 41]
)
def test_what_is_no_amount_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match="amount") as raised:
        elements.parse_amount(text)
    assert not text or len(text) < 2 or text not in str(raised.value)


@given(st.integers(-(10**15), 10**15))
def test_an_amount_survives_writing(cents: int) -> None:
    amount = Decimal(cents).scaleb(-2)
    text = elements.format_number(amount)
    assert elements.parse_amount(text) == amount
    assert not text.startswith(("0.", "-0")) and not text.endswith(".")


def test_quantities_do_not_depend_on_their_spelling() -> None:
    assert str(elements.parse_quantity("1.0")) == str(elements.parse_quantity("1")) == "1"
    assert str(elements.parse_quantity("10.50")) == "10.5"
    assert str(elements.parse_quantity("100")) == "100"


def test_dates_and_times() -> None:
    assert elements.parse_date("20261120") == date(2026, 11, 20) == elements.parse_date("261120")
    assert elements.parse_time("1405") == time(14, 5)
    assert elements.format_time(time(14, 5, 9)) == "140509"
    assert elements.read_date("20260231") is None and elements.read_time("2561") is None
    for text in ("2026-11-20", "\uff12\uff10261120", "20261320", ""):
        with pytest.raises(ValueError, match=r"date|month"):
            elements.parse_date(text)


def test_folding_a_name_leaves_what_every_payer_takes() -> None:
    assert elements.fold_text("  Peña-Núñez*: ^Ann\n") == "Pena-Nunez Ann"
