"""Claims wait for a cut and go into one file each, under control numbers that never repeat."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from processors.submission.interchange_building import build_interchanges, keys_of_submission
from schemas.claim import require_professional
from schemas.events import (
    AskedClaim,
    ClaimReleased,
    ClaimStatusRequested,
    ClaimWaiting,
    ClaimWithdrawn,
    InquiryBuilt,
    InterchangeBuilt,
    SubmissionCut,
    WorkItemClosed,
    WorkItemOpened,
)
from schemas.identifiers import make_encounter_id, sha256_hex
from schemas.reference import Reference
from schemas.submission import write_interchange
from tests.processors.builders import ACCOUNT, PARTNER, acknowledged, built, number_claim
from tests.processors.desk import Desk, name_types, pick

CUT_AT = datetime(2026, 3, 3, 18, tzinfo=UTC)


@pytest.fixture
def desk(shipped: Reference) -> Desk:
    return Desk(keys_of_submission, build_interchanges, shipped)


def cut(*claims: int) -> SubmissionCut:
    return SubmissionCut(
        trading_partner=PARTNER, cut_at=CUT_AT, claim_ids=tuple(number_claim(claim)[:16] for claim in claims)
    )


def withdraw(claim: int, revision: int) -> ClaimWithdrawn:
    return ClaimWithdrawn(
        trading_partner=PARTNER,
        account_key=ACCOUNT,
        encounter_id=make_encounter_id("ehr", f"visit-{claim}"),
        claim_id=number_claim(claim)[:16],
        revision=revision,
    )


def list_numbers(interchange: InterchangeBuilt) -> list[str]:
    return [item.summary.patient_control_number for item in interchange.claims]


def test_a_built_claim_waits_for_the_cut(desk: Desk) -> None:
    assert desk.take(built(1), built(2)) == ()

    (interchange,) = pick(desk.take(cut(1, 2)), InterchangeBuilt)
    assert list_numbers(interchange) == sorted([number_claim(1), number_claim(2)])
    assert (interchange.control_number, interchange.built_at, interchange.key) == (1, CUT_AT, PARTNER)


def test_the_bytes_are_a_pure_function_of_the_event(desk: Desk, shipped: Reference) -> None:
    desk.take(built(1))
    (interchange,) = pick(desk.take(cut(1)), InterchangeBuilt)

    again = InterchangeBuilt.model_validate_json(interchange.model_dump_json())
    data = write_interchange(again.claims, again.control_number, again.built_at, shipped.installation.submitter)
    assert sha256_hex(data) == interchange.sha256


def test_control_numbers_count_on_and_never_repeat(desk: Desk) -> None:
    desk.take(*map(built, range(1, 4)))
    numbers = [pick(desk.take(cut(claim)), InterchangeBuilt)[0].control_number for claim in range(1, 4)]

    assert numbers == [1, 2, 3]


def test_a_claim_that_cannot_be_written_stops_no_other(desk: Desk) -> None:
    """Claim building lets none be; what a message says of one is believed no further than the file."""
    bad = built(1)
    claim = require_professional(bad.claim)
    line = replace(claim.lines[0], procedure="99~13")
    desk.take(bad.model_copy(update={"claim": replace(claim, lines=(line,))}), built(2))

    outputs = desk.take(cut(1, 2))
    (interchange,) = pick(outputs, InterchangeBuilt)
    (item,) = pick(outputs, WorkItemOpened)
    assert list_numbers(interchange) == [number_claim(2)]
    assert item.reason == "unwritable_decision" and "cannot be written as X12" in item.next_action
    assert desk.take(cut(1)) == ()


def test_a_cut_that_names_a_claim_twice_sends_it_once(desk: Desk) -> None:
    desk.take(built(1))
    (interchange,) = pick(desk.take(cut(1, 1)), InterchangeBuilt)

    assert list_numbers(interchange) == [number_claim(1)]


def test_a_status_request_takes_the_next_control_number_of_the_same_count(desk: Desk) -> None:
    asked = AskedClaim(
        account_key=ACCOUNT, claim_id=number_claim()[:16], patient_control_number=number_claim(), document="a" * 64
    )
    request = ClaimStatusRequested(trading_partner=PARTNER, business_date=CUT_AT.date(), claims=(asked,))
    desk.take(built(1), cut(1))
    (inquiry,) = pick(desk.take(request), InquiryBuilt)
    (after,) = pick(desk.take(built(2), cut(2)), InterchangeBuilt)

    assert (inquiry.control_number, inquiry.file_name) == (2, f"{PARTNER}-000000002.276")
    assert after.control_number == 3


def test_a_cut_of_more_lines_than_an_event_may_carry_makes_several_interchanges(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.take(*(built(claim) for claim in range(1, 6)))
    monkeypatch.setattr("processors.submission.interchange_building.LINES_PER_INTERCHANGE_MAX", 2)

    interchanges = pick(desk.take(cut(1, 2, 3, 4, 5)), InterchangeBuilt)

    assert [len(x.claims) for x in interchanges] == [2, 2, 1]
    assert [x.control_number for x in interchanges] == [1, 2, 3]
    assert len({number for x in interchanges for number in list_numbers(x)}) == 5
    assert desk.take(cut(1, 2, 3, 4, 5)) == ()


def test_a_claim_that_two_cuts_name_goes_once(desk: Desk) -> None:
    desk.take(built(1), built(2))
    (first,) = pick(desk.take(cut(1)), InterchangeBuilt)
    (second,) = pick(desk.take(cut(1, 2)), InterchangeBuilt)

    assert list_numbers(first) == [number_claim(1)]
    assert list_numbers(second) == [number_claim(2)]
    assert desk.take(cut(1, 2)) == (), "a cut with nothing to send makes no file and takes no control number"


def test_a_cut_that_names_an_unknown_claim_makes_no_file(desk: Desk) -> None:
    assert desk.take(cut(9)) == ()


def test_a_claim_changed_before_the_cut_goes_as_it_is_now(desk: Desk) -> None:
    desk.take(built(1, version=1), built(1, version=2))
    (interchange,) = pick(desk.take(cut(1)), InterchangeBuilt)

    assert list_numbers(interchange) == [number_claim(1, version=2)]


def test_an_older_build_that_comes_late_does_not_come_back(desk: Desk) -> None:
    desk.take(built(1, version=2), built(1, version=1))
    (interchange,) = pick(desk.take(cut(1)), InterchangeBuilt)

    assert list_numbers(interchange) == [number_claim(1, version=2)]


def test_a_claim_withdrawn_before_the_cut_is_not_sent(desk: Desk) -> None:
    desk.take(built(1), withdraw(1, revision=2))

    assert desk.take(cut(1)) == ()


def test_a_claim_withdrawn_after_the_cut_asks_a_person_for_a_void(desk: Desk) -> None:
    desk.take(built(1), cut(1))
    (item,) = desk.take(withdraw(1, revision=2))

    assert isinstance(item, WorkItemOpened)
    assert (item.reason, item.claim_id) == ("void_decision", number_claim(1)[:16])


def test_a_change_after_the_cut_waits_for_a_person(desk: Desk) -> None:
    desk.take(built(1), cut(1))
    outputs = desk.take(built(1, version=2))

    assert name_types(outputs) == ["ClaimWaiting", "WorkItemOpened"]
    assert pick(outputs, ClaimWaiting)[0].patient_control_number == number_claim(1, version=2)
    assert pick(outputs, WorkItemOpened)[0].reason == "replacement_decision"
    assert desk.take(cut(1)) == (), "what waits is not sent twice over what the payer already has"


def test_a_rejection_frees_what_waits_as_a_new_claim(desk: Desk) -> None:
    desk.take(built(1), cut(1))
    (item,) = pick(desk.take(built(1, version=2)), WorkItemOpened)
    outputs = desk.take(acknowledged(1))

    assert name_types(outputs) == ["ClaimReleased", "WorkItemClosed"]
    assert pick(outputs, ClaimReleased)[0].patient_control_number == number_claim(1, version=2)
    assert pick(outputs, WorkItemClosed)[0].item_id == item.item_id
    (interchange,) = pick(desk.take(cut(1)), InterchangeBuilt)
    assert list_numbers(interchange) == [number_claim(1, version=2)]


def test_a_claim_mended_after_its_rejection_goes_at_the_next_cut(desk: Desk) -> None:
    desk.take(built(1), cut(1))
    assert desk.take(acknowledged(1)) == ()
    assert desk.take(cut(1)) == (), "the rejected version itself is not sent again"

    desk.take(built(1, version=2))
    (interchange,) = pick(desk.take(cut(1)), InterchangeBuilt)
    assert list_numbers(interchange) == [number_claim(1, version=2)]


def test_an_acceptance_frees_nothing(desk: Desk) -> None:
    desk.take(built(1), cut(1), built(1, version=2))

    assert desk.take(acknowledged(1, outcome="accepted")) == ()
    assert desk.take(cut(1)) == ()


def test_a_rejection_of_an_earlier_version_says_nothing_of_the_later(desk: Desk) -> None:
    desk.take(built(1), cut(1), acknowledged(1), built(1, version=2), cut(1), built(1, version=3))

    assert desk.take(acknowledged(1, version=1)) == ()
    assert name_types(desk.take(acknowledged(1, version=2))) == ["ClaimReleased", "WorkItemClosed"]


def test_a_rejection_of_somebody_elses_claim_is_ignored(desk: Desk) -> None:
    foreign = acknowledged(1).model_copy(update={"patient_control_number": "THEIR-CLAIM-7"})

    assert desk.take(foreign) == ()
    assert desk.states == {}
