"""Each document of an appeal has a name of its own in the packet."""

from pathlib import Path

import pytest

from connectors.documents.packet import name_documents, read_documents
from schemas.errors import RefusedError


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (["a.txt", "b.txt"], ["a.txt", "b.txt"]),
        (["a.txt", "a.txt", "a.txt"], ["a.txt", "a-2.txt", "a-3.txt"]),
        (["a.txt", "a-2.txt", "a.txt"], ["a.txt", "a-2.txt", "a-3.txt"]),
        (["Scan.PDF", "scan.pdf"], ["Scan.PDF", "scan-2.pdf"]),
        (["letter.pdf", "LETTER.pdf"], ["letter-2.pdf", "LETTER-3.pdf"]),
        (["note", "note"], ["note", "note-2"]),
        (["a\x1b\u202e.txt"], ["a\ufffd\ufffd.txt"]),
    ],
)
def test_no_document_takes_anothers_place(given: list[str], names: list[str]) -> None:
    assert name_documents(given) == names


@pytest.mark.parametrize("stem", ["a" * 251, "é" * 125, "\udcff" * 100])
def test_a_name_of_any_length_and_bytes_fits_a_disk(stem: str) -> None:
    first, second = name_documents([f"{stem}.pdf", f"{stem}.pdf"])

    assert first != second and first.endswith(".pdf") and max(len(first.encode()), len(second.encode())) < 200


def test_two_files_of_one_name_are_both_read(tmp_path: Path) -> None:
    paths = [tmp_path / folder / "notes.txt" for folder in ("one", "two")]
    for path in paths:
        path.parent.mkdir()
        path.write_text(path.parent.name)

    assert read_documents(paths) == [("notes.txt", b"one"), ("notes-2.txt", b"two")]


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="a folder"):
        read_documents([tmp_path])
    (tmp_path / "scan.pdf").symlink_to("/etc/hostname")
    with pytest.raises(RefusedError, match="symbolic link"):
        read_documents([tmp_path / "scan.pdf"])
