"""Ranges of procedure codes, compared within one class of code.

As text `00100` (anaesthesia) lies between `0001U` and `0999U` (laboratory analyses), and means something else. The
classes are those of the CPT and HCPCS code sets (45 CFR 162.1002): five digits; four digits and a letter, each letter a
class of its own (F measures, T new technology, U analyses, A, M); a letter and four digits, which is HCPCS Level II.
"""

_LENGTH = 5


def is_between(code: str, *ranges: tuple[str, str]) -> bool:
    """Whether a procedure code lies in one of the ranges, both ends included, of codes of its own class."""
    for low, high in ranges:  # noqa: SIM110 - asked for every line by many edits: quicker than any()
        if low <= code <= high and is_same_class(code, low):
            return True
    return False


def is_same_class(code: str, other: str) -> bool:
    """Whether two codes are of one class."""
    if len(code) != _LENGTH or len(other) != _LENGTH or code[0].isdigit() != other[0].isdigit():
        return False
    return code[-1] == other[-1] or (code[-1].isdigit() and other[-1].isdigit())
