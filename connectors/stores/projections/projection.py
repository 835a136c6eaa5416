"""What a projection is: one table, and what each event makes of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.event import Body, Event

Statement = tuple[str, tuple[object, ...]]
"""SQL that both databases take, and its parameters: `?` marks one, the Postgres store writes `%s` instead. An INSERT
names the row's key first, an UPDATE last."""
Rows = Callable[[Event, Any], Iterator[Statement]]


@dataclass(frozen=True, slots=True)
class Projection:
    """One table that people read, made of events alone.

    `keys` name a row. `rows` gives for each type of event the statements that one makes, of the event and its body.
    Statements commute but for the `ordered`: those are run in the order of their events.
    """

    table: str
    keys: tuple[str, ...]
    ddl: tuple[str, ...]
    rows: Mapping[type[Body], Rows]
    ordered: frozenset[str] = frozenset()
