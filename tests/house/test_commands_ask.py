"""A command asks a report and lays it out: what it reads from the store by itself, `--json` and a page would lack."""

import re
from pathlib import Path

import pytest

COMMANDS = Path(__file__).parents[2] / "streams" / "cli"
SQL = re.compile(r"\.(?:execute|executemany|stream)\(|\bSELECT ")


@pytest.mark.parametrize("module", sorted(COMMANDS.glob("*.py")), ids=lambda path: path.name)
def test_no_command_reads_the_store_by_itself(module: Path) -> None:
    assert SQL.findall(module.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "(claims,) = store.connection.execute(query).fetchone()",
        'QUERY = "SELECT count(*) FROM claim"',
        "rows = connection.stream(query, ())",
    ],
)
def test_a_command_that_does_is_found(source: str) -> None:
    assert SQL.search(source)
