"""What a file is, from its first bytes."""

import re
from typing import Literal

InputKind = Literal["x12", "fhir", "ndjson", "hl7", "unknown"]

HEAD_BYTES = 4096  # enough to see the first entry of a bundle
_RESOURCE_TYPE = re.compile(rb'(?<!\\)"resourceType"\s*:')
_HL7_START = re.compile(rb"(MSH|FHS|BHS)[^A-Za-z0-9\s]")


def detect_kind(head: bytes) -> InputKind:
    """The kind of a file from its first bytes (HEAD_BYTES are enough); 'unknown' when it is none of ours."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x0b")  # 0x0b begins an MLLP frame
    if start.startswith(b"ISA") and len(start) > 3 and not start[3:4].isalnum():
        return "x12"
    if _HL7_START.match(start):
        return "hl7"
    if start.startswith(b"{"):
        return "fhir" if _RESOURCE_TYPE.search(start) else "ndjson"
    return "unknown"
