"""A person finds whose an unmatched payment is, and finds out that they were wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from schemas.errors import RefusedError
from schemas.reference import Reference
from schemas.roles import By
from streams.actions.payments import admit_remittance, apply_payment, unapply_payment
from streams.cli import app
from streams.installation import Opened
from streams.reports.worklist import find_item
from tests.builders import NOW, find_violations, publish
from tests.cases.book import Case, read_case
from tests.cases.running import receive, run_case, submit

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

    after = apply_payment(installation, item, claim, By("R. Moss", "old account number", NOW))

    assert after.state == "closed"
    assert balances(installation) == {
        "contractual_adjustments": 2000,
        "gross_charges": -10000,
        "patient_receivable": 2000,
        "remittance_clearing": 6000,
    }
    assert find_violations(installation.store.connection) == []


def test_it_is_applied_once(installation: Opened) -> None:
    item, claim = ids(installation)
    apply_payment(installation, item, claim, By("R. Moss", "old account number", NOW))
    before = balances(installation)

    with pytest.raises(RefusedError, match="is closed"):
        apply_payment(installation, item, claim, By("R. Moss", "again", NOW))
    assert balances(installation) == before


@pytest.mark.parametrize(
    ("claim", "who", "why", "refusal"),
    [
        ("AAAAAAAAAAAAAAAA", "R. Moss", "a guess", "no claim or encounter"),
        ("", "R. Moss", "a guess", "no claim or encounter"),
        ("the claim", "", "a guess", "say who you are"),
        ("the claim", "R. Moss", "", "and why"),
    ],
)
def test_what_is_refused_changes_nothing(installation: Opened, claim: str, who: str, why: str, refusal: str) -> None:
    item, ours = ids(installation)

    with pytest.raises(RefusedError, match=refusal):
        apply_payment(installation, item, ours if claim == "the claim" else claim, By(who, why, NOW))
    assert find_item(installation, item).state == "open"
    assert balances(installation)["unapplied_payments"] == -6000


def test_what_it_leaves_to_the_next_payer_is_a_persons_to_bill(tmp_path: Path, reference: Reference) -> None:
    """The claim to the second payer repeats the first one's answer, which came under a number that is not ours."""
    path = tmp_path / "case.md"
    path.write_text(CASE.replace("(PAY1)\n      L0001", "(PAY1), SECOND MUTUAL (PAY2)\n      L0001"))
    installation = run_case(read_case(path).steps, tmp_path / "data", reference)
    item, claim = ids(installation)
    apply_payment(installation, item, claim, By("R. Moss", "old account number", NOW))

    query = "SELECT reason, amount_cents, next_action FROM work_item WHERE state = 'open'"
    ((reason, cents, action),) = installation.store.connection.execute(query).fetchall()
    assert (reason, cents) == ("next_payer_by_hand", 2000)
    assert "left 20.00 to SECOND MUTUAL" in action

    unapply_payment(installation, item, By("R. Moss", "not this one", NOW))
    assert [row[0] for row in installation.store.connection.execute(query)] == ["unmatched_payment"]


# --- a payment that was applied to the wrong claim

TWO_CLAIMS = """# A payment under an old number, two claims that look alike, and what comes later

    claim A 100.00 to LAKESHORE HEALTH (PAY1)
      L0001 99213 2026-03-02 x1 100.00
    claim B 100.00 to LAKESHORE HEALTH (PAY1)
      L0001 99213 2026-03-02 x1 100.00
    R1 2026-03-20 60.00 from LAKESHORE HEALTH (PAY1)
      C status 1 100.00 paid 60.00
        - 99213 100.00 paid 60.00 CO-45 20.00 PR-2 20.00
    R2 2026-04-20 90.00 from LAKESHORE HEALTH (PAY1)
      A status 1 100.00 paid 90.00
        L0001 99213 100.00 paid 90.00 CO-45 10.00
    claim C 100.00 to LAKESHORE HEALTH (PAY1)
      L0001 99213 2026-03-02 x1 100.00
"""


class Story:
    """The two claims and the payment; the rest happens when a test says so."""

    def __init__(self, folder: Path, reference: Reference) -> None:
        path = folder / "case.md"
        path.write_text(TWO_CLAIMS)
        self.case: Case = read_case(path)
        self.installation = run_case(self.case.steps[:3], folder / "data", reference)
        self.claims = {letter: claim_id for claim_id, letter in self.case.names.items()}
        (self.item,) = self.open_items()

    def open_items(self) -> list[str]:
        rows = self.installation.store.connection.execute("SELECT item_id FROM work_item WHERE state = 'open'")
        return [str(item_id) for (item_id,) in rows]

    def happen(self, place: int) -> None:
        step = self.case.steps[place]
        publish(self.installation, [submit(step)] if step.claim else receive(self.installation, step, place))
        self.installation.engine.run_until_quiet()
        self.check()

    def apply(self, letter: str) -> None:
        apply_payment(self.installation, self.item, self.claims[letter], By("R. Moss", "same name", NOW))
        self.check()

    def unapply(self) -> str:
        item = unapply_payment(self.installation, self.item, By("R. Moss", "it is the brother's", NOW))
        self.check()
        return str(item.state)

    def check(self) -> None:
        assert find_violations(self.installation.store.connection) == []

    def of_claim(self, letter: str) -> dict[str, int]:
        rows = self.installation.store.connection.execute(
            "SELECT account, SUM(debit_cents - credit_cents) FROM entry JOIN entry_line USING (entry_id) "
            "WHERE claim_id = ? GROUP BY account",
            (self.claims[letter],),
        )
        return {account: cents for account, cents in rows if cents}


