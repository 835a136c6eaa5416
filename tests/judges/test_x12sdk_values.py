"""x12sdk reads what we write, and what it understood, written by itself and read again, is equal value by value.

Where x12sdk is narrower than the guide, the case is named with the reason; pyx12 and our own reader judge it elsewhere.
"""

import datetime
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from pydantic import ValidationError
from x12sdk.io import X12ModelReader

from schemas.x12.writer import InterchangeHeader
from schemas.x12.x270_271_005010x279a1 import EligibilityTransaction, read_eligibility, write_eligibility
from schemas.x12.x276_277_005010x212 import StatusTransaction, read_status, write_status
from schemas.x12.x835_005010x221a1 import Adjustment, Remittance, read_835, write_835
from schemas.x12.x837i_005010x223a2 import read_837i, write_837i
from schemas.x12.x837p_005010x222a1 import read_837p, write_837p
from tests.x12_examples import institutional, professional
from tests.x12_examples.inquiries import ANSWER, INQUIRIES, INQUIRY, REQUEST, RESPONSE
from tests.x12_examples.remittances import remittances

HEADER = InterchangeHeader("PAYER", "CLINIC", datetime.date(2026, 11, 20), datetime.time(14, 5), 1)
# Cases that x12sdk 2.2.0 cannot hold.
ONE_REFERRING_PROVIDER_ONLY = {"two referring providers"}
OTHER_READING_OF_THE_GUIDE = {
    "drug and noncovered": "it demands a REF in 2410",
    "interim bill, replacement": "it knows no NTE*ADD",
    "pay-to plan": "it takes no tax id in 2010AC",
}


def understand(data: bytes) -> Any:
    """x12sdk's model of the one transaction set in the bytes."""
    with X12ModelReader(data.decode()) as reader:
        (model,) = reader.models()
    return model


def write_again(data: bytes) -> bytes:
    """The set as x12sdk writes what it understood, in the envelope that it came in."""
    text = data.decode()
    head, _, rest = text.partition("ST*")
    written = understand(data).x12().strip()
    return f"{head}{written.rstrip('~')}~GE*{rest.rpartition('GE*')[2]}".encode()


def drop_zero_adjustments(remittance: Remittance) -> Remittance:
    """x12sdk takes an adjustment of zero for a missing one."""

    def keep(adjustments: tuple[Adjustment, ...]) -> tuple[Adjustment, ...]:
        return tuple(adjustment for adjustment in adjustments if adjustment.amount)

    claims = (
        replace(
            claim,
            adjustments=keep(claim.adjustments),
            services=tuple(replace(line, adjustments=keep(line.adjustments)) for line in claim.services),
        )
        for claim in remittance.claims
    )
    return replace(remittance, claims=tuple(claims))


@pytest.mark.parametrize("name", [n for n in professional.VARIANTS if n not in ONE_REFERRING_PROVIDER_ONLY])
def test_a_professional_claim(name: str) -> None:
    written = professional.VARIANTS[name]
    data = write_837p(professional.interchange(written))
    (read,) = read_837p(write_again(data))
    assert read.claim == written


@pytest.mark.parametrize("name", [n for n in institutional.VARIANTS if n not in OTHER_READING_OF_THE_GUIDE])
def test_an_institutional_claim(name: str) -> None:
    written = replace(institutional.VARIANTS[name], discharge_time=None)  # x12sdk loses the hour of DTP*096*TM
    (read,) = read_837i(write_again(write_837i(institutional.interchange(written))))
    assert read.claim == written


@settings(max_examples=30)
@given(remittances().map(drop_zero_adjustments))
def test_a_remittance(written: Remittance) -> None:
    (read,) = read_835(write_again(write_835(HEADER, [written])))
    assert read == written


# x12sdk demands a service type in each EQ, knows no reasons for refusing a member, and one entity of a benefit only.
@pytest.mark.parametrize("written", [INQUIRY, RESPONSE], ids=["270", "271"])
def test_eligibility(written: EligibilityTransaction) -> None:
    (read,) = read_eligibility(write_again(write_eligibility(HEADER, [written])))
    assert read == written


@pytest.mark.parametrize("written", [REQUEST, ANSWER], ids=["276", "277"])
def test_claim_status(written: StatusTransaction) -> None:
    (read,) = read_status(write_again(write_status(HEADER, [written])))
    assert read == written


def test_the_names_that_x12sdk_gives_hold_our_values() -> None:
    """A value in the wrong element would survive the way there and back: these are looked up by x12sdk's own names."""
    claim = understand(write_837p(professional.interchange(professional.VARIANTS["coordination of benefits"])))
    provider = claim.loop_2000a[0]
    subscriber = provider.loop_2000b[0]
    inner = subscriber.loop_2300[0]
    line = inner.loop_2400[0]
    assert provider.loop_2010aa.nm1_segment.identification_code == "1234567893"
    assert subscriber.loop_2010ba.nm1_segment.name_last_or_organization_name == "DOE"
    assert subscriber.loop_2010ba.dmg_segment.date_time_period == datetime.date(1970, 1, 1)
    assert subscriber.loop_2010bb.nm1_segment.identification_code == "60054"
    assert inner.clm_segment.total_claim_charge_amount == Decimal(100)
    assert line.sv1_segment.line_item_charge_amount == Decimal(100)
    assert line.sv1_segment.service_unit_count == 1
    assert line.loop_2430[0].svd_segment.service_line_paid_amount == Decimal(60)


def test_the_inquiries_by_name() -> None:
    eligibility = understand(write_eligibility(HEADER, [RESPONSE]))
    benefits = eligibility.loop_2000a[0].loop_2000b[0].loop_2000c[0].loop_2100c.loop_2110c
    assert [item.eb_segment.benefit_amount for item in benefits][1] == Decimal(30)
    assert [item.eb_segment.benefit_percent for item in benefits][2] == Decimal("0.2")
    status = understand(write_status(HEADER, [ANSWER]))
    claim = status.loop_2000a[0].loop_2000b[0].loop_2000c[0].loop_2000d[0].loop_2200d[0]
    assert claim.trn_segment.reference_identification_1 == "T1"
    assert claim.stc_segment[0].total_claim_charge_amount == Decimal(150)
    assert claim.stc_segment[0].claim_payment_amount == Decimal(90)


@pytest.mark.parametrize("kind", INQUIRIES)
def test_a_planted_error_is_refused(kind: str, make_bytes: Callable[[str], bytes]) -> None:
    data = make_bytes(kind)
    with pytest.raises((ValidationError, KeyError)):  # x12sdk's own answers to a level it does not know
        understand(data.replace(b"HL*1**20", b"HL*1**99"))


@pytest.fixture
def make_bytes() -> Callable[[str], bytes]:
    def write(kind: str) -> bytes:
        written = INQUIRIES[kind]
        if isinstance(written, EligibilityTransaction):
            return write_eligibility(HEADER, [written])
        return write_status(HEADER, [written])

    return write
