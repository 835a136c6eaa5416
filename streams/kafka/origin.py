"""Whose the messages of a batch are, before a step takes them: nothing that only we may say is taken from a stranger,
and nothing of ours that the store does not have.

Each of our events is in the store before it is in a topic. So one that the store lacks tells that the store was set
back; and a message without a MAC that the store has, word for word, was published before messages were signed, or
under another key than now.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from connectors.kafka.messages import find_claimed_id
from connectors.kafka.signing import Trust
from connectors.settings import Settings
from schemas.errors import PositionError
from schemas.store import DeadLetter, Record, Store
from schemas.wire import hash_body
from streams.engine.step import Batch
from streams.engine.step_runner import bury_record
from streams.kafka.owned import OwnedStep
from streams.pipeline import FROM_EHR

OPEN_TYPES = frozenset(body.type for body in FROM_EHR)
NOT_SIGNED = (
    "the message carries no rcm_mac by this installation's workers' key, and only its own programs may publish it: of "
    f"others {' and '.join(sorted(OPEN_TYPES))} alone is taken, without rcm_mac. Give it as a file, or by a command"
)

Message = Record | DeadLetter
Hashes = Mapping[str, bytes]  # of the bodies of events, by event id


def make_trust(settings: Settings) -> Trust:
    """Whom this installation believes. Raises ConfigurationError where its workers' key cannot be read."""
    return Trust(settings.workers_key, OPEN_TYPES)


def run_proven(step: OwnedStep, messages: Sequence[Message]) -> Batch:
    """Applies what of these messages is new and may be said by who said it; the rest becomes dead letters."""
    return step.run(prove(step.store, messages))


def prove(store: Store, messages: Sequence[Message]) -> list[Message]:
    """The messages as what they are. Raises PositionError for one of ours that the store does not have, or has
    otherwise."""
    known = find_known(store, messages)
    for x in messages:
        if isinstance(x, Record) and x.origin == "ours" and known.get(x.event_id) != hash_body(x.body):
            form = " in that form" if x.event_id in known else ""
            raise PositionError(
                f"offset {x.offset} of {x.topic} partition {x.partition} holds an event of ours that the store does "
                f"not have{form}: the store was set back, by a restore or by a copy of it that lagged behind. Nothing "
                "was read. Stop workers and publishers, and make the two agree with `revcycle topics rebuild`"
            )
    return recognise(messages, known)


def find_known(store: Store, messages: Iterable[Message]) -> Hashes:
    """What the store has under the ids that the messages carry."""
    return store.find_hashes([_name_as_sent(x) for x in messages if isinstance(x, Record)])


def recognise(messages: Iterable[Message], known: Hashes) -> list[Message]:
    """The messages, of which those that a stranger wrote are dead letters now, and those that the store has are
    known by the id under which it has them."""
    return [_recognise(x, known) if isinstance(x, Record) and x.origin != "ours" else x for x in messages]


def _recognise(record: Record, known: Hashes) -> Message:
    event_id = _name_as_sent(record)
    if known.get(event_id) == hash_body(record.body):
        correlation_id = event_id if record.origin == "outside" else record.correlation_id
        return replace(record, event_id=event_id, correlation_id=correlation_id, origin="ours")
    return record if record.origin == "outside" else bury_record(record, NOT_SIGNED)


def _name_as_sent(record: Record) -> str:
    return find_claimed_id(record) if record.origin == "outside" else record.event_id
