"""Which kind of X12 file this is, from its first bytes."""

import re

from schemas.x12.errors import X12Error
from schemas.x12.tokens import read_segments

UNKNOWN = "unknown"
SET_ID = re.compile(r"[0-9]{3}")


def identify(head: bytes) -> str | None:
    """The kind of an X12 file from its first bytes (a few KiB): 835, 837P, 837I, 999, TA1, 277CA ... or None.

    A file with an ISA that names no transaction set yet is judged by its GS; one whose ISA holds only TA1 is 'TA1'.
    """
    ta1 = False
    version = ""
    try:
        for segment in read_segments(head):
            match segment.id:
                case "TA1":
                    ta1 = True
                case "GS":
                    version = segment[8]
                case "ST":
                    kind = name_kind(segment[1], segment[3] or version)
                    return kind if kind != UNKNOWN else None
    except X12Error:
        pass  # a head that ends inside a segment is the normal case; what was read before it decides
    return "TA1" if ta1 else None


def name_kind(set_id: str, implementation: str) -> str:
    """ST01 and the implementation guide to the name used in revcycle: ('837', '005010X222A1') -> '837P'.

    ST01 is three digits: any other text names no kind and is never shown as one, since it may be a piece of a value.
    """
    if not SET_ID.fullmatch(set_id):
        return UNKNOWN
    if set_id == "837":
        for guides, name in ((("X222", "X098"), "837P"), (("X223", "X096"), "837I"), (("X224", "X097"), "837D")):
            if any(guide in implementation for guide in guides):
                return name
    if set_id == "277" and "X214" in implementation:
        return "277CA"
    return set_id
