"""The one door for a person's act: who may, the same act once, and what the steps made of it.

An act that is repeated (a second try after a crash, a double click) is the same event. Where a reference or a form's
number names it, that is its identity; else the same words of the same person about the same subject are the same act
until something else happens to that subject.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from connectors.stores.common import RECORD_COLUMNS
from schemas.errors import ActRefusedError, NotTakenError, RefusedError
from schemas.event import Body, Event, publish_at_edge
from schemas.events import ActRefused, SubmissionCut, WorkItemOpened
from schemas.events.keys import ByPerson
from schemas.identifiers import make_id
from schemas.person import find_name_fault
from schemas.roles import Act, By
from schemas.store import Record
from schemas.validation import describe_validation
from schemas.wire import decode_record
from schemas.work_kinds import REFUSALS
from streams.installation import Opened

ActBody = TypeVar("ActBody", bound=ByPerson)
AnyBody = TypeVar("AnyBody", bound=Body)


@dataclass(frozen=True, slots=True)
class Done:
    """An act as it stands in the log, and what the steps made of it."""

    event: Event
    facts: tuple[Body, ...]
    is_repeat: bool = False

    @property
    def refusal(self) -> str | None:
        """Why the steps did not do it, in the words of the work item that stands for it; None where they did."""
        for body in self.facts:
            if isinstance(body, ActRefused):
                return f"{body.because} -> {body.remedy}"
            if isinstance(body, WorkItemOpened) and body.reason in REFUSALS:
                return f"{body.next_action} (work item {body.item_id[:8]}, {body.reason})"
        return None


def identify_person(installation: Opened, act: Act, by: By, *, needs_why: bool = True) -> By:
    """Whoever acts, with the role that the installation gives them. Raises RefusedError where they may not."""
    who, why = by.who.strip(), by.why.strip()
    if not who or (needs_why and not why):
        both = " and why (--who NAME --why TEXT)" if needs_why else " (--who NAME)"
        raise RefusedError(f"nothing was done: say who you are{both}")
    if fault := find_name_fault(who):
        raise RefusedError(f"nothing was done: {fault}")
    role = by.role or installation.settings.role_of(who) or ""
    if refusal := installation.settings.refuse_person(act, who, role):
        raise RefusedError(f"nothing was done: {refusal}; [roles] of revcycle.toml says who may")
    return By(who, why, by.at, role)


def begin(
    installation: Opened,
    model: type[ActBody],
    by: By,
    about: str,
    *said: object,
    action_id: str = "",
) -> "Begun[ActBody]":
    """An act with its identity: `action_id` where a form or a reference gives one, else by what is said.

    Raises RefusedError where the person may not.
    """
    person = identify_person(installation, model.act, by, needs_why=model.needs_why)
    named = action_id or _name(installation, model, person, about, *said)
    return Begun(installation, model, person, named)


def _name(installation: Opened, model: type[ByPerson], by: By, about: str, *said: object) -> str:
    """The identity of the last act about the same subject, where it said the same and nothing else happened since."""
    words = make_id(model.type, by.who, by.role, by.why, about, *map(str, said))
    query = "SELECT event_id, type, body FROM timeline JOIN event USING (event_id) WHERE subject = ? ORDER BY sequence"
    before, last, act_id = "", "", ""
    for event_id, kind, body in installation.store.connection.execute(query, (about,)).fetchall():
        if kind == model.type and json.loads(body)["action_id"] == make_id(words, before):
            last, act_id = before, event_id
        elif act_id and not _follows(installation, event_id, act_id):
            act_id = ""
        before = event_id
    return make_id(words, last if act_id else before)


def _follows(installation: Opened, event_id: str, act_id: str) -> bool:
    """Whether an event is what the steps made of an act, or of the order to send what waits: nothing new happened."""
    query = "SELECT causation_id, type FROM event WHERE event_id = ?"
    cause: str | None = event_id
    while cause is not None and cause != act_id:
        row = installation.store.connection.execute(query, (cause,)).fetchone()
        if row is None or row[1] == SubmissionCut.type:
            return row is not None
        cause = row[0]
    return cause == act_id


@dataclass(frozen=True, slots=True)
class Begun(Generic[ActBody]):
    """An act whose identity is known, before it is one."""

    installation: Opened
    model: type[ActBody]
    by: By
    action_id: str

    def find_done(self) -> Done | None:
        """What became of it, where it was done before: it is not to be judged by what stands now. The one who did it
        may have died before the steps took it, so they run first."""
        record = self.installation.store.find_record(make_id(self.model.type, self.action_id))
        if record is None:
            return None
        self.installation.engine.run_until_quiet()
        return read_done(self.installation, decode_record(record), is_repeat=True)

    def make(self, **fields: Any) -> ActBody:
        """The body of its event. Raises RefusedError that names the field, never its value."""
        by = self.by
        return make_body(self.model, action_id=self.action_id, who=by.who, why=by.why, role=by.role, **fields)

    def finish(self, correlation_id: str | None = None, **fields: Any) -> Done:
        """Publishes it, runs the steps, and says what followed. Raises RefusedError, NotTakenError; ActRefusedError
        where the steps did not do it."""
        body = self.make(**fields)
        event = publish_at_edge(body, body.key, self.by.at, correlation_id or body.key)
        return require_done(publish_act(self.installation, event))


def make_body(model: type[AnyBody], **fields: Any) -> AnyBody:
    """What a person does, of what they wrote. Raises RefusedError that names the field, never its value."""
    try:
        return model(**fields)
    except ValidationError as error:
        raise RefusedError(f"nothing was recorded: {describe_validation(error)}") from None


def require_done(done: Done) -> Done:
    """Raises ActRefusedError with the steps' own words where they did not do what was asked for."""
    if done.refusal is not None:
        raise ActRefusedError(f"recorded, but not done: {done.refusal}")
    return done


def publish_act(installation: Opened, event: Event) -> Done:
    """The event of an act, once; and what became of it. Raises RefusedError where its identity was given to another
    act, NotTakenError where a step has set it aside."""
    result = installation.publish([event], "people")
    if result.conflicting:
        raise RefusedError("nothing was done: this reference stands for something else, which was recorded before")
    installation.engine.run_until_quiet()
    return read_done(installation, event, is_repeat=bool(result.repeated))


def read_done(installation: Opened, event: Event, *, is_repeat: bool) -> Done:
    """An act with what the steps made of it. Raises NotTakenError."""
    caused = _list_caused(installation, event.event_id)
    _require_taken(installation, (event.event_id, *(record.event_id for record in caused)))
    return Done(event, tuple(decode_record(record).body for record in caused), is_repeat)


def _require_taken(installation: Opened, event_ids: Sequence[str]) -> None:
    waiting = {noted.event_id: noted for noted in installation.store.list_set_aside()}
    for event_id in event_ids:
        if event_id in waiting:
            raise NotTakenError(
                f"what you did is recorded, but {waiting[event_id].step} cannot take it now: it is set aside with what "
                "waits under its key, and taken once that is mended (`revcycle aside list`). Do not do it again"
            )


def _list_caused(installation: Opened, event_id: str) -> list[Record]:
    query = (
        f"SELECT {RECORD_COLUMNS} FROM event WHERE sequence > (SELECT sequence FROM event WHERE event_id = ?) "
        "AND causation_id = ? ORDER BY sequence"
    )
    rows = installation.store.connection.execute(query, (event_id, event_id)).fetchall()
    return [Record(*row) for row in rows]
