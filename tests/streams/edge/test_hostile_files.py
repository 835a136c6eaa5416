"""Files that nobody should send: each ends as a finding that says what it is, and the next file is read."""

import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import streams.edge.budget
import streams.edge.reading
from connectors.archive import Archive
from connectors.content import Content
from connectors.endings import has_line_end
from connectors.files import FileRefusal, find_files, fit_name, read_file, show_name
from connectors.readers import Reader
from schemas.errors import ConfigurationError, TransportError
from schemas.inbound import Inbound, Read
from schemas.reference import Reference
from streams.actions.dead_letters import retry_dead_letter
from streams.edge.ingest import IngestedFile, ingest_file, ingest_paths
from streams.installation import Opened
from streams.reports.dead_letters import report_dead_letters
from tests.builders import open_small

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
GOOD = b"deposited_on,amount\n2026-11-01,5.00\n"


@pytest.fixture
def installation(tmp_path: Path, reference: Reference) -> Opened:
    return open_small(tmp_path / "data", reference, in_memory=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "given"
    made.mkdir()
    return made


def ingest_one(installation: Opened, path: Path) -> IngestedFile:
    (file,) = ingest_paths(installation, [path], NOW)
    return file


def make_link(path: Path) -> None:
    secret = path.parent.parent / "secret"
    secret.write_bytes(GOOD)
    path.symlink_to(secret)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


SPECIAL = {
    "a link": (make_link, "symbolic_link"),
    "a link to nowhere": (lambda path: path.symlink_to("nowhere"), "symbolic_link"),
    "a link to a folder": (lambda path: path.symlink_to("/proc"), "symbolic_link"),
    "a named pipe": (os.mkfifo, "not_a_file"),
    "a socket": (make_socket, "not_a_file"),
}


@pytest.mark.parametrize("name", SPECIAL)
def test_what_is_no_regular_file_is_refused_by_name_and_not_opened(
    name: str, installation: Opened, folder: Path
) -> None:
    make, code = SPECIAL[name]
    make(folder / "x")
    (folder / "y.csv").write_bytes(GOOD)
    given = ingest_one(installation, folder / "x")
    assert (given.outcome, given.findings[0].code) == ("rejected", code)
    found, after = ingest_paths(installation, [folder], NOW)
    assert found == given, "in a folder as by its name"
    assert after.outcome == "accepted", "the next file is read"
    assert not list((installation.data / "archive").glob("*/*"))[1:], "nothing but the good file is archived"


@pytest.mark.parametrize("device", ["/dev/null", "/dev/zero", "/dev/urandom"])
def test_a_device_is_refused(device: str, installation: Opened) -> None:
    assert ingest_one(installation, Path(device)).findings[0].code == "not_a_file"


def test_what_takes_the_place_of_a_file_after_the_first_look_is_not_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "x"
    os.mkfifo(path)
    monkeypatch.setattr(Path, "lstat", lambda _: os.stat(__file__))
    with pytest.raises(FileRefusal, match="FIFO"):
        read_file(path, 100)
    path.unlink()
    path.symlink_to(__file__)
    with pytest.raises(FileRefusal) as refused:
        read_file(path, 100)
    assert refused.value.code == "unreadable_file"


def test_a_file_that_grows_while_it_is_read_is_not_taken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "x"
    path.write_bytes(GOOD)
    read = os.read

    def read_and_grow(handle: int, size: int) -> bytes:
        with path.open("ab") as file:
            file.write(b"2026-11-01,6.00\n")
        return read(handle, size)

    monkeypatch.setattr(os, "read", read_and_grow)
    with pytest.raises(FileRefusal) as refused:
        read_file(path, 1_000_000)
    assert refused.value.code == "file_changing"


def test_a_file_beyond_the_bound_is_refused_before_it_is_read(folder: Path) -> None:
    path = folder / "sparse"
    path.touch()
    os.truncate(path, 10**12)
    with pytest.raises(FileRefusal) as refused:
        read_file(path, 2_000_000_000)
    assert refused.value.code == "too_large"


NAMES = [
    b"caf\xe9.csv", b"\xff\xfe", b"a\nb.csv", b"\x1b[31mred.csv", b"[bold]x[red].csv", b"-rf", b"n" * 251 + b".csv",
    "\u202egpj.csv".encode(), b" ", b"%s%n", b"a:b|c?.csv",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_any_bytes_is_text_that_can_be_shown_and_kept(
    name: bytes, installation: Opened, folder: Path
) -> None:
    path = folder / os.fsdecode(name)
    path.write_bytes(GOOD)
    file = ingest_one(installation, path)
    assert file.outcome == "accepted"
    assert file.path.encode("utf-8")


def test_a_longer_name_still_fits_into_a_folder_and_keeps_its_end() -> None:
    long = "\udcff" + "é" * 125 + ".csv"
    fitted = fit_name("0123456789ab-", long)
    assert len(os.fsencode(fitted)) == 255
    assert fitted.startswith("0123456789ab-") and fitted.endswith("é.csv")
    assert fit_name("1-", "short.csv") == "1-short.csv"
    assert show_name(Path("caf\udce9")) == "caf\\xe9"


def test_folders_nested_deeper_than_calls_and_paths_are_walked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    for _ in range(1500):
        os.mkdir("d")
        os.chdir("d")
    (Path("end.csv")).write_bytes(GOOD)
    monkeypatch.chdir(folder)
    (found,) = find_files([folder])
    subprocess.run(["rm", "-rf", "d"], check=True)  # pytest's own clearing is one call a folder
    assert found.name == "end.csv"


def test_a_folder_that_cannot_be_listed_is_a_finding(
    installation: Opened, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> list[str]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "listdir", refuse)
    assert ingest_one(installation, folder).outcome == "rejected"


WRAPPED = {
    "zip": b"PK\x03\x04\x14\x00\x01\x00", "gzip": b"\x1f\x8b\x08", "xml": b"<a>" * 100_000, "pdf": b"%PDF-1.7",
}  # fmt: skip


@pytest.mark.parametrize("kind", WRAPPED)
def test_what_files_are_wrapped_in_is_named(kind: str, installation: Opened, folder: Path) -> None:
    (folder / "x").write_bytes(WRAPPED[kind])
    file = ingest_one(installation, folder / "x")
    assert (file.kind, file.findings[0].code) == (kind, "unsupported_kind")
    assert len(report_dead_letters(installation).dead_letters) == 1


def fail_with(error: BaseException) -> Read:
    def read(*_: object) -> Iterator[Inbound]:
        raise error

    return read


def find(read: Read) -> Callable[[Content], tuple[str, Reader]]:
    """A table of readers in which this one takes every document."""
    return lambda content: ("deposits", Reader(("deposits",), lambda content: "deposits", read, 1000, has_line_end))


@pytest.mark.parametrize("error", [KeyError("SECRET"), RecursionError(), MemoryError(), OverflowError("SECRET")])
def test_whatever_a_reader_raises_is_a_finding_without_values(
    error: Exception, installation: Opened, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.csv").write_bytes(GOOD)
    with monkeypatch.context() as patch:
        patch.setattr(streams.edge.reading, "find_reader", find(fail_with(error)))
        file = ingest_one(installation, folder / "a.csv")
        (letter,) = report_dead_letters(installation).dead_letters
        still = retry_dead_letter(installation, letter.id, None, NOW, None)
    assert (file.outcome, file.findings[0].code) == ("rejected", "reader_failed")
    assert type(error).__name__ in file.findings[0].what and "SECRET" not in file.findings[0].what
    assert "test_hostile_files.py" in file.findings[0].what, "where in the code"
    assert Archive(installation.data / "archive").read(file.sha256) == GOOD
    assert not still.given_back and "reader" in still.reason
    assert retry_dead_letter(installation, letter.id, None, NOW, None).given_back, "once the program is mended"
    assert installation.store.find_document(file.sha256) == "accepted"


@pytest.mark.parametrize("error", [TransportError("away"), ConfigurationError("wrong")])
def test_what_is_wrong_with_the_installation_is_no_finding_about_a_file(
    error: Exception, installation: Opened, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.csv").write_bytes(GOOD)
    monkeypatch.setattr(streams.edge.reading, "find_reader", find(fail_with(error)))
    with pytest.raises(type(error)):
        ingest_file(installation, folder / "a.csv", NOW)


def test_a_reader_that_never_ends_is_stopped_in_any_thread(
    installation: Opened, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spin(*_: object) -> Iterator[Inbound]:
        while True:
            pass

    (folder / "a.csv").write_bytes(GOOD)
    monkeypatch.setattr(streams.edge.budget, "SECONDS", 0.3)
    monkeypatch.setattr(streams.edge.reading, "find_reader", find(spin))
    file = ingest_one(installation, folder / "a.csv")
    assert (file.outcome, file.findings[0].code) == ("rejected", "reading_too_long")
    assert "test_hostile_files.py" in file.findings[0].what, "where it was stopped"


def test_a_file_of_bad_lines_is_given_up_after_some(installation: Opened, folder: Path) -> None:
    (folder / "a.ndjson").write_bytes(b'{"a":1}\n' + b'{"\n' * 50_000)
    file = ingest_one(installation, folder / "a.ndjson")
    assert file.findings[0].code == "too_many_bad_lines"
    (letter,) = report_dead_letters(installation).dead_letters
    assert (letter.place, letter.bytes) == (0, 150_008)


def test_an_archived_document_that_is_gone_is_said_at_the_retry(installation: Opened, folder: Path) -> None:
    (folder / "a").write_bytes(b"prose")
    file = ingest_one(installation, folder / "a")
    Archive(installation.data / "archive").path_of(file.sha256).unlink()
    (letter,) = report_dead_letters(installation).dead_letters
    retry = retry_dead_letter(installation, letter.id, None, NOW, None)
    assert not retry.given_back and "gone" in retry.reason
