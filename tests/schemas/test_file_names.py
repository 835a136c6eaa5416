"""Names that reach the file system: made from what identifies a file, refused where they come from outside."""

import json
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from connectors.archive import Archive
from schemas.base import FileName
from schemas.event import Body
from schemas.events import EVENT_TYPES, InquiryBuilt, InterchangeBuilt, InterchangeWritten
from schemas.submission import name_file

OUTSIDE = [
    "../../../x",
    "/etc/passwd",
    "..",
    ".",
    ".hidden",
    "",
    "a b.837",
    "a\\b",
    "a\n.837",
    "a.837\n",
    "é.837",
    "x" * 101,
]
BODIES: dict[type[Body], dict[str, object]] = {
    InterchangeBuilt: {"built_at": "2026-07-01T00:00:00Z", "sha256": "0" * 64, "claims": []},
    InquiryBuilt: {"built_at": "2026-07-01T00:00:00Z", "claims": []},
    InterchangeWritten: {"sha256": "0" * 64},
}


@pytest.mark.parametrize("kind", BODIES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("name", OUTSIDE)
def test_an_event_names_no_place_outside_its_folder(kind: type[Body], name: str) -> None:
    body = {"trading_partner": "CH", "control_number": 1, **BODIES[kind]}
    kind.model_validate_json(json.dumps({**body, "file_name": "CH-000000001.837"}))
    with pytest.raises(ValidationError):
        kind.model_validate_json(json.dumps({**body, "file_name": name}))


def test_every_file_name_of_an_event_is_of_that_kind() -> None:
    pattern = TypeAdapter[str](FileName).json_schema()["pattern"]
    for body in EVENT_TYPES.values():
        for name, field in body.model_json_schema()["properties"].items():
            if name.endswith("file_name"):
                assert field["pattern"] == pattern, body.type


@pytest.mark.parametrize(
    ("partner", "name"),
    [
        ("CLEARINGHOUSE", "CLEARINGHOUSE-000000007.837"),
        ("../../x", "_._.._x-000000007.837"),
        (".CH", "_CH-000000007.837"),
        ("AB/C D", "AB_C_D-000000007.837"),
    ],
)
def test_a_file_is_named_by_partner_and_number(partner: str, name: str) -> None:
    assert name_file(partner, 7, "837") == name


@pytest.mark.parametrize("sha256", ["../../../etc/passwd", "", "0" * 63, "0" * 64 + "/..", "G" * 64])
def test_the_archive_reads_nothing_but_documents(sha256: str, tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for read in (archive.read, archive.open, archive.path_of):
        with pytest.raises(ValueError, match="named by its sha256"):
            read(sha256)
