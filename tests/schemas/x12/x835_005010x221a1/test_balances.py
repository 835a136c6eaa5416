"""The three balances of a remittance, its identity, and what makes it fit to post."""

import dataclasses
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.x12.x835_005010x221a1 import (
    Adjustment,
    Remittance,
    RemittanceClaim,
    RemittanceService,
    read_835,
    remittance_identity,
)

BPR = "BPR*I*{amount}*C*ACH*CCP*01*111000025*DA*33*1512345678**01*111000025*DA*44*20261120"
HEAD = (
    BPR,
    "TRN*1*EFT1*1512345678",
    "DTM*405*20261119",
    "N1*PR*HEALTH PLAN",
    "N1*PE*CLINIC*XX*1234567893",
    "REF*TJ*987654321",
)
CLAIM = ("LX*1", "CLP*ABC*1*200*150*20*12*ICN1", "CAS*CO*45*10", "NM1*QC*1*DOE*ANN")
LINE = (
    "SVC*HC:99213:25*200*160**1",
    "DTM*472*20261101",
    "CAS*PR*2*.5**3*19.5",
    "CAS*CO*253*20",
    "REF*6R*L1",
    "LQ*HE*N130",
)
Wrap = Callable[..., bytes]


def read(wrap: Wrap, *segments: str, amount: str = "150") -> Remittance:
    (remittance,) = read_835(wrap(*(s.format(amount=amount) for s in (*HEAD, *segments))))
    return remittance


def test_a_remittance_that_balances_at_three_levels_posts(wrap: Wrap) -> None:
    remittance = read(wrap, *CLAIM, *LINE)
    assert remittance.balanced and remittance.postable and remittance.findings == ()
    (claim,) = remittance.claims
    (service,) = claim.services
    assert (claim.patient_control_number, claim.status_code, claim.charge_amount) == ("ABC", "1", Decimal("200.00"))
    assert (service.procedure, service.modifiers, str(service.units)) == ("99213", ("25",), "1")
    assert [(a.group, a.reason, str(a.amount)) for a in claim.all_adjustments] == [
        ("CO", "45", "10.00"),
        ("PR", "2", "0.50"),
        ("PR", "3", "19.50"),
        ("CO", "253", "20.00"),
    ]
    assert (service.line_control_number, service.remarks) == ("L1", ("N130",))
    assert (remittance.payee_npi, remittance.payee_tax_id) == ("1234567893", "987654321")


@pytest.mark.parametrize(
    ("right", "wrong", "levels"),
    [
        ("SVC*HC:99213:25*200*160", "SVC*HC:99213:25*200*160.01", ["line"]),
        ("CAS*CO*253*20", "CAS*CO*253*20.01", ["line", "claim"]),
        ("CAS*CO*45*10", "CAS*CO*45*9.99", ["claim"]),
        ("CLP*ABC*1*200*150", "CLP*ABC*1*200*149.99", ["claim", "transaction"]),
        ("{amount}", "150.01", ["transaction"]),
    ],
)
def test_one_cent_is_found_at_its_level(wrap: Wrap, right: str, wrong: str, levels: list[str]) -> None:
    segments = [s.replace(right, wrong).format(amount="150") for s in (*HEAD, *CLAIM, *LINE)]
    (remittance,) = read_835(wrap(*segments))
    assert [i.level for i in remittance.imbalances()] == levels
    assert {abs(i.difference) for i in remittance.imbalances()} == {Decimal("0.01")}
    assert not remittance.balanced and not remittance.postable


def test_provider_adjustments_reduce_the_payment_when_positive(wrap: Wrap) -> None:
    plb = "PLB*1234567893*20261231*WO:OLD1*50*L6:INT*-.75"
    remittance = read(wrap, *CLAIM, *LINE, plb, amount="100.75")
    assert remittance.postable
    assert [(a.reason, a.reference, str(a.amount)) for a in remittance.provider_adjustments] == [
        ("WO", "OLD1", "50.00"),
        ("L6", "INT", "-0.75"),
    ]
    assert read(wrap, "PLB*1234567893*20261231*FB*-20", amount="20").postable, "a PLB without any claim"


