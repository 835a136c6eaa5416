"""JSON that is not safe to read, each with an example."""

from decimal import Decimal

import pytest

from connectors.ehr.json_input import JsonRefusal, parse_json


def refuse(data: bytes, **bounds: int) -> JsonRefusal:
    with pytest.raises(JsonRefusal) as caught:
        parse_json(data, **bounds)
    return caught.value


def test_numbers_with_a_point_are_decimals_and_never_floats() -> None:
    assert parse_json(b'{"a": 1.10, "b": 2}') == {"a": Decimal("1.10"), "b": 2}
    assert str(parse_json(b"[0.1]")[0]) == "0.1"


def test_a_byte_order_mark_is_no_harm() -> None:
    assert parse_json(b"\xef\xbb\xbf{}") == {}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"\xc3\x28", "not_utf8"),
        (b'{"a": 1', "not_json"),
        (b"{'a': 1}", "not_json"),
        (b"{} {}", "not_json"),
        (b"[NaN]", "not_a_number"),
        (b"[-Infinity]", "not_a_number"),
        (b'{"a": {"b": 1, "b": 1}}', "duplicate_key"),
        (b"[" * 101 + b"]" * 101, "too_deep"),
        (b"[" * 1_000_000, "too_deep"),
        (b"[1e999999]", "number_range"),
        (b"[0." + b"1" * 100 + b"]", "number_range"),
        (b"[" + b"9" * 5000 + b"]", "number_range"),
    ],
)
def test_unsafe_json_is_refused(data: bytes, code: str) -> None:
    assert refuse(data).code == code


def test_depth_counts_brackets_outside_of_strings_only() -> None:
    assert parse_json(b'["' + b"[" * 500 + b'\\"' + b'"]') == ["[" * 500 + '"']
    assert parse_json(b"[" * 100 + b"]" * 100)


def test_size_is_bounded() -> None:
    assert refuse(b'["' + b"x" * 100 + b'"]', max_bytes=100).code == "too_large"


def test_a_key_that_may_be_a_name_is_not_repeated_in_the_message() -> None:
    assert refuse(b'{"Fallowdale": 1, "Fallowdale": 2}').what == "an object has the key twice"
    assert refuse(b'{"status": 1, "status": 2}').what == "an object has the key 'status' twice"
