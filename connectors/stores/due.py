"""When states become due, in SQL that SQLite and Postgres both take; `?` marks a parameter."""

from datetime import date
from typing import Any

from schemas.store import Due

# A tick that moves a state on has the key of the clock: the state keeps the partition key that it was made with.
SAVE_DUE = """INSERT INTO due (step, key, partition_key, due_on) VALUES (?, ?, ?, ?)
    ON CONFLICT (step, key) DO UPDATE SET due_on = excluded.due_on"""
LIST_DUE = "SELECT key, partition_key, due_on FROM due WHERE step = ? AND due_on <= ? ORDER BY key"


def make_due_row(step: str, due: Due) -> tuple[object, ...]:
    """The parameters of SAVE_DUE."""
    return (step, due.key, due.partition_key, due.due_on.isoformat() if due.due_on else None)


def read_due_row(row: tuple[Any, ...]) -> Due:
    """A row of LIST_DUE."""
    return Due(row[0], row[1], date.fromisoformat(row[2]))
