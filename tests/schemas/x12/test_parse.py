"""`x12 parse`: the contract of the 835, and plain data for every other kind."""

import json
from collections.abc import Callable

import pytest

from schemas.x12.errors import X12Error
from schemas.x12.parse import parse_to_dict

CONTRACT = {
    "": {"kind", "transactions"},
    "transactions": {
        "control_number", "payment_amount", "payment_method", "trace_number", "payer_identifier", "payment_date",
        "balanced", "imbalances", "claims", "provider_adjustments",
    },
    "claims": {
        "patient_control_number", "status_code", "charge_amount", "paid_amount", "patient_responsibility_amount",
        "payer_claim_control_number", "balanced", "adjustments", "services",
    },
    "services": {
        "procedure", "charge_amount", "paid_amount", "units", "line_control_number", "adjustments", "remarks",
        "balanced",
    },
    "adjustments": {"group", "reason", "amount", "quantity"},
    "provider_adjustments": {"reason", "reference", "amount"},
}  # fmt: skip
SEGMENTS = (
    "BPR*I*149.5*C*ACH************20261120",
    "TRN*1*EFT1*1512345678",
    "CLP*ABC*1*200*150*20*12*ICN1",
    "SVC*HC:99213*200*150**2",
    "CAS*CO*45*50*-1",
    "REF*6R*L1",
    "LQ*HE*N130",
    "PLB*1*20261231*L6:INT*.5",
)


def test_the_contract_of_a_remittance(wrap: Callable[..., bytes]) -> None:
    document = parse_to_dict(wrap(*SEGMENTS))
    assert document["kind"] == "835" and CONTRACT[""] <= document.keys()
    (transaction,) = document["transactions"]
    (claim,) = transaction["claims"]
    (service,) = claim["services"]
    (adjustment,) = service["adjustments"]
    (provider,) = transaction["provider_adjustments"]
    found = {
        "transactions": transaction,
        "claims": claim,
        "services": service,
        "adjustments": adjustment,
        "provider_adjustments": provider,
    }
    for name, value in found.items():
        assert CONTRACT[name] <= value.keys(), name
    assert (transaction["payment_amount"], transaction["payment_date"]) == ("149.50", "2026-11-20")
    assert transaction["balanced"] and claim["balanced"] and service["balanced"]
    assert (service["procedure"], service["units"], service["remarks"]) == ("99213", "2", ["N130"])
    assert (adjustment["amount"], adjustment["quantity"], provider["amount"]) == ("50.00", "-1", "0.50")


def test_an_imbalance_is_told_with_its_difference(wrap: Callable[..., bytes]) -> None:
    (transaction,) = parse_to_dict(wrap(*SEGMENTS).replace(b"*149.5*", b"*149*"))["transactions"]
    assert not transaction["balanced"] and not transaction["postable"]
    assert [(i["level"], i["difference"]) for i in transaction["imbalances"]] == [("transaction", "0.50")]


def test_every_sample_becomes_json(samples: Callable[..., list[tuple[str, bytes, dict[str, str]]]]) -> None:
    for path, data, row in samples():
        document = parse_to_dict(data)
        json.dumps(document)
        expected = "837I" if "X223" in row["version"] else row["kind"]
        assert document["kind"] == expected or "HL-nested" in path, path


def test_what_is_not_x12_is_refused() -> None:
    with pytest.raises(X12Error):
        parse_to_dict(b"hello")
