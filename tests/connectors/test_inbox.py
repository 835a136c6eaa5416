"""The inbox with writers that stall, come back, or never end: nothing is taken by halves, and nothing later is lost."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import connectors.inbox
from connectors.inbox import DONE, REJECTED, SETTLED_SECONDS, TRIES_MAX, UNFINISHED_SECONDS, WORKING, Inbox
from connectors.wholeness import has_end
from schemas.identifiers import sha256_hex

ISA = b"ISA*00*          *00*          *ZZ*A              *ZZ*B              *260101*1200*^*00501*000000001*0*T*:~"
X12 = ISA + b"GS*FA*A*B*20260101*1200*1*X*005010X231A1~GE*0*1~IEA*1*000000001~"
BAI2 = b"01,A,B,261001,0800,1,80,1,2/\n02,A,B,1,261001,,USD,2/\n98,0,0,2/\n99,0,1,4/\n"
CSV = b"deposited_on,amount\n2026-11-01,5.00\n"
NDJSON = b'{"source_system": "a"}\n{"source_system": "b"}\n'
FHIR = b'{"resourceType": "Bundle", "type": "batch", "entry": [{"resource": {"id": "a"}}, {}]}'
HL7 = b"MSH|^~\\&|A|B|C|D|20260101||DFT^P03|1|P|2.5\rPID|1\r"
HL7_BATCH = b"FHS|^~\\&|A\rBHS|^~\\&|A\r" + HL7 + b"BTS|1\rFTS|1\r"


PRINTED = json.dumps({"entry": [{"a": 1}, {"b": [2]}], "resourceType": "Bundle"}, indent=1).encode()


class Bench:
    """An inbox whose clock is turned by hand, and what was read of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = 0.0
        self.told: list[str] = []
        self.read: list[bytes] = []
        self.inbox = self.restart()

    def restart(self) -> Inbox:
        self.inbox = Inbox(self.folder, self.told.append, lambda: self.now)
        return self.inbox

    def look(self, seconds: float = 0.0) -> list[str]:
        """The names that are taken after some seconds, each read and put away."""
        self.now += seconds
        names = []
        for path in self.inbox.take():
            data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            self.inbox.end(path)
            if self.inbox.put_away(path, DONE if data else REJECTED, sha256_hex(data)):
                self.read.append(data)
                names.append(path.name)
        known = {sha256_hex(data) for data in self.read}
        self.inbox.take_back_late(known.__contains__)
        return names

    def taken_after(self, seconds: float) -> list[str]:
        return [*self.look(), *self.look(seconds)]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return Bench(folder)


