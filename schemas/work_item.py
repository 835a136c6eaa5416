"""How a work item comes about: of a kind in the register (`schemas/work_kinds.py`), with the words of the case."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypedDict, Unpack

from schemas.events.work import WorkItemOpened
from schemas.findings import Finding

NO_WORDS: Mapping[str, object] = MappingProxyType({})
REASON_MAX, ACTION_MAX = 200, 2000
LEFT_TO_RULES = ("queue", "owner", "priority", "next_action")  # what a kind may leave to a Rule


class Rule(str):
    """What a table, an amount or an answer decides, in words for people: whoever opens the item gives the value."""


@dataclass(frozen=True, slots=True)
class WorkKind:
    """One kind of work. `{...}` in the reason and the next action stand for words of the case.

    `deadline` says by when it must be done; `is_refusal`: a step did not do what a person asked for, and this is the
    answer to them.
    """

    reason: str
    queue: str
    owner: str
    priority: int | Rule  # 1 first
    next_action: str
    deadline: str = ""
    is_refusal: bool = False


class About(TypedDict, total=False):
    """What an item says beside its kind, named as in `WorkItemOpened`; the last four where the kind has a Rule."""

    claim_id: str | None
    encounter_id: str | None
    remittance_id: str | None
    deadline: date | None
    amount: Decimal | None
    findings: tuple[Finding, ...]
    category: str
    root_cause: str
    edits: tuple[str, ...]
    appeal_level: int
    appeal_name: str
    queue: str
    owner: str
    priority: int
    next_action: str


def open_work(
    kind: WorkKind, item_id: str, account_key: str, words: Mapping[str, object] = NO_WORDS, **about: Unpack[About]
) -> WorkItemOpened:
    """An item of a kind; `account_key` may be the remittance or trading partner that it is about.

    Raises KeyError where a template lacks a word, TypeError where `about` does not say what the kind leaves to a Rule,
    or says what the kind says.
    """
    said: dict[str, Any] = {name: getattr(kind, name) for name in LEFT_TO_RULES}
    ruled = {name for name, value in said.items() if isinstance(value, Rule)}
    if ruled != said.keys() & about.keys():
        wanted = ", ".join(sorted(ruled)) or "nothing"
        raise TypeError(f"work item {kind.reason}: of {', '.join(LEFT_TO_RULES)} its opener says {wanted}")
    if "next_action" not in ruled:
        said["next_action"] = kind.next_action.format_map(words)
    said |= about
    said["next_action"] = said["next_action"][:ACTION_MAX]
    reason = kind.reason.format_map(words)[:REASON_MAX]
    return WorkItemOpened(item_id=item_id, account_key=account_key, reason=reason, **said)
