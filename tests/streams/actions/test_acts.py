"""Each act of a person: by somebody who may, with name and reason, and the same act however often it is told."""

import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest

from schemas.errors import ActRefusedError, RefusedError
from schemas.events import EVENT_TYPES
from schemas.events.keys import ByPerson
from schemas.money import from_cents
from schemas.reference import Reference
from schemas.roles import Act, By
from streams.actions.claims import correct_claim
from streams.actions.denials import file_appeal, write_off_denial
from streams.actions.patients import issue_refund, move_payment, take_payment
from streams.actions.work_items import act_on_item
from streams.installation import Opened
from tests.builders import NOW, bill_next_payers, find_violations, make_encounter_events, open_small, run_cycle
from tests.streams.actions.acts import (
    ACTS,
    ANN,
    FIVE,
    Told,
    bring_deposit,
    find_open_item,
    find_owed,
    leave_unapplied,
    match,
    one,
)

EACH = [pytest.param(told, id=name) for name, told in ACTS.items()]
AT_ANOTHER_PLACE = {  # each beside what it belongs to
    *("correct", "answer", "override"),  # tests/cli/test_coding.py
    *("take_payment", "approve_write_off", "drop_event"),  # below, and tests/cli/test_asides.py
}


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory, reference: Reference) -> Path:
    """A practice at work, to be copied for each act."""
    folder = tmp_path_factory.mktemp("practice")
    installation = open_small(folder, reference)
    run_cycle(installation, make_encounter_events(60, seed=1))
    installation.store.close()
    return folder


@pytest.fixture
def installation(practice: Path, tmp_path: Path, reference: Reference) -> Opened:
    shutil.copytree(practice, tmp_path / "data")
    return open_small(tmp_path / "data", reference)


def count_events(installation: Opened) -> int:
    (count,) = installation.store.connection.execute("SELECT count(*) FROM event").fetchone()
    return int(count)


def test_every_act_is_here() -> None:
    assert {told.act for told in ACTS.values()} | AT_ANOTHER_PLACE == {
        *(act for act in get_args(Act) if isinstance(act, str)),
        *("correct", "query", "answer", "override"),
    }
    assert {body.act for body in EVENT_TYPES.values() if issubclass(body, ByPerson)} <= {
        *(told.act for told in ACTS.values()),
        *AT_ANOTHER_PLACE,
    }


@pytest.mark.parametrize("told", EACH)
def test_it_is_done_once_however_often_it_is_told(installation: Opened, told: Told) -> None:
    told.before(installation)
    before = count_events(installation)
    by = replace(ANN, role="coder") if told.act == "query" else ANN
    told.do(installation, by)
    after = count_events(installation)
    assert after > before

    try:
        told.do(installation, by)
    except RefusedError as error:
        assert told.act == "set_clock_back", error
    assert count_events(installation) == after
    assert find_violations(installation.store.connection) == []


@pytest.mark.parametrize("told", EACH)
def test_it_is_done_by_somebody_who_may(installation: Opened, told: Told) -> None:
    told.before(installation)
    before = count_events(installation)
    people = {"Ann Roe": "auditor", "Pat Moore": "supervisor"}
    strict = replace(installation, settings=installation.settings.model_copy(update={"people": people}))

    for by, says in (
        (ANN, "the role auditor may not"),
        (replace(ANN, role="supervisor"), "gives the person the role auditor"),
        (replace(ANN, who="Eve Moss"), "not among"),
        (replace(ANN, who=" "), "say who you are"),
        (replace(ANN, who="A\u200bnn Roe"), "cannot be seen"),
    ):
        with pytest.raises(RefusedError, match=says):
            told.do(strict, by)
    assert count_events(installation) == before


WITHOUT_REASON = {"query ask", "work take"}


@pytest.mark.parametrize("name", sorted(ACTS))
def test_it_says_why(installation: Opened, name: str) -> None:
    told = ACTS[name]
    told.before(installation)
    before = count_events(installation)
    by = replace(ANN, why="", role="coder" if told.act == "query" else "")

    if name in WITHOUT_REASON:
        told.do(installation, by)
        assert count_events(installation) > before
    else:
        with pytest.raises(RefusedError, match="and why"):
            told.do(installation, by)
        assert count_events(installation) == before


def test_a_write_off_is_approved_by_somebody_who_may(installation: Opened) -> None:
    people = {"Ann Roe": "biller", "Bob Kent": "provider", "Pat Moore": "supervisor"}
    strict = replace(installation, settings=installation.settings.model_copy(update={"people": people}))
    item = find_open_item(installation)

    for approver in ("Bob Kent", "Mickey Mouse", "Ann Roe"):
        with pytest.raises(RefusedError):
            write_off_denial(strict, item, ANN, approver, None)
    assert write_off_denial(strict, item, ANN, "Pat Moore", None).state == "closed"