def test_a_reversal_balances_with_every_sign_turned(wrap: Wrap) -> None:
    reversal = ("CLP*ABC*22*-200*-150**12*ICN1", "CAS*CO*45*-50")
    remittance = read(wrap, *reversal, amount="-150")
    assert remittance.balanced and remittance.claims[0].is_reversal


@pytest.mark.parametrize(
    ("right", "wrong", "element"),
    [("CLP*ABC*1*200", "CLP*ABC*1*2OO", "CLP03"), ("SVC*HC:99213:25*200*160", "SVC*HC:99213:25*200*", "SVC03")],
)
def test_an_amount_that_cannot_be_read_keeps_the_set_from_posting(
    wrap: Wrap, right: str, wrong: str, element: str
) -> None:
    (remittance,) = read_835(wrap(*(s.replace(right, wrong).format(amount="150") for s in (*HEAD, *CLAIM, *LINE))))
    assert [(f.element, f.severity) for f in remittance.findings] == [(element, "error")]
    assert not remittance.postable


def test_a_wrong_segment_count_keeps_the_set_from_posting_though_it_balances(wrap: Wrap) -> None:
    data = wrap(*(s.format(amount="150") for s in (*HEAD, *CLAIM, *LINE))).replace(b"SE*18", b"SE*17")
    (remittance,) = read_835(data)
    assert remittance.balanced and not remittance.postable


def test_unknown_segments_are_kept_and_reported(wrap: Wrap) -> None:
    remittance = read(wrap, *CLAIM, "ZZZ*1", *LINE)
    assert remittance.unknown_segments == (("ZZZ", "1"),)
    assert [f.segment_id for f in remittance.findings] == ["ZZZ"] and remittance.postable


def test_every_object_knows_its_place_in_the_bytes(wrap: Wrap) -> None:
    data = wrap(*(s.format(amount="150") for s in (*HEAD, *CLAIM, *LINE)))
    (remittance,) = read_835(data)
    claim = remittance.claims[0]
    assert data[claim.offset :].startswith(b"CLP*ABC") and data[claim.services[0].offset :].startswith(b"SVC*")
    assert data.split(b"~")[claim.services[0].adjustments[0].segment_index - 1] == b"CAS*PR*2*.5**3*19.5"


def test_identity_is_the_payment_not_the_wrapping(wrap: Wrap) -> None:
    remittance = read(wrap, *CLAIM, *LINE)
    again = dataclasses.replace(remittance, control_number="9999", interchange_control_number="7", claims=())
    assert remittance_identity(again) == remittance_identity(remittance)
    for change in (
        {"trace_number": "EFT2"},
        {"payment_amount": Decimal(1)},
        {"payer_identifier": "X"},
        {"payment_date": None},
    ):
        assert remittance_identity(dataclasses.replace(remittance, **change)) != remittance_identity(remittance)


cents = st.integers(-10_000_000, 10_000_000).map(lambda n: Decimal(n).scaleb(-2))


@given(cents, st.lists(cents, max_size=8), cents)
def test_a_line_balances_exactly_when_its_adjustments_explain_it(
    charge: Decimal, amounts: list[Decimal], error: Decimal
) -> None:
    adjustments = tuple(Adjustment("CO", "45", amount) for amount in amounts)
    paid = charge - sum(amounts, Decimal(0))
    line = RemittanceService("HC", "99213", (), charge, paid + error, Decimal(1), adjustments=adjustments)
    assert [i.difference for i in line.imbalances()] == ([-error] if error else [])
    claim = RemittanceClaim("A", "1", charge, paid, Decimal(0), services=(line,))
    assert claim.balanced == (not error)
