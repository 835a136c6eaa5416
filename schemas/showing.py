"""How text from outside is shown: nothing in it moves a cursor, turns the way of reading, hides, or starts a line.

A payer's or patient's name, a code or the name of a file may hold ESC, a bidirectional control or a line break (Unicode
categories Cc, Cf, Zl, Zp, and half surrogate pairs of names that are no UTF-8): a terminal or a log would obey it.
"""

import json
import re
from unicodedata import category

_NEITHER_ASCII_NOR_LINE = re.compile(r"[^\x20-\x7e\n]")
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def _is_plain(char: str) -> bool:
    return char.isprintable() or category(char) == "Zs"


def _spell(char: str) -> str:
    if _is_plain(char):
        return char
    code = ord(char)
    width = r"\x{:02x}" if code < 0x100 else r"\u{:04x}" if code < 0x10000 else r"\U{:08x}"
    return _SHORT.get(char) or width.format(code)


def show(text: str) -> str:
    r"""One line of text as it may be printed: what is no visible character stands as `\x1b`, `\n`, `\u202e`."""
    return text if text.isprintable() else "".join(map(_spell, text))


def show_json(document: str) -> str:
    r"""A JSON document that says the same, with the characters that a terminal obeys as `\u009b`; its own line breaks
    stay."""
    return _NEITHER_ASCII_NOR_LINE.sub(_escape, document)


def _escape(found: re.Match[str]) -> str:
    char = found.group()
    if _is_plain(char):
        return char
    return json.dumps(char)[1:-1] if ord(char) > 0x7F else f"\\u{ord(char):04x}"