@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that cannot tell who has a file open, as one over the network."""
    monkeypatch.setattr(connectors.inbox, "is_being_written", lambda handle: False)


WHOLE = {
    "x12": X12, "x12 and a line end": X12 + b"\r\n", "bai2": BAI2, "csv": CSV, "ndjson": NDJSON, "fhir": FHIR,
    "hl7": HL7, "hl7 batch": HL7_BATCH, "hl7 frame": b"\x0b" + HL7 + b"\x1c\r", "fhir, printed": PRINTED,
}  # fmt: skip


@pytest.mark.parametrize("kind", WHOLE)
def test_the_end_of_each_kind_is_known(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "x"

    def ends(data: bytes) -> bool:
        path.write_bytes(data)
        handle = os.open(path, os.O_RDONLY)
        try:
            return has_end(handle)
        finally:
            os.close(handle)

    data = WHOLE[kind]
    assert ends(data)
    assert not ends(data[: len(data) * 2 // 3])
    assert not ends(data.rstrip()[:-2])


def test_no_line_end_of_a_printed_document_is_its_end(tmp_path: Path) -> None:
    lines = PRINTED.splitlines(keepends=True)
    for count in range(1, len(lines)):
        path = tmp_path / str(count)
        path.write_bytes(b"".join(lines[:count]))
        with path.open("rb") as file:
            assert not has_end(file.fileno())


@pytest.mark.usefixtures("blind")
@pytest.mark.parametrize("kind", WHOLE)
def test_a_file_with_its_end_is_taken_soon_and_half_of_it_only_much_later(kind: str, bench: Bench) -> None:
    data = WHOLE[kind]
    (bench.folder / "whole").write_bytes(data)
    (bench.folder / "half").write_bytes(data[: len(data) * 2 // 3])
    assert bench.taken_after(SETTLED_SECONDS) == ["whole"]
    assert bench.look(SETTLED_SECONDS) == []
    with (bench.folder / "half").open("ab") as writer:
        writer.write(data[len(data) * 2 // 3 :])
    assert bench.look(UNFINISHED_SECONDS) == [], "it changed: from now on it has to keep still"
    assert bench.look(SETTLED_SECONDS) == ["half"]
    assert bench.read == [data, data]


@pytest.mark.usefixtures("blind")
def test_what_never_gets_its_end_is_taken_in_the_end(bench: Bench) -> None:
    (bench.folder / "cut.835").write_bytes(X12[:-20])
    (bench.folder / "empty").touch()
    (bench.folder / "odd").write_bytes(b"\x00\x01")
    assert bench.taken_after(UNFINISHED_SECONDS - 1) == []
    assert bench.look(1) == ["cut.835", "empty", "odd"]


def test_a_time_in_the_future_or_long_ago_says_nothing(bench: Bench) -> None:
    for name, when in (("future", 4e9), ("past", 0)):
        (bench.folder / name).write_bytes(CSV)
        os.utime(bench.folder / name, (when, when))
    assert bench.look() == []
    assert bench.look(SETTLED_SECONDS) == ["future", "past"]
    for _ in range(3):
        assert bench.look(60) == [], "the future one is not taken for a late one"


def test_hidden_names_are_their_writers_still(bench: Bench) -> None:
    (bench.folder / ".part").write_bytes(CSV)
    assert bench.taken_after(100) == []
    (bench.folder / ".part").rename(bench.folder / "part.csv")
    assert bench.taken_after(SETTLED_SECONDS) == ["part.csv"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says who has a file open")
def test_a_file_that_somebody_has_open_is_waited_for_and_said(bench: Bench) -> None:
    with (bench.folder / "x.csv").open("wb") as writer:
        writer.write(CSV)
        writer.flush()
        assert bench.taken_after(50) == []
        assert bench.told == []
        assert bench.look(50) == bench.look(50) == []
        (said,) = bench.told
        assert "x.csv" in said and "open" in said
        writer.write(b"2026-11-02,6.00\n")
    assert bench.taken_after(SETTLED_SECONDS) == ["x.csv"]
    assert bench.read == [CSV + b"2026-11-02,6.00\n"]


SLOW = """
import sys, time
with open(sys.argv[1], "wb") as file:
    for line in sys.stdin.buffer:
        file.write(line)
        file.flush()
        print("written", flush=True)
