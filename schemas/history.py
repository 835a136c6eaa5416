"""What earlier encounters of one patient billed: the memory of edits that look beyond one encounter.

It depends only on which encounters stand, never on the order or the number of times that they were added.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from schemas.base import PHI, Frozen, Identifier
from schemas.encounter import CodedEncounter, CodedLine


class BilledLine(Frozen):
    """One accepted line of an earlier encounter."""

    code: str
    modifiers: tuple[str, ...]
    units: Decimal
    service_date: date
    rendering_npi: str
    billing_npi: str
    specialty: str = ""  # the renderer's taxonomy
    days: int = 1  # from the service date on, over which the units are spread


class BilledEncounter(Frozen):
    """The lines of one encounter that stands."""

    encounter_id: str
    lines: tuple[BilledLine, ...]


class WaitingEncounter(Frozen):
    """An encounter that others of the patient hold: it is judged again when one of them is withdrawn or changed."""

    encounter_id: str
    source_id: Annotated[Identifier, Field(json_schema_extra=PHI)]


class PatientHistory(Frozen):
    """Every encounter of a patient that stands, in the order of their ids: the order of arrival does not matter.

    `waiting` are those that would have fewer findings if no other stood.
    """

    encounters: tuple[BilledEncounter, ...] = ()
    waiting: tuple[WaitingEncounter, ...] = ()


def add_encounter(history: PatientHistory, encounter_id: str, encounter: CodedEncounter) -> PatientHistory:
    """The history with this encounter's lines, replacing an earlier version of it."""
    billing_npi = encounter.billing_provider.npi if encounter.billing_provider else ""
    lines = tuple(_to_billed_line(line, encounter, billing_npi) for line in encounter.lines)
    kept = withdraw_encounter(history, encounter_id).encounters
    added = BilledEncounter(encounter_id=encounter_id, lines=lines)
    encounters = tuple(sorted((*kept, added), key=lambda item: item.encounter_id))
    return history.replace(encounters=encounters)


def withdraw_encounter(history: PatientHistory, encounter_id: str) -> PatientHistory:
    """The history without this encounter; the same object when it was not there."""
    kept = tuple(item for item in history.encounters if item.encounter_id != encounter_id)
    return history if len(kept) == len(history.encounters) else history.replace(encounters=kept)


def find_billed(history: PatientHistory, encounter_id: str) -> BilledEncounter | None:
    """What an encounter bills, or None when it does not stand."""
    return next((item for item in history.encounters if item.encounter_id == encounter_id), None)


def start_waiting(history: PatientHistory, waiting: WaitingEncounter) -> PatientHistory:
    """The history in which this encounter waits for the others."""
    waits = (*stop_waiting(history, waiting.encounter_id).waiting, waiting)
    return history.replace(waiting=tuple(sorted(waits, key=lambda item: item.encounter_id)))


def stop_waiting(history: PatientHistory, encounter_id: str) -> PatientHistory:
    """The history in which this encounter waits for none; the same object when it did not."""
    others = tuple(item for item in history.waiting if item.encounter_id != encounter_id)
    return history if len(others) == len(history.waiting) else history.replace(waiting=others)


def _to_billed_line(line: CodedLine, encounter: CodedEncounter, billing_npi: str) -> BilledLine:
    renderer = line.rendering_provider or encounter.rendering_provider
    return BilledLine(
        code=line.code,
        modifiers=line.modifiers,
        units=line.units,
        service_date=line.service_date_from,
        rendering_npi=renderer.npi if renderer else "",
        billing_npi=billing_npi,
        specialty=renderer.taxonomy if renderer else "",
        days=max((line.service_date_to - line.service_date_from).days + 1, 1),
    )
