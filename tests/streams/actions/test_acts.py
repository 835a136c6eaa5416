"""Each act of a person: by somebody who may, with name and reason, and the same act however often it is told."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import get_args

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from connectors.stores.digests import digest
from schemas.errors import ActRefusedError, RefusedError
from schemas.events import EVENT_TYPES, ClaimBuilt, ClaimDenied, ClaimSubmitted, WorkItemOpened
from schemas.events.keys import ByPerson
from schemas.money import from_cents
from schemas.reference import Reference
from schemas.roles import Act, By
from streams.actions.claims import correct_claim
from streams.actions.denials import file_appeal, write_off_denial
from streams.actions.patients import issue_refund, move_payment, take_payment
from streams.actions.work_items import act_on_item
from streams.installation import Engine, Opened
from tests.builders import NOW, bill_next_payers, find_violations, make_encounter_events, open_small, run_cycle
from tests.services import with_database
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
    read_bodies,
)

EACH = [pytest.param(told, id=name) for name, told in ACTS.items()]
AT_ANOTHER_PLACE = {  # each beside what it belongs to
    *("correct", "answer", "override"),  # tests/cli/test_coding.py
    *("take_payment", "approve_write_off", "drop_event"),  # below, and tests/cli/test_asides.py
}


@dataclass(frozen=True)
class Practice:
    """A practice at work, on one of the two stores, to be copied for each act."""

    folder: Path
    server: str | None = None

    def copy(self, folder: Path, reference: Reference) -> Opened:
        shutil.copytree(self.folder, folder)
        if self.server is None:
            return open_small(folder, reference)
        name = f"act_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(SQL("CREATE DATABASE {} TEMPLATE practice").format(Identifier(name)))
        return open_small(folder, reference, postgres=with_database(self.server, name))


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def practice(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, reference: Reference
) -> Practice:
    server, url = None, None
    if request.param == "postgres":
        server = request.getfixturevalue("postgres_server")
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS practice")
            connection.execute("CREATE DATABASE practice")
        url = with_database(server, "practice")
    folder = tmp_path_factory.mktemp("practice")
    installation = open_small(folder, reference, postgres=url)
    run_cycle(installation, make_encounter_events(60, seed=1))
    installation.store.close()
    return Practice(folder, server)


@pytest.fixture
def installation(practice: Practice, tmp_path: Path, reference: Reference) -> Iterator[Opened]:
    opened = practice.copy(tmp_path / "data", reference)
    yield opened
    opened.store.close()


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


class Dead:
    """An engine whose process dies as soon as something is recorded."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.partitions = engine.partitions
        self.use, self.read_lags = engine.use, engine.read_lags

    def run_until_quiet(self, on_batch: Callable[[int], None] = lambda events: None) -> int:
        raise KeyboardInterrupt("killed between the record and the steps")


@pytest.mark.parametrize("name", sorted(set(ACTS) - {"tick --back-to"}))  # it is refused then: the clock stands there
def test_a_second_try_after_a_death_is_the_act_and_tells_what_came_of_it(
    practice: Practice, tmp_path: Path, reference: Reference, name: str
) -> None:
    told, by = ACTS[name], replace(ANN, role="coder") if ACTS[name].act == "query" else ANN
    alive, killed = (practice.copy(tmp_path / folder, reference) for folder in ("alive", "killed"))
    for installation in (alive, killed):
        told.before(installation)
    told.do(alive, by)

    with pytest.raises(KeyboardInterrupt):
        told.do(replace(killed, engine=Dead(killed.engine)), by)
    told.do(killed, by)

    assert digest(killed.store.connection) == digest(alive.store.connection)
    assert count_events(killed) == count_events(alive)
    assert find_violations(killed.store.connection) == []
    for installation in (alive, killed):
        installation.store.close()


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
    later = {x.claim_id for x in read_bodies(installation, ClaimDenied) if len(x.patient_control_number) > 18}
    denials = [x for x in read_bodies(installation, WorkItemOpened) if x.claim_id in later and x.appeal_level]

    assert Path(file_appeal(installation, denials[-1].item_id, ANN, []).folder).is_dir()


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
    built = read_bodies(installation, ClaimBuilt)
    submitted = {x.summary.claim_id for x in read_bodies(installation, ClaimSubmitted)}
    claim_id = next(
        x.summary.claim_id
        for x in built
        if x.claim.subscriber.filing_indicator == "MB" and x.summary.claim_id in submitted
    )

    with pytest.raises(ActRefusedError, match="Medicare Part B takes no replacement"):
        correct_claim(installation, "void", claim_id, ANN)
    after = count_events(installation)
    with pytest.raises(ActRefusedError, match="Medicare Part B takes no replacement"):
        correct_claim(installation, "void", claim_id, ANN)
    assert count_events(installation) == after
