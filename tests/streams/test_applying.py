"""A person finds whose an unmatched payment is."""

from pathlib import Path

import pytest

from schemas.errors import RefusedError
from schemas.reference import Reference
from streams.applying import apply_payment
from streams.installation import Opened
from streams.worklist import find_item
from tests.builders import NOW, find_violations
from tests.cases.book import read_case
from tests.cases.running import run_case

CASE = """# A payment under an old number

    claim A 100.00 to LAKESHORE HEALTH (PAY1)
      L0001 99213 2026-03-02 x1 100.00
    R1 2026-03-20 60.00 from LAKESHORE HEALTH (PAY1)
      OLD-77 status 1 100.00 paid 60.00
        - 99213 100.00 paid 60.00 CO-45 20.00 PR-2 20.00
"""


@pytest.fixture
def installation(tmp_path: Path, reference: Reference) -> Opened:
    path = tmp_path / "case.md"
    path.write_text(CASE)
    return run_case(read_case(path).steps, tmp_path / "data", reference)


def ids(installation: Opened) -> tuple[str, str]:
    connection = installation.store.connection
    (item,) = connection.execute("SELECT item_id FROM work_item WHERE state = 'open'").fetchone()
    (claim,) = connection.execute("SELECT claim_id FROM claim WHERE submitted = 1").fetchone()
    return str(item), str(claim)


def balances(installation: Opened) -> dict[str, int]:
    rows = installation.store.connection.execute(
        "SELECT account, SUM(debit_cents - credit_cents) FROM entry_line GROUP BY account"
    )
    return {account: cents for account, cents in rows if cents}


def test_it_moves_from_unapplied_payments_to_the_claim_and_closes_its_item(installation: Opened) -> None:
    item, claim = ids(installation)
    assert balances(installation)["unapplied_payments"] == -6000

    after = apply_payment(installation, item, claim, "R. Moss", "old account number", NOW)

    assert after["state"] == "closed"
    assert balances(installation) == {
        "contractual_adjustments": 2000,
        "gross_charges": -10000,
        "patient_receivable": 2000,
        "remittance_clearing": 6000,
    }
    assert find_violations(installation.store.connection) == []


def test_it_is_applied_once(installation: Opened) -> None:
    item, claim = ids(installation)
    apply_payment(installation, item, claim, "R. Moss", "old account number", NOW)
    before = balances(installation)

    with pytest.raises(RefusedError, match="no open unmatched_payment"):
        apply_payment(installation, item, claim, "R. Moss", "again", NOW)
    assert balances(installation) == before


@pytest.mark.parametrize(
    ("claim", "who", "why", "refusal"),
    [
        ("AAAAAAAAAAAAAAAA", "R. Moss", "a guess", "no submitted claim"),
        ("", "R. Moss", "a guess", "no submitted claim"),
        ("the claim", "", "a guess", "say who you are"),
        ("the claim", "R. Moss", "", "why it is this claim's"),
    ],
)
def test_what_is_refused_changes_nothing(installation: Opened, claim: str, who: str, why: str, refusal: str) -> None:
    item, ours = ids(installation)

    with pytest.raises(RefusedError, match=refusal):
        apply_payment(installation, item, ours if claim == "the claim" else claim, who, why, NOW)
    assert find_item(installation, item)["state"] == "open"
    assert balances(installation)["unapplied_payments"] == -6000
