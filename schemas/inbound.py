"""What a document from outside holds, piece by piece: the one thing that every reader hands back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from schemas.event import Event
from schemas.findings import Finding
from schemas.x12.headers import Addressing

Refuse = Callable[[Addressing], Finding | None]


def take_all(addressing: Addressing) -> None:
    """Judges no answer's addressing."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is known of a document beside its bytes: under which hash it is archived, when it came, the secret that keys
    its events, and the judge of whether an answer is addressed to us."""

    sha256: str
    received_at: datetime
    secret: bytes
    refuse: Refuse = take_all


@dataclass(frozen=True, slots=True)
class Unread:
    """A part that could not be read and can be given back by itself: its place (a line's number), its bytes, why."""

    place: int
    body: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class Inbound:
    """A piece of a document: its events, what is wrong with it, and its parts that could not be read."""

    events: tuple[Event, ...] = ()
    findings: tuple[Finding, ...] = ()
    unread: tuple[Unread, ...] = ()


Read = Callable[[bytes, Receipt], Iterator[Inbound]]
