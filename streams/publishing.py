"""How something new enters the topics from outside: one port, whichever engine carries it, and the ids of people's
actions."""

import uuid
from collections.abc import Sequence
from typing import Protocol

from schemas.event import Event
from schemas.store import PublishResult, Store


class Publish(Protocol):
    """Puts facts into their topics; they are durable when it returns. `source` says who publishes.

    A known id adds nothing; the result names repeats, and conflicts (the same id with another body), which are not
    published.
    """

    def __call__(self, events: Sequence[Event], source: str) -> PublishResult: ...


def publish_into(store: Store) -> Publish:
    """The embedded engine's port: its topics are a table of the store."""

    def publish(events: Sequence[Event], source: str) -> PublishResult:
        with store.transaction() as transaction:
            return transaction.append(events, source)

    return publish


def mint_action_id() -> str:
    """A new identity for one action of a person: here, at the edge, and nowhere else."""
    return str(uuid.uuid4())
