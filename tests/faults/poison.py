"""A fault planted in the program: one step of the map fails at every event of one key."""

from dataclasses import replace

import streams.pipeline
from schemas.event import Event
from schemas.processing import Outcome, States
from schemas.reference import Reference


def plant(name: str, key: str) -> None:
    """Before anything of the engines is imported: they read the map once."""
    (sound,) = (step for step in streams.pipeline.STEPS if step.name == name)

    def fail(states: States, event: Event, reference: Reference) -> Outcome:
        if event.key == key:
            raise LookupError(key)
        return sound.function(states, event, reference)

    steps = tuple(replace(sound, function=fail) if step is sound else step for step in streams.pipeline.STEPS)
    streams.pipeline.STEPS = steps  # type: ignore[assignment]
