"""What a file is, from its first bytes."""

import pytest

from connectors.demo import generate_encounters
from connectors.ehr.detect import detect_kind


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"ISA*00*          *00*", "x12"),
        (b"\r\n ISA|00|", "x12"),
        (b"MSH|^~\\&|ADT|", "hl7"),
        (b"\x0bMSH|^~\\&|", "hl7"),
        (b"FHS|^~\\&|", "hl7"),
        (b'{"resourceType": "Bundle", "type": "collection"', "fhir"),
        (b'\xef\xbb\xbf{\n  "type": "batch",\n  "resourceType" : "Bundle"', "fhir"),
        (b'{"source_system": "clinic", "note": "a \\"resourceType\\": no", ', "ndjson"),
        (b"", "unknown"),
        (b"ISAAC NEWTON", "unknown"),
        (b"MSHELL", "unknown"),
        (b"[]", "unknown"),
        (b"%PDF-1.7", "unknown"),
        (b"PK\x03\x04", "unknown"),
    ],
)
def test_kinds(head: bytes, kind: str) -> None:
    assert detect_kind(head) == kind


def test_the_demo_is_encounter_ndjson() -> None:
    assert detect_kind(next(generate_encounters(1, seed=1)).model_dump_json().encode()[:4096]) == "ndjson"
