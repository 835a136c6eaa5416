"""What docs/encounters.md says is what the readers do."""

import json
import re
from pathlib import Path

from connectors.ehr.fhir.visit import CLASSES
from connectors.ehr.ndjson import read_encounter_line
from connectors.reference.tables import SPECS
from schemas.encounter import Encounter
from schemas.events import EncounterCorrected
from tests.receiving import find_kind

PAGE = (Path(__file__).parents[3] / "docs" / "encounters.md").read_text()


def test_its_examples_are_an_encounter_and_a_correction_of_it() -> None:
    encounter, correction = (
        json.dumps(json.loads(example)).encode() for example in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    )
    assert find_kind(encounter) == find_kind(correction) == "ndjson"
    assert isinstance(read_encounter_line(encounter, 1), Encounter)
    assert isinstance(read_encounter_line(correction, 1), EncounterCorrected)


def test_it_names_every_encounter_class() -> None:
    (row,) = re.findall(r"Encounter\.class: (.*?)\.", PAGE)
    assert set(re.findall(r"[A-Z]+", row)) == set(CLASSES)


def test_it_names_every_column_of_every_table() -> None:
    for spec in SPECS:
        (columns,) = re.findall(rf"\| `{spec.name}\.csv` \| (.*?) \|", PAGE)
        required, _, optional = columns.partition("[")
        assert tuple(required.strip().split(", ")) == spec.required
        assert tuple(filter(None, optional.rstrip("]").split(", "))) == spec.optional
