"""How something new enters the topics from outside: one port, whichever engine carries it."""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from schemas.event import Event
from schemas.store import PublishResult, Store, StoreTransaction


class Publish(Protocol):
    """Puts facts into their topics; they are durable when it returns. `source` says who publishes.

    A known id adds nothing; the result names repeats, and conflicts (the same id with another body), which are not
    published.
    """

    def __call__(self, events: Sequence[Event], source: str) -> PublishResult: ...

    def hand_over(self, transaction: StoreTransaction, events: Sequence[Event], source: str) -> None:
        """Takes over events that a transaction has appended: once it is committed, `send` puts them into topics."""
        ...

    def send(self, source: str) -> int:
        """Sends what this source has handed over; returns how many events that was."""
        ...


class StorePublish:
    """The embedded engine's port: its topics are a table of the store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def __call__(self, events: Sequence[Event], source: str) -> PublishResult:
        with self.store.transaction() as transaction:
            result = transaction.append(events, source)
        note_taken(result.new)
        return result

    def hand_over(self, transaction: StoreTransaction, events: Sequence[Event], source: str) -> None:
        """Nothing is left to do: what is appended stands in its topic."""

    def send(self, _source: str) -> int:
        """Nothing waits."""
        return 0


_taken: Counter[str] = Counter()  # how many events of each type this process has had committed


def note_taken(events: Sequence[Event]) -> None:
    """These are committed, whatever becomes of the rest: what a command says at its end must be true."""
    _taken.update(type(event.body).type for event in events)


def count_taken() -> int:
    """How many events this process has had committed from outside the pipeline."""
    return _taken.total()
