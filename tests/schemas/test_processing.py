"""States are read by key and model: another model under a key is a fault of the map, told without a value."""

import pytest

from schemas.base import Frozen, Identifier
from schemas.processing import find_state, list_states, read_state


class Account(Frozen):
    patient_id: Identifier = "nobody"


class Claim(Frozen):
    paid_cents: int = 0


STATES = {"account:2": Account(patient_id="ZEBRASTRIPE"), "account:1": Account()}


def test_a_state_is_read_or_begins_afresh() -> None:
    assert read_state(STATES, "account:2", Account) is STATES["account:2"]
    assert read_state(STATES, "account:3", Account) == Account()


def test_a_state_that_is_not_there_is_not_found() -> None:
    assert find_state(STATES, "account:2", Account) is STATES["account:2"]
    assert find_state(STATES, "account:3", Account) is None


def test_the_states_of_a_tick_come_by_their_keys() -> None:
    assert [key for key, _ in list_states(STATES, Account)] == ["account:1", "account:2"]


def test_a_state_of_another_model_is_refused_without_its_values() -> None:
    with pytest.raises(TypeError, match=r"^a state of account is Account, not Claim$"):
        read_state(STATES, "account:2", Claim)
    with pytest.raises(TypeError, match=r"^a state of account is Account, not Claim$"):
        list_states(STATES, Claim)
