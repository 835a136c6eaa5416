"""The user's tables: shipped rows, the user's rows over them, and every mistake named."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.reference import TableError, load_tables
from connectors.reference.tables import SHIPPED_FOLDER
from processors.coding.edits import list_edits

CHARGE_HEADER = "system,code,billed_system,billed_code,charge_amount\n"


def write_table(data_dir: Path, name: str, text: str | bytes) -> Path:
    folder = data_dir / "tables"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return data_dir


def explain(data_dir: Path) -> list[str]:
    with pytest.raises(TableError) as caught:
        load_tables(data_dir)
    return [f"{finding.where}: {finding.what}" for finding in caught.value.findings]


def test_what_is_not_a_denial_is_classed_as_such() -> None:
    classes = load_tables().adjustment_classes
    assert classes["CO", "45"] == "contractual"
    assert [classes["PR", reason] for reason in "123"] == ["patient_share"] * 3
    assert classes["*", "253"] == "sequestration"
    assert classes["OA", "23"] == "memo"
    assert classes["*", "144"] == classes["*", "237"] == "informational"
    assert classes["*", "*"] == "review"  # never silently contractual
    assert ("CO", "23") not in classes and ("PR", "45") not in classes


def test_every_denial_reason_has_a_route() -> None:
    tables = load_tables()
    denied = {reason for (_, reason), what in tables.adjustment_classes.items() if what == "denial"}
    assert len(denied) > 100
    assert denied <= {reason for reason, rows in tables.denial_routes.items() if any(not row.remark for row in rows)}


def test_teams_of_the_denials_that_the_domain_rules_name() -> None:
    tables = load_tables()
    routes = {(row.reason, row.remark): row for rows in tables.denial_routes.values() for row in rows}
    assert routes["27", ""].team == "eligibility"
    assert routes["197", ""].category == "authorization"
    assert routes["22", ""].category == "coordination of benefits"
    assert routes["50", ""].appealable
    assert routes["29", ""].category == "timely filing"
    assert routes["16", "MA04"].team != routes["16", ""].team
    assert not routes["16", ""].appealable


def test_every_edit_that_a_route_names_is_one_of_ours() -> None:
    named = {edit for rows in load_tables().denial_routes.values() for row in rows for edit in row.edits}
    assert len(named) > 20
    assert named <= {edit.id for edit, _ in list_edits()}


def test_appeal_levels_of_medicare_as_the_domain_rules_name_them() -> None:
    of_2026 = {row.level: row for row in load_tables().appeal_levels if row.plan == "medicare"}  # the latest row wins
    assert [of_2026[level].deadline_days for level in range(1, 6)] == [120, 180, 60, 60, 60]
    assert [str(of_2026[level].controversy_amount) for level in (3, 5)] == ["200.00", "1960.00"]


def test_a_users_row_wins_over_the_shipped_one_and_extends_the_table(tmp_path: Path) -> None:
    shipped = load_tables()
    write_table(
        tmp_path, "charge_master.csv", CHARGE_HEADER + "LOCAL,OV-EST-3,CPT,99213,99.5\nLOCAL,NEW,HCPCS,G0439,\n"
    )
    tables = load_tables(tmp_path)
    assert tables.charge_master["LOCAL", "OV-EST-3"].charge_amount == Decimal("99.50")
    assert tables.charge_master["LOCAL", "NEW"].charge_amount is None
    assert len(tables.charge_master) == len(shipped.charge_master) + 1
    assert tables.digests["charge_master"] != shipped.digests["charge_master"]
    assert tables.digests["denial_routes"] == shipped.digests["denial_routes"]


def test_an_empty_data_folder_means_the_shipped_tables(tmp_path: Path) -> None:
    assert load_tables(tmp_path) == load_tables()


def test_the_digest_does_not_depend_on_row_order(tmp_path: Path) -> None:
    lines = (SHIPPED_FOLDER / "diagnosis_map.csv").read_text().splitlines()
    write_table(tmp_path, "diagnosis_map.csv", "\n".join([lines[0], *reversed(lines[1:])]) + "\n")
    assert load_tables(tmp_path).digests == load_tables().digests


def test_an_icd_code_may_be_written_with_its_dot(tmp_path: Path) -> None:
    write_table(tmp_path, "diagnosis_map.csv", "\ufeffsystem,code,icd10cm\r\nLOCAL,DM,e11.9\r\n".replace("e11", "E11"))
    assert load_tables(tmp_path).diagnosis_map["LOCAL", "DM"].icd10cm == "E119"


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("LOCAL,X,CPT,9921,1.00", "line 2, column billed_code: '9921' does not fit"),
        ("LOCAL,X,SNOMED,99213,1.00", "line 2, column billed_system: 'SNOMED' is not a code system here"),
        ("MARTIAN,X,CPT,99213,1.00", "line 2, column system: 'MARTIAN' is not a code system here"),
        ("LOCAL,,CPT,99213,1.00", "line 2, column code: empty, too long or with control characters"),
        ("LOCAL,X,CPT,99213,1.005", "line 2, column charge_amount: an amount finer than one cent"),
        ("LOCAL,X,CPT,99213,-1", "line 2, column charge_amount: a negative price"),
        ("LOCAL,X,CPT,99213,NaN", "line 2, column charge_amount: not an amount"),
        ("LOCAL,X,CPT,99213", "line 2: 4 cells where the first line has 5 columns"),
        ('LOCAL,"X,CPT,99213,1.00', "line 2: not CSV"),
    ],
)
def test_a_wrong_cell_is_named_by_line_and_column(tmp_path: Path, row: str, complaint: str) -> None:
    (found,) = explain(write_table(tmp_path, "charge_master.csv", CHARGE_HEADER + row + "\n"))
    assert found.startswith(f"charge_master.csv, {complaint}")


def test_all_mistakes_of_a_table_are_reported_at_once(tmp_path: Path) -> None:
    text = "reason,category,team,next_action,deadline_days,appealable\n16,a,b,c,ten,yes\n18,a,b,c,10,maybe\n"
    complaints = explain(write_table(tmp_path, "denial_routes.csv", text))
    assert [complaint.split(":")[0] for complaint in complaints] == [
        "denial_routes.csv, line 2, column deadline_days",
        "denial_routes.csv, line 3, column appealable",
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "the file is empty"),
        ("group,reason\n", "column 'adjustment_class' is missing"),
        ("group,reason,adjustment_class,colour\n", "column 'colour' is unknown"),
        ("group,reason,reason,adjustment_class\n", "column 'reason' appears twice"),
        ("group,reason,adjustment_class\nCO,45,free money\n", "'free money' is not a class"),
        ("group,reason,adjustment_class\nXX,45,denial\n", "'XX' does not fit"),
        ("group,reason,adjustment_class\nCO,45,denial\nCO,45,memo\n", "the same key as line 2"),
        (b"group,reason,adjustment_class\nCO,\xff,memo\n", "not UTF-8 text"),
    ],
)
def test_a_table_that_is_not_one_is_refused(tmp_path: Path, text: str | bytes, complaint: str) -> None:
    (found,) = explain(write_table(tmp_path, "adjustment_classes.csv", text))
    assert complaint in found


@pytest.mark.parametrize(
    ("limit", "complaint"),
    [("90,1", "column filing_days: a limit has days or years, one of them"), (",", "column filing_days: a limit has"),
     (",10", "column filing_years: '10' does not fit")],
)  # fmt: skip
def test_a_filing_limit_is_in_days_or_in_years(tmp_path: Path, limit: str, complaint: str) -> None:
    header = "payer,filing_indicator,plan,filing_days,filing_years,answer_days\n"
    (found,) = explain(write_table(tmp_path, "payer_terms.csv", f"{header}ACME,*,commercial,{limit},45\n"))
    assert found.startswith(f"payer_terms.csv, line 2, {complaint}")


def test_a_misspelt_file_name_is_refused_instead_of_ignored(tmp_path: Path) -> None:
    assert explain(write_table(tmp_path, "chargemaster.csv", CHARGE_HEADER)) == [
        "tables/chargemaster.csv: no table has this name"
    ]


def test_shipped_words_are_short_and_our_own() -> None:
    with (SHIPPED_FOLDER / "charge_master.csv").open(newline="") as file:
        assert all(len(row["description"].split()) <= 5 for row in csv.DictReader(file))


def test_a_payer_is_judged_or_not_by_one_edit_a_row(tmp_path: Path) -> None:
    header = "payer,filing_indicator,edit,judged\n"
    write_table(tmp_path, "payer_edits.csv", f"{header}ACME,*,mue_day,no\nACME,*,mue_line,yes\n*,WC,mue_day,yes\n")
    rows = load_tables(tmp_path).payer_edits
    assert [(row.edit, row.judged) for row in rows["ACME", "*"]] == [("mue_day", False), ("mue_line", True)]
    assert [row.edit for row in rows["*", "WC"]] == ["mue_day"]

    (found,) = explain(write_table(tmp_path, "payer_edits.csv", f"{header}ACME,*,mue_day,perhaps\n"))
    assert found == "payer_edits.csv, line 2, column judged: 'perhaps' is neither yes nor no"
