"""What is shown of text from outside obeys nobody: not the terminal, not a log, not a reader of JSON."""

import json
import sys
from unicodedata import category

import pytest

from schemas.showing import show, show_json

OBEYED = ("Cc", "Cf", "Cs", "Zl", "Zp")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ottergrove, Elian", "Ottergrove, Elian"),
        ("張 อรุณ Ильин Nguyễn 😀", "張 อรุณ Ильин Nguyễn 😀"),
        ("a\u00a0b\u3000c", "a\u00a0b\u3000c"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x9b2J", r"\x9b2J"),
        ("paid\nrevcycle: all is well", r"paid\nrevcycle: all is well"),
        ("a\r\tb\x00", r"a\r\tb\x00"),
        ("E11\u202e9", r"E11\u202e9"),
        ("Ann\u200b\u2066a\u2028", r"Ann\u200b\u2066a\u2028"),
        ("\U000e0041tag", r"\U000e0041tag"),
        ("name-\udcff.835", r"name-\udcff.835"),
    ],
)
def test_a_line_is_shown(text: str, shown: str) -> None:
    assert show(text) == shown
    assert show(shown) == shown


def test_no_character_that_is_obeyed_comes_through() -> None:
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        if category(char) in OBEYED:
            assert show(char).isprintable(), hex(code)
            assert char == "\n" or char not in show_json(json.dumps(f"a{char}", ensure_ascii=False)), hex(code)


def test_json_says_the_same_and_keeps_its_lines() -> None:
    name = "\x1b[2J\x7f\x9b張\u202e\u200b\u2028\U000e0041\n"
    written = show_json(json.dumps({"name": name}, indent=2, ensure_ascii=False))
    assert json.loads(written) == {"name": name}
    assert written.count("\n") == 2 and "張" in written
    assert all(char.isprintable() for line in written.splitlines() for char in line)
