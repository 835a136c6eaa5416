"""What every model shares: a change is judged as the making was."""

import pytest
from pydantic import ValidationError

from schemas.base import Frozen, Identifier


class Balance(Frozen):
    claim_id: Identifier
    paid_cents: int = 0


BALANCE = Balance(claim_id="claim-1", paid_cents=5_000)


def test_a_change_makes_another_and_leaves_the_first() -> None:
    assert BALANCE.replace(paid_cents=7_000) == Balance(claim_id="claim-1", paid_cents=7_000)
    assert BALANCE.paid_cents == 5_000


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"payd_cents": 7_000}, "payd_cents\n  Extra inputs are not permitted"),
        ({"paid_cents": "7000"}, "paid_cents\n  Input should be a valid integer"),
        ({"paid_cents": 70.5}, "paid_cents\n  Input should be a valid integer"),
        ({"claim_id": ""}, "claim_id\n  String should have at least 1 character"),
    ],
)
def test_a_change_that_no_making_would_take_is_refused(changes: dict[str, object], refusal: str) -> None:
    with pytest.raises(ValidationError, match=refusal):
        BALANCE.replace(**changes)


def test_a_refusal_names_the_field_and_never_its_value() -> None:
    with pytest.raises(ValidationError) as refused:
        BALANCE.replace(paid_cents="ZEBRASTRIPE")

    assert "paid_cents" in str(refused.value)
    assert "ZEBRASTRIPE" not in str(refused.value)
