"""A claim in an event says what kind it is; one that was written before that is professional."""

import json

import pytest

from schemas.claim import require_professional
from schemas.events import ClaimBuilt
from schemas.x12.x837i_005010x223a2 import InstitutionalClaim
from schemas.x12.x837p_005010x222a1 import ProfessionalClaim
from streams.catalogue.events import read_example

BUILT = json.loads(read_example(ClaimBuilt).model_dump_json())
HOSPITAL = {
    "kind": "institutional",
    "patient_control_number": "A1",
    "charge_amount": "100.00",
    "facility_type": "13",
    "codes": {},
    "lines": [],
    **{name: BUILT["claim"][name] for name in ("billing_provider", "subscriber", "payer")},
}


def read(claim: dict[str, object]) -> ClaimBuilt:
    return ClaimBuilt.model_validate_json(json.dumps({**BUILT, "claim": claim}))


def test_a_claim_without_a_kind_is_professional() -> None:
    old = {name: value for name, value in BUILT["claim"].items() if name != "kind"}

    assert isinstance(read(old).claim, ProfessionalClaim)
    assert read(old) == read(BUILT["claim"])


def test_an_institutional_claim_is_read_and_cannot_be_sent() -> None:
    claim = read(HOSPITAL).claim

    assert isinstance(claim, InstitutionalClaim)
    assert read(json.loads(read(HOSPITAL).model_dump_json())["claim"]).claim == claim
    with pytest.raises(ValueError, match="cannot be sent yet"):
        require_professional(claim)


def test_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="dental"):
        read({**BUILT["claim"], "kind": "dental"})