def test_a_write_off_takes_no_more_than_is_left_of_its_denial(installation: Opened) -> None:
    """Another line of the same claim is another denial, which somebody else decides."""
    item = find_open_item(installation)
    query = "SELECT amount_cents FROM work_item WHERE item_id = ?"
    (denied,) = installation.store.connection.execute(query, (item,)).fetchone()
    write_off_denial(installation, item, ANN, "Pat Moore", from_cents(denied - 100))

    with pytest.raises(RefusedError, match=r"the 1\.00 that are left"):
        write_off_denial(installation, item, replace(ANN, why="the rest"), "Pat Moore", from_cents(denied))
    assert write_off_denial(installation, item, replace(ANN, why="the rest"), "Pat Moore", None).state == "closed"
    act_on_item(installation, "reopen", item, ANN)
    with pytest.raises(RefusedError, match="nothing of this denial is left"):
        write_off_denial(installation, item, replace(ANN, why="again"), "Pat Moore", None)
    ((total,),) = installation.store.connection.execute(
        "SELECT SUM(debit_cents - credit_cents) FROM entry_line WHERE account = 'denial_write_offs'"
    ).fetchall()
    assert total == denied


def test_a_colleagues_second_try_is_the_same_movement(installation: Opened) -> None:
    leave_unapplied(installation)
    bob = replace(ANN, who="Bob Kent", why="overpaid, says the ledger")
    first = issue_refund(installation, "ZZZZZZZZZZ", FIVE, "check 9", ANN)
    before = count_events(installation)

    again = issue_refund(installation, "ZZZZZZZZZZ", FIVE, " check 9 ", bob)
    assert (first.repeated, again.repeated, count_events(installation)) == (False, True, before)
    with pytest.raises(RefusedError, match="that account's already"):
        move_payment(installation, "ZZZZZZZZZZ", FIVE, "ZZZZZZZZZZ", "", ANN)


def test_who_takes_money_is_asked_where_people_are_named(installation: Opened) -> None:
    strict = replace(installation, settings=installation.settings.model_copy(update={"people": {"Ann Roe": "coder"}}))

    for who, says in (("", "say who you are"), ("Ann Roe", "may not take_payment")):
        with pytest.raises(RefusedError, match=says):
            take_payment(strict, find_owed(installation), FIVE, "r", NOW.date(), "cash", By(who, "", NOW))
    with pytest.raises(RefusedError, match="has not come yet"):
        take_payment(installation, find_owed(installation), FIVE, "r", date(2030, 1, 1), "cash", By("", "", NOW))
    first = take_payment(installation, find_owed(installation), FIVE, "r", NOW.date(), "cash", By("Kim Lee", "", NOW))
    again = take_payment(installation, find_owed(installation), FIVE, "r", NOW.date(), "cash", By("Ann Roe", "", NOW))
    assert (first.repeated, again.repeated) == (False, True), "a colleague's second try is the same payment"


def test_a_later_payers_denial_is_appealed_with_the_claim_that_it_had(installation: Opened) -> None:
    bill_next_payers(installation)
    query = (
        "SELECT json_extract(body, '$.item_id') FROM event WHERE type = 'rcm.worklist' AND causation_id IN (SELECT "
        "event_id FROM event WHERE type = 'rcm.denied' AND length(json_extract(body, '$.patient_control_number')) > 18)"
        " AND json_extract(body, '$.appeal_level') > 0 ORDER BY sequence"
    )

    assert Path(file_appeal(installation, one(installation, query), ANN, []).folder).is_dir()


# --- the same words, later


def test_the_same_words_are_another_act_once_something_happened_to_its_subject(installation: Opened) -> None:
    item = find_open_item(installation)
    act_on_item(installation, "resolve", item, ANN)
    act_on_item(installation, "reopen", item, ANN)
    before = count_events(installation)

    act_on_item(installation, "resolve", item, ANN)
    assert count_events(installation) > before
    assert act_on_item(installation, "resolve", item, ANN).state == "closed"


def test_a_reference_that_stands_for_another_amount_is_refused(installation: Opened) -> None:
    leave_unapplied(installation)
    issue_refund(installation, "ZZZZZZZZZZ", FIVE, "check 9", ANN)
    before = count_events(installation)

    with pytest.raises(RefusedError, match="stands for another movement"):
        issue_refund(installation, "ZZZZZZZZZZ", Decimal("6.00"), "check 9", ANN)
    assert count_events(installation) == before
    assert issue_refund(installation, "ZZZZZZZZZZ", FIVE, "check 10", ANN).unapplied_amount == 30


# --- what the steps refuse is told as refused


def test_a_deposit_that_is_matched_is_not_matched_again(installation: Opened) -> None:
    bring_deposit(installation)
    match(installation, ANN)
    refused = replace(ANN, why="it looks like it")

    with pytest.raises(ActRefusedError, match="was not booked"):
        match(installation, refused)
    after = count_events(installation)
    with pytest.raises(ActRefusedError, match="was not booked"):
        match(installation, refused)
    assert count_events(installation) == after, "told again, it is the same refusal"


def test_medicare_part_b_takes_no_void(installation: Opened) -> None:
    query = (
        "SELECT json_extract(body, '$.summary.claim_id') FROM event WHERE type = 'rcm.claim' AND "
        "json_extract(body, '$.claim.subscriber.filing_indicator') = 'MB' AND json_extract(body, "
        "'$.summary.claim_id') IN (SELECT claim_id FROM claim WHERE submitted = 1)"
    )
    claim_id = one(installation, query)

    with pytest.raises(ActRefusedError, match="Medicare Part B takes no replacement"):
        correct_claim(installation, "void", claim_id, ANN)
    after = count_events(installation)
    with pytest.raises(ActRefusedError, match="Medicare Part B takes no replacement"):
        correct_claim(installation, "void", claim_id, ANN)
    assert count_events(installation) == after
