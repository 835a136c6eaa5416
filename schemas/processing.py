"""The shape of every processor: (states, event, reference data) to (changed states, new facts). No I/O, no clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from schemas.base import Frozen
from schemas.event import Body, Event
from schemas.reference import Reference

States = Mapping[str, Frozen]
State = TypeVar("State", bound=Frozen)


class Timed(Frozen):
    """A state that waits: the tick of `due_on`, or the first after it, is given to its step together with it."""

    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a processor decides: the states that changed, and the facts that follow."""

    states: States = field(default_factory=dict)
    outputs: tuple[Body, ...] = ()


def read_state(states: States, key: str, model: type[State]) -> State:
    """What stands under a key, or a fresh one. Raises TypeError where the map gave the key to another model."""
    return find_state(states, key, model) or model()


def find_state(states: States, key: str, model: type[State]) -> State | None:
    """What stands under a key; None before its first event. Raises TypeError like `read_state`."""
    state = states.get(key)
    if state is not None and not isinstance(state, model):
        raise TypeError(f"a state of {key.partition(':')[0]} is {type(state).__name__}, not {model.__name__}")
    return state


def list_states(states: States, model: type[State]) -> list[tuple[str, State]]:
    """All that a tick brings, by their keys in order. Raises TypeError like `read_state`."""
    return [(key, read_state(states, key, model)) for key in sorted(states)]


Function = Callable[[States, Event, Reference], Outcome]
KeysOf = Callable[[Event], tuple[str, ...]]
