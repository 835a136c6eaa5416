"""Remittances that nobody here wrote, from the file to the bank: posted or held as an independent check predicts."""

import csv
from decimal import Decimal
from itertools import groupby
from pathlib import Path

import pytest

from schemas.money import to_cents
from schemas.reference import Reference
from schemas.x12.x835_005010x221a1 import read_835
from streams.edge.ingest import ingest_bytes
from streams.installation import Opened
from tests.builders import NOW, find_violations, open_small

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "x12"
BALANCES = FOLDER / "balance835.csv"
ROWS = list(csv.DictReader(BALANCES.open())) if BALANCES.exists() else []
FILES = [(path, list(rows)) for path, rows in groupby(ROWS, key=lambda row: row["path"])]

pytestmark = pytest.mark.skipif(not FILES, reason="the folder of real 835s is not beside this clone")


@pytest.fixture(params=["sqlite", "postgres"])
def installation(request: pytest.FixtureRequest, tmp_path: Path, reference: Reference) -> Opened:
    url = request.getfixturevalue("postgres") if request.param == "postgres" else None
    return open_small(tmp_path, reference, in_memory=True, postgres=url)


def is_sound(row: dict[str, str]) -> bool:
    return row["balanced_tx"] == "True" and row["n_clp_unbalanced"] == row["n_svc_unbalanced"] == "0"


@pytest.mark.parametrize(("name", "rows"), [pytest.param(*file, id=Path(file[0]).stem) for file in FILES])
def test_it_is_posted_or_held_as_predicted_and_the_bank_empties_clearing(
    installation: Opened, name: str, rows: list[dict[str, str]]
) -> None:
    data = (FOLDER / name).read_bytes()
    connection = installation.store.connection

    ingest_bytes(installation, data, name, NOW)
    installation.engine.run_until_quiet()

    assert find_violations(connection) == []
    found = connection.execute("SELECT payment_cents, posted_cents, closed, held FROM remittance ORDER BY 1").fetchall()
    assert [tuple(row) for row in found] == sorted(
        (to_cents(Decimal(row["bpr02"])), to_cents(Decimal(row["bpr02"])) if is_sound(row) else 0, sound, 1 - sound)
        for row in rows
        for sound in [int(is_sound(row))]
    )
    held = sum(not is_sound(row) for row in rows)
    items = connection.execute("SELECT count(*) FROM work_item WHERE reason = 'remittance_unbalanced'").fetchone()
    assert items == (held,)
    entries = connection.execute("SELECT count(*) FROM entry").fetchone()

    again = ingest_bytes(installation, data, f"again-{name}", NOW)
    ingest_bytes(installation, write_deposits(data, rows), "bank.csv", NOW)
    installation.engine.run_until_quiet()

    assert again.outcome == "duplicate"
    booked = dict(
        connection.execute("SELECT account, SUM(debit_cents - credit_cents) FROM entry_line GROUP BY account")
    )
    paid = sum(to_cents(Decimal(row["bpr02"])) for row in rows if is_sound(row))
    assert (booked.get("bank", 0), booked.get("remittance_clearing", 0), sum(booked.values())) == (paid, 0, 0)
    (after,) = connection.execute("SELECT count(*) FROM entry").fetchone()
    assert after - entries[0] == sum(is_sound(row) and Decimal(row["bpr02"]) > 0 for row in rows), "deposits only"
    assert find_violations(connection) == []


def write_deposits(data: bytes, rows: list[dict[str, str]]) -> bytes:
    """The bank's word for each sound remittance."""
    lines = ["deposited_on,amount,trace_number"]
    for row in rows:
        remittance = list(read_835(data))[int(row["st_index"]) - 1]
        if is_sound(row) and remittance.payment_amount > 0:
            lines.append(f"2026-03-23,{remittance.payment_amount},{remittance.trace_number}")
    return "\n".join(lines).encode()
