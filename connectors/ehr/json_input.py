"""JSON from outside, read safely: bounded in size and depth, UTF-8, without NaN and without duplicate keys.

Python's own reader takes NaN, keeps the last of two equal keys without a word, and recurses as deep as the text
says. Numbers with a point become Decimal, so that no amount passes through a float.
"""

import json
import re
from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import Any

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 100
MAX_VALUES = 4_000_000  # each costs some hundred bytes while it is read; a large bundle has one in thirty bytes
MAX_NUMBER_LENGTH = 64  # no amount, quantity or position needs more digits
MAX_EXPONENT = 400

STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)  # possessive: nothing is kept to try again
ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
# Element names begin in lower case; anything else in a key is not repeated, for it may be a patient's name.
_ELEMENT_NAME = re.compile(r"[a-z][A-Za-z0-9_]{0,40}")


class JsonRefusal(ValueError):
    """Text that is not JSON, or not JSON that is safe to read. The message never quotes a value."""

    def __init__(self, code: str, what: str, remedy: str) -> None:
        super().__init__(what)
        self.code, self.what, self.remedy = code, what, remedy


def parse_json(data: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Any:
    """One JSON document as Python objects, Decimal for numbers with a point or exponent. Raises JsonRefusal."""
    if len(data) > max_bytes:
        raise JsonRefusal("too_large", f"{len(data)} bytes where at most {max_bytes} are read", "send it in parts")
    if not data.strip():
        raise JsonRefusal("empty", "there is nothing in it", "send it again")
    if data.count(b",") > MAX_VALUES:
        raise JsonRefusal("too_large", f"more than {MAX_VALUES} values", "send it in parts")
    _check_depth(data, max_depth)
    try:
        return _DECODER.decode(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        what = f"byte {error.start + 1} is not UTF-8"
        raise JsonRefusal("not_utf8", what, "export it as UTF-8") from None
    except json.JSONDecodeError as error:
        what = f"not JSON at line {error.lineno}, column {error.colno}: {error.msg}"
        goes_on = error.msg == "Extra data"
        remedy = (
            "send each document by itself" if goes_on else "send the whole document again; it may have been cut off"
        )
        raise JsonRefusal("not_json", what, remedy) from None
    except JsonRefusal:
        raise
    except ValueError:  # an integer of thousands of digits
        raise JsonRefusal("number_range", "a number of absurd length", "write numbers as the schema asks") from None


def _check_depth(data: bytes, max_depth: int) -> None:
    if data.count(b"[") + data.count(b"{") <= max_depth:
        return
    depth = 0
    for bracket in STRING.sub(b"", data).translate(None, ALL_BUT_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > max_depth:
            what = f"objects or lists nested deeper than {max_depth}"
            raise JsonRefusal("too_deep", what, "send the resource as its specification nests it")


def _refuse_constant(_name: str) -> None:
    raise JsonRefusal("not_a_number", "NaN or Infinity, which JSON does not know", "leave the value out")


def _parse_decimal(text: str) -> Decimal:
    try:
        number = Decimal(text) if len(text) <= MAX_NUMBER_LENGTH else None
    except InvalidOperation:  # an exponent beyond any decimal's
        number = None
    if number is not None and abs(number.adjusted()) <= MAX_EXPONENT:
        return number
    raise JsonRefusal("number_range", "a number of absurd length or size", "write numbers as the schema asks")


def _build_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    built = dict(pairs)
    if len(built) == len(pairs):
        return built
    twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
    named = f" '{twice}'" if _ELEMENT_NAME.fullmatch(twice) else ""
    raise JsonRefusal("duplicate_key", f"an object has the key{named} twice", "send each key once")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_build_object, parse_float=_parse_decimal, parse_constant=_refuse_constant
)
