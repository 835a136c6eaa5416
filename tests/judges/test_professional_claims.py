"""What we send, judged by programs that share no line with ours: pyx12 by its guide maps, x12sdk by its own models."""

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from x12sdk.io import X12ModelReader

from schemas.encounter import Provider
from schemas.event import publish_at_edge
from schemas.events import InterchangeBuilt
from schemas.wire import decode_record
from streams.installation import open_installation
from tests.builders import NOW, bill_next_payers, make_encounter_events, run_cycle
from tests.processors.builders import ACCOUNT, CLINIC, ENCOUNTER_ID, encounter

Judge = Callable[[bytes], list[str]]
ClaimFacts = tuple[str, Decimal, tuple[tuple[str, Decimal, Decimal], ...]]


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[InterchangeBuilt, bytes]]:
    """Every interchange that sixty encounters of the made-up practice lead to: what was decided, and its bytes."""
    installation = open_installation(tmp_path_factory.mktemp("installation"))
    run_cycle(installation, make_encounter_events(60, seed=1))
    bill_next_payers(installation)
    records = installation.store.read([InterchangeBuilt.topic], 0, 1000)
    built = [body for body in (decode_record(r).body for r in records) if isinstance(body, InterchangeBuilt)]
    return [(body, (installation.outbox / body.file_name).read_bytes()) for body in built]


def read_by_x12sdk(data: bytes) -> list[ClaimFacts]:
    """(claim id, total, lines of procedure, charge, units) of every claim, as x12sdk reads the bytes."""
    with X12ModelReader(data.decode()) as reader:
        return [_describe(claim) for model in reader.models() for claim in _walk_claims(model)]


def _walk_claims(model: Any) -> Iterator[Any]:
    for provider in model.loop_2000a:
        for subscriber in provider.loop_2000b:
            yield from subscriber.loop_2300 or ()
            for dependant in subscriber.loop_2000c or ():
                yield from dependant.loop_2300 or ()


def _describe(claim: Any) -> ClaimFacts:
    head = claim.clm_segment
    lines = tuple(
        (
            line.sv1_segment.product_service_id_qualifier,
            line.sv1_segment.line_item_charge_amount,
            line.sv1_segment.service_unit_count,
        )
        for line in claim.loop_2400
    )
    return head.patient_control_number, head.total_claim_charge_amount, lines


def test_the_demo_sends_what_a_practice_sends(sent: list[tuple[InterchangeBuilt, bytes]]) -> None:
    claims = [item.claim for body, _ in sent for item in body.claims]

    assert len(claims) >= 50
    assert any(claim.patient is not None for claim in claims), "a dependant's claim"
    assert max(len(claim.lines) for claim in claims) == 50, "an encounter of more lines than a claim may carry"


def test_secondary_claims_are_among_them(sent: list[tuple[InterchangeBuilt, bytes]]) -> None:
    second = [item.claim for body, _ in sent for item in body.claims if item.summary.responsibility == "S"]

    assert len(second) >= 3
    assert any(claim.patient is not None for claim in second), "through a spouse"
    assert any(other.adjudication_date for claim in second for other in claim.other_payers) or any(
        line.supplement and line.supplement.adjudications for claim in second for line in claim.lines
    )


def test_x12sdk_reads_the_first_payers_decision_and_it_balances(sent: list[tuple[InterchangeBuilt, bytes]]) -> None:
    """CLM02 = AMT*D + CAS of 2320 and 2430 (RFI 1115), by another reader's arithmetic."""
    checked = 0
    for _, data in sent:
        with X12ModelReader(data.decode()) as reader:
            for claim in (claim for model in reader.models() for claim in _walk_claims(model)):
                for other in claim.loop_2320 or ():
                    paid = [a.monetary_amount for a in other.amt_segment or () if a.amount_qualifier_code == "D"]
                    if not paid:
                        continue
                    identifier = other.loop_2330b.nm1_segment.identification_code
                    lines = [a for line in claim.loop_2400 for a in line.loop_2430 or ()]
                    ours = [a for a in lines if a.svd_segment.other_payer_primary_identifier == identifier]
                    cas = [*(other.cas_segment or ()), *(c for a in ours for c in a.cas_segment or ())]
                    adjusted = sum((_sum_cas(c) for c in cas), Decimal(0))
                    assert sum(paid) + adjusted == claim.clm_segment.total_claim_charge_amount
                    checked += 1
    assert checked >= 3


def _sum_cas(cas: Any) -> Decimal:
    amounts = (getattr(cas, f"monetary_amount_{place}", None) for place in range(1, 7))
    return sum((Decimal(amount) for amount in amounts if amount), Decimal(0))


def test_pyx12_finds_no_error_in_any_file(sent: list[tuple[InterchangeBuilt, bytes]], judge: Judge) -> None:
    assert [error for _, data in sent for error in judge(data)] == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [(b"~\nDTP*472*D8*", b"~\nDTP*472*D9*"), (b"~\nHI*ABK:", b"~\nHI*ABZ:"), (b"~\nSE*", b"~\nSE*1")],
    ids=["date format", "diagnosis qualifier", "segment count"],
)
def test_pyx12_finds_a_planted_error(
    sent: list[tuple[InterchangeBuilt, bytes]], judge: Judge, right: bytes, wrong: bytes
) -> None:
    _, data = sent[0]
    assert right in data

    assert judge(data.replace(right, wrong, 1)) != []


def test_x12sdk_reads_back_the_claims_that_were_decided(sent: list[tuple[InterchangeBuilt, bytes]]) -> None:
    for body, data in sent:
        decided = [
            (
                item.claim.patient_control_number,
                item.claim.charge_amount,
                tuple(
                    (":".join(("HC", line.procedure, *line.modifiers)), line.charge_amount, line.units)
                    for line in item.claim.lines
                ),
            )
            for item in body.claims
        ]

        assert Counter(read_by_x12sdk(data)) == Counter(decided)


def test_x12sdk_reads_a_planted_difference(sent: list[tuple[InterchangeBuilt, bytes]]) -> None:
    body, data = sent[0]
    number = body.claims[0].claim.patient_control_number
    spoilt = data.replace(number.encode(), number[:-2].encode() + b"99")

    assert {claim[0] for claim in read_by_x12sdk(data)} - {claim[0] for claim in read_by_x12sdk(spoilt)} == {number}


def test_what_a_test_installation_takes_lightly_is_still_an_837(tmp_path: Path, judge: Judge) -> None:
    """No NPI of the biller, a wrong one and a wrong taxonomy of the renderer: warnings, and a file by its guide."""
    installation = open_installation(tmp_path)
    biller = CLINIC.model_copy(update={"npi": "", "taxonomy": ""})
    renderer = Provider(name="ROE", given_name="COR", npi="1234567890", taxonomy="NONE")
    visit = encounter(billing_provider=biller, rendering_provider=renderer)
    run_cycle(installation, [publish_at_edge(visit, ACCOUNT, NOW, ENCOUNTER_ID)])

    (file,) = installation.outbox.glob("*.837")
    assert b"NM1*85*2*CLINIC~" in file.read_bytes()
    assert judge(file.read_bytes()) == []
