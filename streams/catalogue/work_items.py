"""`docs/work-items.md`: every kind of work item, from the register."""

from pathlib import Path

from schemas.work_item import Rule, WorkKind
from schemas.work_kinds import WORK_KINDS

PAGE = Path(__file__).parents[2] / "docs" / "work-items.md"

HEAD = """# Work items

What revcycle asks of people, in the order of the cycle: one kind of item a row. `revcycle worklist` shows what is open,
`--queue` one team's; `revcycle work` takes, notes, resolves and reopens. Many items close by themselves once what they
ask for has happened. 1 is the most urgent priority. `{...}` stands for words of the case: those of a held encounter are
the codes of its findings ([edits](edits.md)). What a table, an amount or an answer decides is in italics. This page is
written by `python -m streams.catalogue` from `schemas/work_kinds.py`.

A kind marked with * answers a person: a step did not do what they asked for, and the command that asked says so too.

| reason | queue | who | priority | by when | what it asks |
| --- | --- | --- | --- | --- | --- |
"""


def write_page() -> str:
    """The page as it must be."""
    return HEAD + "".join(map(_write_row, WORK_KINDS.values()))


def _write_row(kind: WorkKind) -> str:
    reason = f"`{kind.reason}`" + (" *" if kind.is_refusal else "")
    said = (kind.queue, kind.owner, kind.priority)
    cells = (reason, *map(_show, said), kind.deadline, _show(kind.next_action))
    return f"| {' | '.join(cells)} |\n"


def _show(value: object) -> str:
    return f"*{value}*" if isinstance(value, Rule) else str(value)
