"""A correction on an encounter: the encounter as it should be, or why the correction cannot be made.

Pointers follow their diagnosis into a new list: by its code, else by its place where the code there was replaced. A
pointer whose diagnosis is gone leads nowhere when it was the line's last, so that the edit says so.
"""

from collections import Counter

from schemas.encounter import Diagnosis, Encounter, Service
from schemas.events import EncounterCorrected, LineChange

NOWHERE = 99
SERVICES_MAX = 1000


class CorrectionRefusedError(ValueError):
    """The correction does not fit the encounter; the message says what does not."""


def amend_encounter(encounter: Encounter, correction: EncounterCorrected) -> Encounter:
    """The encounter with every change of the correction. Raises CorrectionRefusedError; then nothing is changed."""
    services = list(encounter.services)
    if correction.diagnoses is not None:
        services = [_follow_codes(service, encounter.diagnoses, correction.diagnoses) for service in services]
    places = _places_of_lines(services)
    for change in correction.lines:
        place = _find_line(places, change.line_id)
        services[place] = _change_line(services[place], change)
    removed = {_find_line(places, line_id) for line_id in correction.removed_lines}
    services = [service for place, service in enumerate(services) if place not in removed]
    kept = {service.line_id for service in services}
    added = [service.line_id for service in correction.added_services]
    if len({*kept, *added}) < len(kept) + len(added):
        raise CorrectionRefusedError("an added line has the id of another line")
    services.extend(correction.added_services)
    if len(services) > SERVICES_MAX:
        raise CorrectionRefusedError(f"an encounter has at most {SERVICES_MAX} lines")
    diagnoses = encounter.diagnoses if correction.diagnoses is None else correction.diagnoses
    return encounter.replace(services=tuple(services), diagnoses=diagnoses)


def has_same_codes(one: Encounter, other: Encounter) -> bool:
    """Whether two versions bill the same: diagnoses in order, and lines with codes, modifiers, units and pointers."""
    return _codes_of(one) == _codes_of(other)


def _codes_of(encounter: Encounter) -> object:
    diagnoses = [(item.system, item.code.replace(".", "").upper()) for item in encounter.diagnoses]
    lines = [
        (item.line_id, item.system, item.code, item.modifiers, item.units, item.charge_amount, item.diagnosis_pointers)
        for item in encounter.services
    ]
    return diagnoses, lines


def _places_of_lines(services: list[Service]) -> dict[str, int]:
    counts = Counter(service.line_id for service in services)
    return {service.line_id: -1 if counts[service.line_id] > 1 else place for place, service in enumerate(services)}


def _find_line(places: dict[str, int], line_id: str) -> int:
    place = places.get(line_id)
    if place is None:
        raise CorrectionRefusedError("it names a line that the encounter does not have")
    if place < 0:
        raise CorrectionRefusedError("it names a line id that stands on several lines of the encounter")
    return place


def _change_line(service: Service, change: LineChange) -> Service:
    values = {name: getattr(change, name) for name in LineChange.model_fields if name != "line_id"}
    return service.replace(**{name: value for name, value in values.items() if value is not None})


def _follow_codes(service: Service, before: tuple[Diagnosis, ...], after: tuple[Diagnosis, ...]) -> Service:
    if not service.diagnosis_pointers:
        return service
    old, new = ([(item.system, item.code) for item in items] for items in (before, after))
    followed: list[int] = []
    for pointer in service.diagnosis_pointers:
        code = old[pointer - 1] if pointer <= len(old) else None
        if code in new:
            followed.append(new.index(code) + 1)
        elif pointer <= len(new) and new[pointer - 1] not in old:
            followed.append(pointer)
    pointers = tuple(dict.fromkeys(followed)) or (NOWHERE,)
    return service.replace(diagnosis_pointers=pointers)
