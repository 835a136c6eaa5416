"""Events that a step cannot take: set aside as work, so that every other key goes on.

An exception that one event causes says nothing about the others. The event, and whatever comes under its key after it,
waits in the store in its order; `revcycle aside retry` gives them to the step again once the program is mended.
"""

from collections import deque
from collections.abc import Callable

from schemas.errors import TooManySetAsideError
from schemas.event import Event, derive_events
from schemas.events import EncounterAct, EncounterReceived, WorkItemClosed
from schemas.identifiers import make_encounter_id
from schemas.store import SetAside, StoreTransaction
from schemas.work_item import open_work
from schemas.work_kinds import EVENT_SET_ASIDE

SOURCE = "set_aside"  # of the work items about it: no step decided them, so no replay looks for them

# What is left to do within a transaction when an event is taken again; returns the events that are new.
Conclude = Callable[[StoreTransaction], list[Event]]

WINDOW_EVENTS = 2_000
KEYS_MIN = 50
SHARE_MAX = 0.2


def note_set_aside(step: str, key: str, event: Event, reason: str = "") -> SetAside:
    """The row of an event that could not be taken for this reason, or that waits behind one."""
    return SetAside(step, key, event.event_id, event.body.topic, event.body.type, reason)


def open_item(noted: SetAside, event: Event) -> Event:
    """The work item that says so."""
    body = event.body
    fields = vars(body)
    encounter_id = fields.get("encounter_id")
    if isinstance(body, EncounterReceived | EncounterAct):
        encounter_id = make_encounter_id(body.source_system, body.source_id)
    words = {
        "step": noted.step,
        "type": noted.type,
        "event_id": noted.event_id,
        "reason": noted.reason[:1000],
        "item": noted.item_id[:8],
    }
    item = open_work(
        EVENT_SET_ASIDE,
        noted.item_id,
        noted.key,
        words,
        encounter_id=encounter_id,
        claim_id=fields.get("claim_id"),
        remittance_id=fields.get("remittance_id"),
    )
    (derived,) = derive_events(event, f"{noted.step}.set_aside.{noted.key}", (item,), "")
    return derived


def close_item(noted: SetAside, event: Event, reason: str) -> Event:
    """The event was taken after all."""
    closed = WorkItemClosed(item_id=noted.item_id, account_key=noted.key, reason=reason)
    (derived,) = derive_events(event, f"{noted.step}.given_back.{noted.key}", (closed,), "")
    return derived


class FailureShare:
    """Of the last events of a step, how many keys it failed at: some are bad luck, a fifth is a bad deploy."""

    def __init__(self, step: str) -> None:
        self.step = step
        self._taken: deque[str | None] = deque(maxlen=WINDOW_EVENTS)

    def require_sound(self, taken: int, failed: list[SetAside]) -> None:
        """Counts a batch that is committed. Raises TooManySetAsideError."""
        self._taken.extend([None] * min(taken - len(failed), WINDOW_EVENTS))
        self._taken.extend(noted.key for noted in failed)
        keys = {key for key in self._taken if key is not None}
        if failed and len(keys) >= KEYS_MIN and len(keys) > SHARE_MAX * len(self._taken):
            raise TooManySetAsideError(
                f"{self.step} could not take events of {len(keys)} keys among its last {len(self._taken)}; the last "
                f"time: {failed[-1].reason}. They are set aside, nothing is lost: `revcycle aside list`. Mend the "
                "program, start it again and give them back with `revcycle aside retry --all`; started as it is, it "
                f"goes on, and stops again after {KEYS_MIN} more"
            )
