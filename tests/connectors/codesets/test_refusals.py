"""A wrong or half file is refused with its place, and changes nothing."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from connectors.codesets import CodeFileError, SetFileError, list_sets, load_file, load_files, open_codesets
from connectors.codesets.set_file import MAGIC
from schemas.errors import TransportError
from streams.cli import app
from tests.connectors.codesets.builders import (
    hcpcs_line,
    order_lines,
    pfs_row,
    write_articles,
    write_hcpcs,
    write_lines,
    write_mue,
    write_order,
    write_pfs,
    write_ptp,
)
from tests.faults.disks import filled, mount_disk

MUE_ROW = "76942,2,3 Date of Service Edit: Clinical,Clinical: Data"
GOOD_PAIR = "20610\t76942\t\t20200101\t*\t1\tR"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([GOOD_PAIR, "20610\t769"], "line 8, column 2: 2 columns where a row has 7"),
        ([GOOD_PAIR + "\tmore"], "line 7, column 8: 8 columns where a row has 7"),
        ([GOOD_PAIR.replace("20200101", "20201301")], "line 7, column 4: an effective or deletion date"),
        ([GOOD_PAIR.replace("*", "")], "line 7, column 5: an effective or deletion date"),
        ([GOOD_PAIR.replace("\t1\t", "\t2\t")], "line 7, column 6: the modifier indicator must be 0, 1 or 9"),
        ([GOOD_PAIR.replace("76942", "769")], "line 7, column 2: '769' is not a CPT or HCPCS code"),
        ([], "no rows after the preamble"),
    ],
)
def test_ptp(tmp_path: Path, data: Path, rows: list[str], place: str) -> None:
    with pytest.raises(CodeFileError, match=place.replace("(", r"\(")):
        load_file(write_ptp(tmp_path, *rows), data)

    assert list_sets(data) == []


@pytest.mark.parametrize("cut", [2, 5])
def test_a_file_cut_within_its_last_row_is_refused_although_the_row_has_all_its_columns(
    tmp_path: Path, data: Path, cut: int
) -> None:
    for whole in (write_ptp(tmp_path, GOOD_PAIR + "eason in words"), write_mue(tmp_path, MUE_ROW)):
        whole.write_bytes(whole.read_bytes()[:-cut])
        with pytest.raises(CodeFileError, match=r"line \d+, column \d+: the last line has no end"):
            load_file(whole, data)

    assert list_sets(data) == []


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("31012 A01     2 short", "line 31012, column 15"),
        ("31012 A 1     1 short", "line 31012, column 7"),
        ("x1012 A01     1 short", "line 31012, column 1"),
        ("31012 A00     1 short", "the code A00 stands twice"),
    ],
)
def test_icd10cm_order(tmp_path: Path, data: Path, line: str, place: str) -> None:
    with pytest.raises(CodeFileError, match=place):
        load_file(write_lines(tmp_path / "icd10cm_order_2027.txt", *order_lines(line)), data)


def test_hcpcs(tmp_path: Path, data: Path) -> None:
    for line, place in (
        (hcpcs_line("A0000", added="20201301"), "line 1001, column 269"),
        (hcpcs_line("A0000", record="9"), "line 1001, column 11"),
        (hcpcs_line("A0000")[:200], "line 1001, column 200"),
        (hcpcs_line("A00X0"), "line 1001, column 1"),
    ):
        with pytest.raises(CodeFileError, match=place):
            load_file(write_hcpcs(tmp_path, line), data)


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ("97110,many,1 Line Edit,R", "line 5, column 2"),
        ("97110,1,4 Edit,R", "line 5, column 3"),
        ("97110,1", "line 5, column 2: 2 columns"),
        ('97110,1,"1 Line', "is it cut short"),
    ],
)
def test_mue(tmp_path: Path, data: Path, row: str, place: str) -> None:
    with pytest.raises(CodeFileError, match=place):
        load_file(write_mue(tmp_path, row), data)


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([pfs_row("17110", days="020")], "line 11, column 15"),
        ([pfs_row("17110", status="1")], "line 11, column 4"),
        ([pfs_row("17110")[:20]], "line 11"),
        ([], "no rows below the header"),
    ],
)
def test_pfs(tmp_path: Path, data: Path, rows: list[str], place: str) -> None:
    with pytest.raises(CodeFileError, match=place):
        load_file(write_pfs(tmp_path, *rows), data)


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("111045       11042       2013400", "line 1, column 26"),
        ("111045       1104?       2013001", "line 1, column 14"),
        ("111045       11042", "line 1, column 18"),
    ],
)
def test_add_on(tmp_path: Path, data: Path, line: str, place: str) -> None:
    with pytest.raises(CodeFileError, match=place):
        load_file(write_lines(tmp_path / "AOC_V2026Q4-MCR.txt", line), data)


def test_a_name_that_hides_the_quarter(tmp_path: Path, data: Path) -> None:
    with pytest.raises(CodeFileError, match="name it as CMS does"):
        load_file(write_ptp(tmp_path, GOOD_PAIR, name="edits.txt"), data)


def test_articles_without_their_tables(tmp_path: Path, data: Path) -> None:
    write_articles(tmp_path)
    with pytest.raises(CodeFileError, match=r"article\.csv, article_x_icd10_covered\.csv missing"):
        load_file(tmp_path / "article_x_hcpc_code.csv", data)


def test_a_good_file_beside_a_bad_one_is_not_kept(tmp_path: Path, data: Path) -> None:
    bad = write_lines(tmp_path / "notes.txt", "a shopping list")

    with pytest.raises(CodeFileError, match="not one of the official files"):
        load_files([write_ptp(tmp_path, GOOD_PAIR), bad], data)

    assert list_sets(data) == []


def test_a_file_cut_at_the_end_of_a_line_is_known_by_its_neighbour(tmp_path: Path, data: Path) -> None:
    rows = [f"2{n:04d}\t76942\t\t20200101\t*\t1\tR" for n in range(100)]
    load_file(write_ptp(tmp_path, *rows, name="ccipra-v322r0-f1.txt"), data)

    with pytest.raises(CodeFileError, match="49 rows where v322 f1 has 100"):
        load_file(write_ptp(tmp_path, *rows[:49]), data)


def test_a_damaged_zip(tmp_path: Path, data: Path) -> None:
    path = tmp_path / "ccipra.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(write_ptp(tmp_path, GOOD_PAIR))
    whole = path.read_bytes()

    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CodeFileError, match="not a whole zip file"):
        load_file(path, data)
    path.write_bytes(whole.replace(b"76942", b"76943"))
    with pytest.raises(CodeFileError, match="damaged"):
        load_file(path, data)


def test_entities_in_xml(tmp_path: Path, data: Path) -> None:
    path = write_lines(tmp_path / "icd10cm-tabular-2027.xml", '<!DOCTYPE a [<!ENTITY b "c">]><ICD10CM.tabular/>')

    with pytest.raises(CodeFileError, match="entity declaration"):
        load_file(path, data)


def test_a_set_file_of_the_installation_that_was_cut(tmp_path: Path, data: Path) -> None:
    source = write_ptp(tmp_path, GOOD_PAIR)
    load_file(source, data)
    (path,) = (data / "codes").glob("*.set")
    whole = path.read_bytes()

    path.write_bytes(whole[:-1])
    with pytest.raises(SetFileError, match=rf"{path.name} is cut short: give its source to `revcycle codes load` agai"):
        open_codesets(data)

    load_file(source, data)
    assert path.read_bytes() == whole, "the remedy mends it"
    open_codesets(data)


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (b"", "is empty"),
        (b"RCSET0", "not written by this release"),
        (MAGIC + b"length !", "damaged"),
        (MAGIC + b"00000004[12]", "damaged"),
        (MAGIC + b"00000002{}", "damaged"),
        (MAGIC + b"00000004\xff\xff\xff\xff", "damaged"),
    ],
)
def test_a_set_file_of_the_installation_that_is_damaged(data: Path, start: bytes, said: str) -> None:
    path = data / "codes" / "hcpcs.0123456789abcdef.set"
    path.parent.mkdir(parents=True)
    path.write_bytes(start)
    with pytest.raises(SetFileError, match=said):
        open_codesets(data)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(SetFileError, match="FIFO"):
        open_codesets(data)


HALF_LOADED = """if True:
    import os, sys
    from pathlib import Path
    from connectors.codesets import load_file
    os.fsync = lambda handle: os._exit(9)
    load_file(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def test_what_a_killed_load_left_is_removed_by_a_later_one(tmp_path: Path, data: Path) -> None:
    source = write_order(tmp_path)
    (data / "codes").mkdir(parents=True)
    killed = subprocess.run([sys.executable, "-c", HALF_LOADED, str(source), str(data)], check=False)
    assert killed.returncode == 9
    earlier = data / "codes" / ".loading-a1b2c3"  # as a release before this one named it
    earlier.touch()
    left = [path for path in (data / "codes").iterdir() if path.name.startswith(".")]
    assert len(left) == 2
    for path in left:
        os.utime(path, (0, 0))
    load_file(source, data)
    assert [path.suffix for path in (data / "codes").iterdir()] == [".set"]


def test_a_disk_that_is_full_is_said_and_leaves_no_half(tmp_path: Path, data: Path) -> None:
    with mount_disk(data, 1) as disk, filled(disk):
        with pytest.raises(TransportError, match="No space left on device"):
            load_file(write_order(tmp_path), data)
        assert [path.name for path in data.rglob("*") if path.is_file()] == ["ballast"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=300), cut=st.integers(0, 300))
