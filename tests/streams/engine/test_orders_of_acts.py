"""Corrections by people beside encounters: in any order, early, late or twice, the installation ends the same."""

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.stores.digests import digest
from schemas.event import Event, publish_at_edge
from schemas.events import EncounterCorrected, EncounterReceived, LineChange
from schemas.reference import Reference
from streams.installation import Opened
from tests.builders import NOW, find_violations, make_encounter_events, open_small, publish

ENCOUNTERS = make_encounter_events(16, seed=1)


def correct(event: Event) -> Event:
    """What a coder does to the first line of an encounter: another charge."""
    body = event.body
    assert isinstance(body, EncounterReceived)
    act = EncounterCorrected(
        action_id=f"act on {body.source_id}",
        who="jane",
        role="coder",
        why="as documented",
        source_system=body.source_system,
        source_id=body.source_id,
        patient_id=body.patient.id,
        version=body.version,
        version_order=body.version_order,
        lines=(LineChange(line_id=body.services[0].line_id, charge_amount=Decimal("77.00")),),
    )
    return publish_at_edge(act, event.key, NOW, event.correlation_id)


def list_acts() -> list[Event]:
    """One on each of four encounters of one version: what is corrected and then replaced does not commute."""
    versions = Counter(event.correlation_id for event in ENCOUNTERS)
    single = [event for event in ENCOUNTERS if versions[event.correlation_id] == 1]
    return [correct(event) for event in single[:4]]


ACTS = list_acts()


@pytest.fixture
def installation(tmp_path_factory: pytest.TempPathFactory, reference: Reference) -> Opened:
    return open_small(tmp_path_factory.mktemp("acts"), reference, in_memory=True)


def run(installation: Opened, events: list[Event], pauses: frozenset[int] = frozenset()) -> str:
    for index, event in enumerate(events):
        publish(installation, [event])
        if index in pauses:
            installation.engine.run_until_quiet()
    installation.engine.run_until_quiet()
    assert find_violations(installation.store.connection) == []
    return digest(installation.store.connection)


def test_acts_change_what_is_billed(installation: Opened) -> None:
    before = run(installation, ENCOUNTERS)

    assert run(installation, ACTS) != before


@settings(max_examples=15, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), pauses=st.frozensets(st.integers(0, 25), max_size=4))
def test_an_act_may_come_anywhere_and_twice(
    tmp_path_factory: pytest.TempPathFactory, reference: Reference, data: st.DataObject, pauses: frozenset[int]
) -> None:
    expected = run(open_small(tmp_path_factory.mktemp("once"), reference, in_memory=True), [*ENCOUNTERS, *ACTS])
    mixed = list(ENCOUNTERS)
    for act in [*ACTS, *data.draw(st.lists(st.sampled_from(ACTS), max_size=3))]:
        mixed.insert(data.draw(st.integers(0, len(mixed))), act)

    assert run(open_small(tmp_path_factory.mktemp("mixed"), reference, in_memory=True), mixed, pauses) == expected