@pytest.fixture
def story(tmp_path: Path, reference: Reference) -> Iterator[Story]:
    made = Story(tmp_path, reference)
    yield made
    made.installation.store.close()


CHARGED = {"gross_charges": -10000, "insurance_receivable": 10000}
PAID = {
    "contractual_adjustments": 2000,
    "gross_charges": -10000,
    "patient_receivable": 2000,
    "unapplied_payments": 6000,
}


def test_a_payment_is_taken_off_the_wrong_claim_as_new_entries_and_applied_to_the_right_one(story: Story) -> None:
    before = balances(story.installation)
    story.apply("A")
    assert story.of_claim("A") == PAID

    assert story.unapply() == "open"
    assert (story.of_claim("A"), story.of_claim("B")) == (CHARGED, CHARGED)
    assert balances(story.installation) == before
    story.apply("B")

    assert (story.of_claim("A"), story.of_claim("B")) == (CHARGED, PAID)
    assert story.open_items() == []
    (entries,) = story.installation.store.connection.execute("SELECT count(*) FROM entry").fetchone()
    assert entries == 6, "two charges, the payment, applied, taken off, applied"


def test_what_the_payer_said_of_the_wrong_claim_meanwhile_takes_its_place(story: Story) -> None:
    """While the stranger's payment was there, the claim's own looked like too much."""
    story.apply("A")
    story.happen(3)
    assert len(story.open_items()) == 1, "an excess over the open balance"

    story.unapply()

    assert story.of_claim("A") == {
        "contractual_adjustments": 1000,
        "gross_charges": -10000,
        "remittance_clearing": 9000,
    }
    assert story.open_items() == [story.item]


def test_a_payment_whose_own_claim_has_come_meanwhile_goes_there(story: Story) -> None:
    story.apply("A")
    story.happen(4)
    assert story.of_claim("C") == CHARGED

    assert story.unapply() == "closed"

    assert (story.of_claim("A"), story.of_claim("C")) == (CHARGED, PAID)
    assert story.open_items() == []


def test_it_is_taken_off_once_and_only_by_somebody_with_a_reason(story: Story) -> None:
    with pytest.raises(RefusedError, match="was applied to no claim by a person"):
        story.unapply()
    story.apply("A")
    with pytest.raises(RefusedError, match="say who you are"):
        unapply_payment(story.installation, story.item, By("R. Moss", "", NOW))
    assert story.of_claim("A") == PAID
    story.happen(4)
    story.unapply()

    assert story.unapply() == "closed", "told twice, it is one act"
    with pytest.raises(RefusedError, match="stands on no claim by a person's word"):
        unapply_payment(story.installation, story.item, By("R. Moss", "once more", NOW))
    assert story.of_claim("C") == PAID


def test_the_commands_say_what_they_did(story: Story, tmp_path: Path) -> None:
    """On a folder of its own, as a person types them."""
    story.installation.store.connection.execute("VACUUM INTO ?", (str(tmp_path / "data" / "revcycle.db"),))
    runner, whole = CliRunner(), ["--who", "R. Moss", "--why", "same name", "--data", str(tmp_path / "data")]

    applied = runner.invoke(app, ["ledger", "apply", story.item, story.claims["A"], *whole])
    off = runner.invoke(app, ["ledger", "unapply", story.item, *whole])

    assert (applied.exit_code, "is closed" in applied.output) == (0, True), applied.output
    assert (off.exit_code, "taken off" in off.output, "is open" in off.output) == (0, True, True), off.output


# --- a remittance that was held because another has its identity

TRACE_USED_AGAIN = """# Two zero payments of one day

    claim A 100.00 to LAKESHORE HEALTH (PAY1)
      L0001 99213 2026-03-02 x1 100.00
    claim B 100.00 to LAKESHORE HEALTH (PAY1)
      L0001 99213 2026-03-02 x1 100.00
    R1 2026-03-20 0.00 from LAKESHORE HEALTH (PAY1) trace NOPAY
      A status 1 100.00 paid 0.00
        L0001 99213 100.00 paid 0.00 PR-1 100.00
    R2 2026-03-20 0.00 from LAKESHORE HEALTH (PAY1) trace NOPAY
      B status 1 100.00 paid 0.00
        L0001 99213 100.00 paid 0.00 CO-197 100.00
"""


def test_a_held_remittance_is_posted_when_a_person_says_that_it_is_another(
    tmp_path: Path, reference: Reference
) -> None:
    path = tmp_path / "case.md"
    path.write_text(TRACE_USED_AGAIN)
    installation = run_case(read_case(path).steps, tmp_path / "data", reference)
    connection = installation.store.connection
    query = "SELECT item_id, reason FROM work_item WHERE state = 'open'"
    ((item, reason),) = connection.execute(query).fetchall()
    assert reason == "remittance_conflict"
    with pytest.raises(RefusedError, match="say who you are"):
        admit_remittance(installation, item, By("R. Moss", "", NOW))

    after = admit_remittance(installation, item, By("R. Moss", "other claims: NOPAY is used every day", NOW))

    assert after.state == "closed"
    assert [reason for _, reason in connection.execute(query)] == ["denied CO-197"], "the denial is worked now"
    closed = connection.execute("SELECT closed, payment_cents FROM remittance WHERE accepted = 1").fetchall()
    assert closed == [(1, 0), (1, 0)]
    assert find_violations(connection) == []
    with pytest.raises(RefusedError, match="is closed"):
        admit_remittance(installation, item, By("R. Moss", "again", NOW))