def test_no_bytes_do_more_than_be_refused(tmp_path: Path, data: Path, junk: bytes, cut: int) -> None:
    whole = write_ptp(tmp_path, GOOD_PAIR, GOOD_PAIR).read_bytes()
    path = tmp_path / "ccipra-v323r0-f1.TXT"
    path.write_bytes(whole[:cut] + junk)

    try:
        sets = load_file(path, data)
    except CodeFileError:
        return
    assert sum(one.rows for one in sets) > 0


@pytest.mark.parametrize("what", ["encrypted", "packed in an unknown way", "damaged inside"])
def test_a_zip_that_nobody_can_read(what: str, tmp_path: Path, data: Path) -> None:
    path = tmp_path / "mue.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mue.txt", "76942,2\n" * 1000)
    content = bytearray(path.read_bytes())
    entry = content.find(b"PK\x01\x02")
    if what == "encrypted":
        content[6] |= 1
        content[entry + 8] |= 1
    elif what == "packed in an unknown way":
        content[8] = content[entry + 10] = 99
    else:
        content[40:48] = b"\xff" * 8
    path.write_bytes(content)
    with pytest.raises(CodeFileError):
        load_file(path, data)


def test_what_is_no_file_is_not_waited_for(tmp_path: Path, data: Path) -> None:
    folder = tmp_path / "release"
    folder.mkdir()
    os.mkfifo(folder / "mue.txt")
    for path in (folder, folder / "mue.txt"):
        with pytest.raises(CodeFileError, match="FIFO"):
            load_file(path, data)


def test_categories_nested_deeper_than_calls_are_a_refusal(tmp_path: Path) -> None:
    path = tmp_path / "icd10cm-tabular-2027.xml"
    nested = "<diag><name>A00</name>" * 5_000 + "</diag>" * 5_000
    path.write_text(f"<ICD10CM.tabular><chapter><section>{nested}</section></chapter></ICD10CM.tabular>\n")
    result = CliRunner().invoke(app, ["codes", "load", str(path), "--data", str(tmp_path / "data")])
    assert result.exit_code == 2
    assert "refused" in result.stderr
