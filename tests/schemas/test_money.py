"""Money is exact to the cent, text on the wire, and refuses everything that only looks like an amount."""

import math
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas.bounds import AMOUNT_MAX, SUM_MAX, TOTAL_MAX
from schemas.money import Money, Sum, Total, format_money, from_cents, parse_money, to_cents

MAX_CENTS = to_cents(AMOUNT_MAX)
all_cents = st.integers(-MAX_CENTS, MAX_CENTS)
wire = TypeAdapter(Money)


@given(all_cents)
@example(MAX_CENTS)
@example(-MAX_CENTS)
def test_cents_survive_the_way_through_text_and_json(cents: int) -> None:
    amount = from_cents(cents)

    assert to_cents(parse_money(format_money(amount))) == cents
    assert wire.validate_json(wire.dump_json(amount)) == amount


@given(st.lists(all_cents, max_size=20))
def test_a_sum_of_dollars_is_the_sum_of_its_cents(cents: list[int]) -> None:
    assert to_cents(sum(map(from_cents, cents), Decimal("0.00"))) == sum(cents)


@pytest.mark.parametrize(
    ("written", "means"),
    [(".47", "0.47"), ("-.06", "-0.06"), ("23.2", "23.20"), ("5.", "5.00"), ("5.000", "5.00"), ("-0", "0.00")],
)
def test_x12_may_leave_out_zeros(written: str, means: str) -> None:
    assert format_money(parse_money(written)) == means


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ".",
        "-",
        "+5",
        "1e5",
        "1E5",
        "NaN",
        "Infinity",
        "1_000",
        "1,000",
        "$5",
        "5 ",
        "0x1",
        "\uff11",
        "--5",
        "5.-1",
    ],
)
def test_text_that_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        parse_money(text)


@pytest.mark.parametrize("value", [1.0, 0.1, math.nan, True, None, b"5.00", ["5.00"]])
def test_only_text_whole_dollars_and_decimals_are_money(value: object) -> None:
    with pytest.raises(ValueError, match="never a floating-point number"):
        parse_money(value)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity")])
def test_a_decimal_that_is_no_number_is_refused(value: Decimal) -> None:
    with pytest.raises(ValueError, match="finite"):
        parse_money(value)


@pytest.mark.parametrize("value", ["1.005", "0.001", "-.009", Decimal("1.005")])
def test_a_third_decimal_that_matters_is_refused(value: str | Decimal) -> None:
    with pytest.raises(ValueError, match="finer than one cent"):
        parse_money(value)


@pytest.mark.parametrize(("kind", "largest"), [(Money, AMOUNT_MAX), (Total, TOTAL_MAX), (Sum, SUM_MAX)])
def test_an_amount_beyond_its_bound_is_refused(kind: type[Decimal], largest: Decimal) -> None:
    money = TypeAdapter(kind)
    for sign in (1, -1):
        assert money.validate_python(str(sign * largest)) == sign * largest
        for too_much in (sign * (largest + Decimal("0.01")), str(sign * largest * 10), sign * 10**17):
            with pytest.raises(ValidationError, match="beyond"):
                money.validate_python(too_much)


def test_thousands_of_the_largest_sums_fit_the_store() -> None:
    assert to_cents(AMOUNT_MAX) * 100 < to_cents(TOTAL_MAX) * 1_000 < to_cents(SUM_MAX) * 2 < 2**63


@pytest.mark.parametrize("value", ["1" * 500, Decimal("1E999999999"), Decimal("1E-999999999"), 10**4_000])
def test_a_number_of_any_size_is_refused_at_once(value: object) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        parse_money(value)


@pytest.mark.parametrize("value", ["12.5", "1e2", "NaN", "true", "null"])
def test_a_bare_json_number_is_refused(value: str) -> None:
    with pytest.raises(ValidationError):
        wire.validate_json(value)


@given(st.text(max_size=30))
def test_any_text_is_an_amount_or_a_value_error(text: str) -> None:
    try:
        amount = parse_money(text)
    except ValueError:
        return
    assert abs(to_cents(amount)) <= MAX_CENTS
    assert parse_money(format_money(amount)) == amount
