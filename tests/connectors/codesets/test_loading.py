"""Official files in, sets out: recognised by content, refused whole with the place of the mistake."""

import gzip
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.codesets import CodeFileError, InstalledCodeSets, list_sets, load_file, load_files, open_codesets
from connectors.codesets.installed import open_set_files
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
    zip_up,
)

EXCERPTS = Path(__file__).parents[4] / "shared" / "data" / "codes"
ON = date(2026, 11, 2)
SNOMED_HEADER = (
    "id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId\tmapGroup\tmapPriority\tmapRule\tmapAdvice\t"
    "mapTarget\tcorrelationId\tmapCategoryId"
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def open_loaded(data: Path) -> InstalledCodeSets:
    """Only what was loaded, without the packaged ICD-10-CM."""
    return InstalledCodeSets(open_set_files(data))


def test_icd10cm_order_file(tmp_path: Path, data: Path) -> None:
    (loaded,) = load_file(write_order(tmp_path), data)

    assert (loaded.kind, loaded.version, loaded.rows) == ("icd10cm", "FY2027", 31_011)
    assert (loaded.effective_from, loaded.effective_to) == (date(2026, 10, 1), date(2027, 9, 30))
    header = open_loaded(data).icd10cm("A00", ON)
    assert header is not None and not header.is_billable
    assert header.children[:2] == ("A000", "A001")


def test_icd10cm_codes_file_knows_headers_by_their_codes(tmp_path: Path, data: Path) -> None:
    rows = [f"{line[6:13]} {line[77:]}" for line in order_lines() if line[14] == "1"]

    load_file(write_lines(tmp_path / "icd10cm_codes_2027.txt", *rows), data)

    codes = open_loaded(data)
    header, code = codes.icd10cm("A00", ON), codes.icd10cm("A001", ON)
    assert header is not None and not header.is_billable
    assert code is not None and code.is_billable


def test_a_new_fiscal_year_judges_from_the_first_of_october(tmp_path: Path, data: Path) -> None:
    load_file(write_order(tmp_path, 2026), data)
    load_file(write_order(tmp_path, 2027, without="A005"), data)
    codes = open_loaded(data)

    last_day, first_day = codes.icd10cm("A005", date(2026, 9, 30)), codes.icd10cm("A005", date(2026, 10, 1))

    assert last_day is not None and last_day.in_force
    assert first_day is not None and not first_day.in_force and first_day.release == "FY2026"
    assert codes.icd10cm("A00X", date(2026, 10, 1)) is None
    assert codes.warnings(date(2026, 10, 1)) == ()
    assert codes.warnings(date(2027, 10, 1)) == ("ICD-10-CM FY2028 not loaded: FY2027 used for services of 2027-10",)
    assert codes.warnings(date(2025, 9, 30)) == ("ICD-10-CM FY2025 not loaded: FY2026 used for services of 2025-09",)


def test_hcpcs_text_keeps_dates_and_no_dental_codes(tmp_path: Path, data: Path) -> None:
    extra = [
        hcpcs_line("J1100", ended="20261031"),
        hcpcs_line("J1100", "4"),
        hcpcs_line("D0120"),
        hcpcs_line("   LT", "7"),
    ]

    load_file(write_hcpcs(tmp_path, *extra), data)

    codes = open_loaded(data)
    drug = codes.hcpcs("J1100", ON)
    assert drug is not None and drug.is_in_force(date(2026, 10, 31)) and not drug.is_in_force(date(2026, 11, 1))
    assert codes.hcpcs("D0120", ON) is None
    assert codes.modifier("LT", ON) is not None


def test_hcpcs_csv(tmp_path: Path, data: Path) -> None:
    rows = [f'A{n:04d},0010,3,"Long, words",short,20200101,20200101,,N' for n in range(1000)]
    head = "HCPC,SEQNUM,RECID,LONG DESCRIPTION,SHORT DESCRIPTION,ADD DT,ACT EFF DT,TERM DT,ACTION CD"

    sets = load_file(write_lines(tmp_path / "HCPC2026_OCT_ANWEB.csv", head, *rows), data)

    assert [(one.kind, one.version, one.rows) for one in sets] == [
        ("hcpcs", "2026 Q4", 1000),
        ("hcpcs_modifier", "2026 Q4", 0),
    ]


def test_ptp_pairs_by_date(tmp_path: Path, data: Path) -> None:
    rows = [
        "20610\t76942\t\t20200101\t20201231\t0\tFirst",
        "20610\t76942\t\t20220101\t*\t1\tAgain",
        "20610\t77002\t\t20200101\t20200101\t9\tNever",
    ]

    load_file(zip_up(tmp_path / "ccipra.zip", write_ptp(tmp_path, *rows)), data)

    codes = open_loaded(data)
    found = {day: codes.ptp("practitioner", "20610", "76942", day) for day in (
        date(2019, 12, 31), date(2020, 12, 31), date(2021, 1, 1), date(2022, 1, 1))}  # fmt: skip
    assert [edit and edit.modifier_indicator for edit in found.values()] == [None, "0", None, "1"]
    again = found[date(2022, 1, 1)]
    assert again is not None and (again.effective_from, again.deleted_on, again.rationale) == (
        date(2022, 1, 1),
        None,
        "Again",
    )
    nine = codes.ptp("practitioner", "20610", "77002", date(2020, 1, 1))
    assert nine is not None and nine.modifier_indicator == "9"
    assert codes.ptp("practitioner", "76942", "20610", ON) is None
    assert codes.ptp("outpatient", "20610", "76942", ON) is None
    assert "not checked in full: NCCI PTP practitioner v323 lacks f2, f3, f4" in codes.not_loaded()


def test_mue_pfs_add_on(tmp_path: Path, data: Path) -> None:
    mue = write_mue(
        tmp_path, "97110,8,3 Date of Service Edit: Clinical,Data", "0079U,0,2 Date of Service Edit: Policy,CMS"
    )
    pfs = write_pfs(tmp_path, pfs_row("17110", not_in_office="NA"), pfs_row("71046", "26", days="XXX"))
    add_on = write_lines(
        tmp_path / "AOC_V2026Q4-MCR.txt",
        "111045       11042       2013001", "111045       11043       20130012025365",
    )  # fmt: skip

    load_files([mue, pfs, add_on], data)

    codes = open_loaded(data)
    limit, zero = codes.mue("practitioner", "97110", ON), codes.mue("practitioner", "0079U", ON)
    assert limit is not None and (limit.units_limit, limit.adjudication_indicator) == (8, "3")
    assert zero is not None and zero.units_limit == 0
    row = codes.fee_schedule("17110", "", ON)
    assert row is not None and (row.global_days, row.bilateral, row.not_in_office) == ("000", "1", True)
    assert codes.fee_schedule("71046", "", ON) is None and codes.fee_schedule("71046", "26", ON) is not None
    now, then = codes.add_on("11045", ON), codes.add_on("11045", date(2025, 12, 31))
    assert now is not None and now.primaries == {"11042"}
    assert then is not None and then.primaries == {"11042", "11043"}


def test_every_table_of_mues_is_of_those_who_bill_by_it(tmp_path: Path, data: Path) -> None:
    load_file(write_mue(tmp_path, "E1399,1,3 Date of Service Edit: Clinical,Data", title="DME Supplier Services"), data)
    head = '"HCPCS/\r\nCPT Code",{} MUE Values,MUE Rationale'
    for title, limit in (
        ("Practitioner Services", 4),
        ("Outpatient Hospital Services", 5),
        ("DME Supplier Services", 6),
    ):
        name = f"MCD_MUE_{title.replace(' ', '')}_Eff_10-01-2026.csv"
        load_file(write_lines(tmp_path / name, head.format(title), f"97110,{limit},Data"), data)

    codes = open_loaded(data)
    equipment = codes.mue("dme", "E1399", ON)
    assert equipment is not None and (equipment.units_limit, equipment.adjudication_indicator) == (1, "3")
    assert codes.mue("practitioner", "E1399", ON) is None and codes.mue("practitioner", "97110", ON) is None
    of_medicaid = [
        codes.mue("medicaid_practitioner", "97110", ON),
        codes.mue("medicaid_outpatient", "97110", ON),
        codes.mue("medicaid_dme", "97110", ON),
    ]
    assert [(mue.units_limit, mue.adjudication_indicator, mue.rationale) for mue in of_medicaid if mue] == [
        (4, "1", "Data"), (5, "1", "Data"), (6, "1", "Data"),
    ]  # fmt: skip


@pytest.mark.parametrize("is_2026", [False, True])
def test_the_fee_schedule_is_read_by_its_header_before_and_since_2026(
    tmp_path: Path, data: Path, is_2026: bool
) -> None:
    title = ",,2026 National Physician Fee Schedule Relative Value File October Release"
    tail = ["", "BASE", "FACTOR"] if is_2026 else ["BASE", "FACTOR"]
    header = ["HCPCS", "MOD", "DESCRIPTION", *["SURG"] * 20, *tail, "PROCEDURES"]
    row = ["29999", "", "", "A", "", *["1.00", "1.00", "", "1.00", "", "1.00", "1.00", "1.00"], "0", "090"]
    cells = [*row, *["0.10"] * 3, "2", "1", "2", "1", "0", *["9"] * is_2026, "", "32.3465", "09"]
    load_file(write_lines(tmp_path / "PPRRVU2026_Oct.csv", title, ",".join(header), ",".join(cells)), data)

    found = open_loaded(data).fee_schedule("29999", "", ON)
    assert found is not None and (found.assistant, found.co_surgeon, found.team) == ("2", "1", "0")
    assert found.conversion_factor == Decimal("32.3465")


def test_articles_by_contractor_and_group(tmp_path: Path, data: Path) -> None:
    load_file(write_articles(tmp_path), data)

    (article,) = open_loaded(data).articles("83036", ON)

    assert article.contractors == {"05102"} and article.not_covered == {"Z0000"}
    assert [(group.number, set(group.codes), group.also_groups) for group in article.covered] == [
        ("1", {"E1165"}, ()), ("2", {"I10"}, ("1",)),
    ]  # fmt: skip
    assert open_loaded(data).articles("83036", date(2019, 12, 31)) == ()


def test_files_of_the_user(tmp_path: Path, data: Path) -> None:
    cpt = write_lines(tmp_path / "cpt.csv", "code,short,effective,termination", "99213,OURS,2013-01-01,")
    carc = write_lines(tmp_path / "carc.csv", "code,description,start,stop", "45,ours,1995-01-01,")
    rarc = write_lines(tmp_path / "rarc.csv", "code,description,start,stop", "N130,ours,2002-01-01,2027-01-01")

    assert [one.kind for one in load_files([cpt, carc, rarc], data)] == ["cpt", "carc", "rarc"]

    codes = open_loaded(data)
    assert codes.cpt("99213", ON) and not codes.cpt("99214", ON)
    assert codes.words("carc", "45", ON) and codes.words("rarc", "N130", ON)
    place = codes.place_of_service("10", date(2021, 12, 31))
    assert place is not None and not place.is_in_force(date(2021, 12, 31))


def test_snomed_map_keeps_active_rows_by_group_and_priority(tmp_path: Path, data: Path) -> None:
    rows = [
        "x\t20260901\t1\tm\tr\t44054006\t1\t2\tOTHERWISE TRUE\tALWAYS E11.9\tE11.9\tc\tk",
        "x\t20260901\t1\tm\tr\t44054006\t1\t1\tIFA 73211009 | x |\tIF x\tE11.65\tc\tk",
        "x\t20260901\t0\tm\tr\t44054006\t2\t1\tTRUE\told\tE13.9\tc\tk",
    ]

    load_file(write_lines(tmp_path / "der2_iisssccRefset_ExtendedMap.txt", SNOMED_HEADER, *rows), data)

    found = open_loaded(data).snomed_map("44054006", ON)
    assert [(row.group, row.priority, row.target) for row in found] == [(1, 1, "E1165"), (1, 2, "E119")]


def test_loading_again_changes_nothing_and_quarters_stand_side_by_side(tmp_path: Path, data: Path) -> None:
    first = load_file(write_ptp(tmp_path, "20610\t76942\t\t20200101\t*\t1\tR"), data)
    load_file(write_ptp(tmp_path, "20610\t76942\t\t20200101\t*\t0\tR", name="ccipra-v322r0-f1.txt"), data)
    assert load_file(tmp_path / "ccipra-v323r0-f1.TXT", data) == first

    assert [(one.version, one.part) for one in list_sets(data)] == [("v322", "f1"), ("v323", "f1")]
    edit = open_loaded(data).ptp("practitioner", "20610", "76942", date(2021, 1, 1))
    assert edit is not None and edit.release == "v323 f1"  # the newest quarter restates the earlier ones
    assert set(open_loaded(data).digests()["ncci_ptp_practitioner"].split("+")) == {
        f"{one.version}-f1/{one.sha256[:12]}" for one in list_sets(data)
    }


def test_packaged_icd10cm_is_there_out_of_the_box(data: Path) -> None:
    codes = open_codesets(data)

    code, header = codes.icd10cm("E1165", date(2026, 5, 1)), codes.icd10cm("S52501", date(2026, 5, 1))

    assert code is not None and code.is_billable
    assert header is not None and "A" in header.seventh_characters
    assert codes.icd10cm("S061X7A", ON) is not None and codes.icd10cm("S061X7D", ON) is None
    assert codes.excludes1("E1165", "E1065", ON) is not None
    assert codes.excludes1("E1165", "I10", ON) is None
    manifestation = codes.icd10cm_notes("F0280", ON)
    assert manifestation is not None and manifestation.is_manifestation
    rules = {
        code: codes.icd10cm_notes(code, ON)
        for code in ("I2583", "I509", "N1830", "R6520", "A419", "Z23", "Z87891", "I420", "M1030", "F54")
    }
    assert {code: notes and notes.code_first_rule for code, notes in rules.items()} == {
        "I2583": "listed", "I509": "optional", "N1830": "optional", "R6520": "any", "A419": "optional",
        # circumstances; at the title of a manifestation the same words name its disease
        "Z23": "optional", "Z87891": "optional", "I420": "optional", "M1030": "optional", "F54": "any",
    }  # fmt: skip
    assert codes.loaded() == {"icd10cm", "icd10cm_tabular", "place_of_service"}
    assert "not checked: NCCI PTP practitioner not loaded" in codes.not_loaded()
    assert codes.warnings(ON) == ("ICD-10-CM FY2027 not loaded: FY2026 April used for services of 2026-11",)


def test_packaged_tables_that_are_damaged_or_of_an_older_reader_are_built_anew(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_codesets(data)
    tables = {path: path.read_bytes() for path in (data / "codes").glob("*.set")}
    damaged = min(tables)
    damaged.write_bytes(tables[damaged][:1000])

    open_codesets(data)
    assert damaged.read_bytes() == tables[damaged]

    monkeypatch.setattr("connectors.codesets.builtin.READER", 99)
    open_codesets(data)
    assert damaged.read_bytes() != tables[damaged]


@pytest.mark.skipif(not EXCERPTS.is_dir(), reason="the real excerpts are not beside this checkout")
class TestRealExcerpts:
    def test_ptp_mue_and_pfs_are_read(self, tmp_path: Path, data: Path) -> None:
        renamed = tmp_path / "ccipra-v322r0-f1.txt"
        renamed.write_bytes((EXCERPTS / "ccipra-v322r0-f1.excerpt.txt").read_bytes())
        mue = EXCERPTS / "MCR_MUE_PractitionerServices_Eff_07-01-2026.excerpt.csv"

        sets = load_files([renamed, mue, EXCERPTS / "PPRRVU2026_Jul_nonQPP.header.csv"], data)

        assert [(one.kind, one.version) for one in sets] == [
            ("ncci_ptp_practitioner", "v322"), ("mue_practitioner", "2026 Q3"), ("pfs", "2026 Q3"),
        ]  # fmt: skip
        codes = open_loaded(data)
        edit = codes.ptp("practitioner", "0001U", "0029U", date(2026, 6, 30))
        assert edit is not None and edit.deleted_on == date(2026, 6, 30)
        status = codes.fee_schedule("0001F", "", date(2026, 8, 1))
        assert status is not None and status.status == "I"

    def test_the_codes_of_fy2024_stand_beside_the_packaged_release(self, tmp_path: Path, data: Path) -> None:
        path = tmp_path / "icd10cm_codes_2024.txt"
        path.write_bytes(gzip.decompress((EXCERPTS / "icd10cm-codes-2024.txt.gz").read_bytes()))

        (loaded,) = load_file(path, data)

        codes = open_codesets(data)
        then, now = codes.icd10cm("E668", date(2024, 9, 30)), codes.icd10cm("E668", date(2026, 5, 1))
        assert loaded.version == "FY2024" and loaded.rows > 74_044
        assert then is not None and then.is_billable and then.in_force
        assert now is not None and not now.is_billable  # E66.8 became a header in FY2025
        gone = codes.icd10cm("S301XXA", date(2026, 5, 1))
        assert gone is not None and not gone.in_force and gone.release == "FY2024"

    def test_an_excerpt_is_no_whole_file(self, data: Path) -> None:
        for name in ("icd10cm_order_2026.excerpt.txt", "HCPC2026_OCT_ANWEB.excerpt.csv"):
            with pytest.raises(CodeFileError, match=r"only \d+ codes"):
                load_file(EXCERPTS / name, data)
        assert list_sets(data) == []
