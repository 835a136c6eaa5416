"""Text of the outside as a document may show it: no control character, nothing that turns the order of a line."""

import unicodedata

SUBSTITUTE = "\N{REPLACEMENT CHARACTER}"
# Marks that letters need: joiners (Devanagari, Persian, emoji), direction of a neutral sign, a word's soft break.
FORMATS = "\u200c\u200d\u200e\u200f\u061c\u00ad"


def make_plain(text: str) -> str:
    """One line: every break or tab a space, everything else that cannot be seen a visible substitute."""
    return "".join(c if is_plain(c) else " " if c.isspace() else SUBSTITUTE for c in text)


def is_plain(character: str) -> bool:
    """Not of the classes Cc, Cf (but for those that letters need), Cs, Co, Zl and Zp of Unicode."""
    return character in FORMATS or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
