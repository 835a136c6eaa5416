"""The catalogue says what the models say: schemas, examples, the table in docs, and the map that uses the types."""

import json

import pytest

from schemas.base import phi_paths
from schemas.event import Body
from schemas.events import (
    EVENT_TYPES,
    ClaimBuilt,
    ClaimRemitted,
    EncounterAct,
    EncounterHeld,
    EncounterReceived,
    WorkItemOpened,
)
from streams.catalogue import events as catalogue
from streams.catalogue import picture
from streams.catalogue.events import (
    COMMAND,
    FOLDER,
    TABLE,
    name_files,
    name_keys,
    read_example,
    write_schema,
    write_table,
)
from streams.catalogue.snapshots import write_example
from streams.pipeline import EFFECTS, FROM_OUTSIDE, STEPS, TOPICS

MEND = f"not what the model says: run `{COMMAND}` and commit what it writes"
TYPES = [pytest.param(body_type, id=name) for name, body_type in EVENT_TYPES.items()]


@pytest.mark.parametrize("body_type", TYPES)
def test_the_schema_snapshot_is_the_model(body_type: type[Body]) -> None:
    snapshot = name_files(body_type)[0]

    assert snapshot.read_text(encoding="utf-8") == write_schema(body_type), f"{snapshot.name} is {MEND}"


@pytest.mark.parametrize("body_type", TYPES)
def test_the_example_is_what_goes_over_the_wire(body_type: type[Body]) -> None:
    example = name_files(body_type)[1]

    assert example.read_text(encoding="utf-8") == write_example(read_example(body_type)), f"{example.name} is {MEND}"


def test_the_catalogue_holds_every_type_and_nothing_else() -> None:
    assert {path for path in FOLDER.iterdir()} == {path for body in EVENT_TYPES.values() for path in name_files(body)}


def test_the_page_of_events_is_the_map() -> None:
    assert TABLE.read_text(encoding="utf-8") == write_table(), f"docs/{TABLE.name} is {MEND}"


def test_the_readme_shows_the_map_as_it_is() -> None:
    page = picture.FILE.read_text(encoding="utf-8")

    assert picture.put_map(page) == page, f"README.md is {MEND}"
    assert [line.split()[0] for line in picture.draw_map().splitlines()] == [x.name for x in (*STEPS, *EFFECTS)]


def test_a_step_that_the_readme_lacks_is_found() -> None:
    page = picture.FILE.read_text(encoding="utf-8").replace("payment_posting  ", "payment_guessing ")

    assert picture.put_map(page) != page


TWO_KEYS = {  # each with readers for either
    "rcm.encounter.v1": ["`account_key`", "an opaque id of the patient, chosen at the edge"],
    "rcm.posted.v1": ["`account_key`", "`remittance_id`"],
    "rcm.status.v1": ["`account_key`", "`trading_partner`"],
}


def test_a_topic_has_one_key() -> None:
    assert {topic: keys for topic, keys in name_keys().items() if len(keys) > 1} == TWO_KEYS


@pytest.mark.parametrize("body_type", TYPES)
def test_a_type_is_named_after_its_topic_and_says_what_happened(body_type: type[Body]) -> None:
    stem = body_type.topic.removesuffix(f".v{body_type.schema_version}")

    assert body_type.topic in TOPICS
    assert body_type.type == stem or body_type.type.startswith(f"{stem}.")
    assert (body_type.__doc__ or "").partition("\n")[0].endswith("."), "its first line stands in docs/events.md"


def test_every_type_has_a_writer_and_every_step_takes_what_somebody_writes() -> None:
    written = {body for part in (*STEPS, *EFFECTS) for body in part.produces} | set(FROM_OUTSIDE)

    assert written == set(EVENT_TYPES.values())
    assert {body for step in STEPS for body in step.takes} <= written


def test_a_changed_model_is_told_with_the_command_that_mends(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("catalogue")
    monkeypatch.setattr(catalogue, "FOLDER", folder)
    snapshot = name_files(EncounterHeld)[0]
    snapshot.write_text(write_schema(EncounterHeld).replace('"revision"', '"decision"'))

    with pytest.raises(AssertionError, match=r"python -m streams\.catalogue"):
        test_the_schema_snapshot_is_the_model(EncounterHeld)


def test_the_command_names_what_is_missing_or_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path_factory.mktemp("checkout")
    monkeypatch.setattr(catalogue, "ROOT", root)
    monkeypatch.setattr(catalogue, "FOLDER", root)
    name_files(WorkItemOpened)[1].write_text('{"priority": "urgent, says Mrs. Doe"}')

    assert not catalogue.write_catalogue()
    said = capsys.readouterr().err
    assert "rcm.held.v1.example.json is missing" in said
    assert "rcm.worklist.v1.example.json is refused: item_id: Field required" in said
    assert "Doe" not in said


def test_no_key_is_a_field_of_protected_health_information() -> None:
    for body_type in EVENT_TYPES.values():
        body = read_example(body_type)
        if issubclass(body_type, EncounterReceived | EncounterAct):
            with pytest.raises(TypeError, match="chosen at the edge"):
                _ = body.key
            continue
        values = json.loads(body.model_dump_json())
        assert body.key not in {values.get(path) for path in phi_paths(body_type)}


def test_protected_health_information_is_found_wherever_a_model_nests_it() -> None:
    assert {
        "patient.family_name",
        "patient.birth_date",
        "coverages[].member_id",
        "services[].description",
    } <= phi_paths(EncounterReceived)
    assert {"claim.patient.family_name", "claim.subscriber.member_id", "claim.lines[].service_date"} <= phi_paths(
        ClaimBuilt
    )
    assert {"claim.parties[].last_name", "claim.services[].service_date"} <= phi_paths(ClaimRemitted)
    assert phi_paths(EncounterHeld) == {"uncoded[].description", "overridden[].why", "overridden[].document_name"}
    assert phi_paths(WorkItemOpened) == frozenset()
