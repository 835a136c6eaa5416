"""What decides in an installation is refused where it names what is not there."""

from pathlib import Path

import pytest

from connectors.archive import Archive
from connectors.reference import TableError
from schemas.reference import Installation
from streams.installation import read_reference


def test_an_edit_that_payer_edits_misspells_is_refused_by_name(tmp_path: Path) -> None:
    table = tmp_path / "tables" / "payer_edits.csv"
    table.parent.mkdir()
    header = "payer,filing_indicator,edit,judged\n"
    table.write_text(f"{header}ACME,*,mue_days,no\nACME,*,mue_line,no\n")

    with pytest.raises(TableError) as caught:
        read_reference(tmp_path, Installation(), Archive(tmp_path / "archive"))
    assert [finding.what for finding in caught.value.findings] == ["no edit is called mue_days"]

    table.write_text(f"{header}ACME,*,mue_day,no\n")
    assert ("ACME", "*") in read_reference(tmp_path, Installation(), Archive(tmp_path / "archive")).payer_edits