"""


@pytest.fixture
def writer(bench: Bench) -> Iterator["subprocess.Popen[bytes]"]:
    """Another process that writes lines as we hand them over, through one descriptor."""
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, str(bench.folder / "slow.csv")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    yield process
    process.kill()
    process.communicate()


def write(process: "subprocess.Popen[bytes]", line: bytes) -> None:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(line)
    process.stdin.flush()
    assert process.stdout.readline() == b"written\n"


@pytest.mark.usefixtures("blind")
def test_what_a_slow_writer_writes_after_its_file_was_put_away_is_read_as_well(
    bench: Bench, writer: "subprocess.Popen[bytes]"
) -> None:
    lines = CSV.splitlines(keepends=True)
    write(writer, lines[0])
    write(writer, lines[1])
    assert bench.taken_after(SETTLED_SECONDS) == ["slow.csv"], "it looks whole"
    write(writer, b"2026-11-02,6.00\n")
    bench.look(60)
    assert "read again" in bench.told[-1]
    write(writer, b"2026-11-02,7.00\n")
    assert bench.taken_after(SETTLED_SECONDS) == ["slow.csv"]
    assert bench.read[-1] == CSV + b"2026-11-02,6.00\n2026-11-02,7.00\n"
    write(writer, b"2026-11-02,8.00\n")
    bench.restart()  # what came while nobody looked
    assert [*bench.look(60), *bench.look(60), *bench.look(SETTLED_SECONDS)] == ["slow.csv"]
    assert bench.read[-1].endswith(b"8.00\n")
    assert bench.look(60) == bench.look(60) == []


@pytest.mark.usefixtures("blind")
def test_a_file_that_changes_while_it_is_read_is_not_put_away(bench: Bench) -> None:
    (bench.folder / "x.csv").write_bytes(CSV)
    bench.look()
    bench.now += SETTLED_SECONDS
    (path,) = bench.inbox.take()
    with path.open("ab") as writer:
        writer.write(b"2026-11-02,6.00\n")
    assert not bench.inbox.put_away(path, DONE, "")
    assert bench.taken_after(SETTLED_SECONDS) == ["x.csv"]
    assert bench.read == [CSV + b"2026-11-02,6.00\n"]


def test_a_kill_leaves_what_it_had_taken_to_the_next_start(bench: Bench) -> None:
    (bench.folder / "x.csv").write_bytes(CSV)
    bench.look()
    bench.now += SETTLED_SECONDS
    assert [path.parent.name for path in bench.inbox.take()] == [WORKING]
    (bench.folder / "x.csv").write_bytes(b"another of the same name")
    bench.restart()
    assert bench.taken_after(UNFINISHED_SECONDS) == ["x.csv", "x.csv"]
    assert [path.name for path in sorted((bench.folder / DONE).iterdir())] == [
        f"{sha256_hex(b'another of the same name')[:12]}-x.csv", "x.csv",
    ]  # fmt: skip


def test_a_file_that_kills_whoever_reads_it_is_put_aside_in_the_end(bench: Bench) -> None:
    for name in ("deadly.csv", "good.csv"):
        (bench.folder / name).write_bytes(CSV)
    for _ in range(TRIES_MAX):
        bench.restart()
        assert list(bench.inbox.take()) == []
        bench.now += SETTLED_SECONDS
        assert next(bench.inbox.take()).name == "deadly.csv"  # and it dies here
    bench.restart()
    assert bench.taken_after(SETTLED_SECONDS) == ["good.csv"]
    assert bench.told == ["deadly.csv: 10 processes died while they read it; it goes to rejected/ unread"]
    assert (bench.folder / REJECTED / "deadly.csv").read_bytes() == CSV
    assert not list((bench.folder / WORKING).iterdir())


def test_every_kind_of_entry_leaves_the_inbox(bench: Bench) -> None:
    (bench.folder / "link").symlink_to("/etc/passwd")
    (bench.folder / "folder").mkdir()
    (bench.folder / "folder" / "x.csv").write_bytes(CSV)
    os.mkfifo(bench.folder / "pipe")
    os.mkfifo(bench.folder / os.fsdecode(b"\xff" * 255))
    assert len(bench.look()) == 4
    os.mkfifo(bench.folder / "pipe")
    os.mkfifo(bench.folder / os.fsdecode(b"\xff" * 255))
    assert len(bench.look()) == 2
    names = {os.fsencode(path.name) for path in (bench.folder / REJECTED).iterdir()}
    empty = sha256_hex(b"")[:12].encode()
    assert names == {
        *(b"link", b"folder", b"pipe", b"\xff" * 255),
        *(empty + b"-pipe", empty + b"-" + b"\xff" * 242),
    }
    assert (bench.folder / REJECTED / "link").is_symlink(), "moved, not followed"
    assert (bench.folder / REJECTED / "folder" / "x.csv").read_bytes() == CSV


def test_what_has_the_name_of_one_of_our_folders_is_an_entry_like_others(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (bench.folder / REJECTED).symlink_to(tmp_path / "elsewhere")
    (bench.folder / DONE).write_bytes(CSV)
    os.mkfifo(bench.folder / WORKING)
    assert sorted([*bench.look(), *bench.look(SETTLED_SECONDS)]) == ["not-done", "not-rejected", "not-taking"]
    assert not list((tmp_path / "elsewhere").iterdir())


def test_what_its_writer_takes_back_is_no_fault(bench: Bench) -> None:
    for name in ("a.csv", "b.csv"):
        (bench.folder / name).write_bytes(CSV)
    bench.look()
    bench.now += SETTLED_SECONDS
    taken = bench.inbox.take()
    first = next(taken)
    assert bench.inbox.put_away(first, DONE, "")
    (bench.folder / "b.csv").unlink()
    assert list(taken) == []
    assert bench.told == []


def test_what_cannot_be_moved_is_said_once_and_holds_nothing_up(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.csv", "b.csv"):
        (bench.folder / name).write_bytes(CSV)
    rename = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if path.name == "a.csv":
            raise PermissionError(1, "Operation not permitted")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    assert bench.taken_after(SETTLED_SECONDS) == ["b.csv"]
    assert bench.taken_after(60) == []
    (said,) = bench.told
    assert said.startswith("a.csv") and "not permitted" in said
