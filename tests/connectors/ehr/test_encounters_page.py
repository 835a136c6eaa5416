"""What docs/encounters.md says is what the readers do."""

import json
import re
from pathlib import Path

from connectors.ehr.detect import detect_kind
from connectors.ehr.fhir_visit import CLASSES
from connectors.ehr.ndjson import read_encounter_line
from connectors.reference.tables import ADJUSTMENT_CLASSES, CHARGE_MASTER, DENIAL_ROUTES, DIAGNOSIS_MAP
from schemas.encounter import Encounter

PAGE = (Path(__file__).parents[3] / "docs" / "encounters.md").read_text()


def test_its_example_is_an_encounter() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    line = json.dumps(json.loads(example)).encode()
    assert detect_kind(line) == "ndjson"
    assert isinstance(read_encounter_line(line, 1), Encounter)


def test_it_names_every_encounter_class() -> None:
    (row,) = re.findall(r"Encounter\.class: (.*?)\.", PAGE)
    assert set(re.findall(r"[A-Z]+", row)) == set(CLASSES)


def test_it_names_every_column_of_every_table() -> None:
    for spec in (CHARGE_MASTER, DIAGNOSIS_MAP, ADJUSTMENT_CLASSES, DENIAL_ROUTES):
        (columns,) = re.findall(rf"\| `{spec.name}\.csv` \| (.*?) \|", PAGE)
        required, _, optional = columns.partition("[")
        assert tuple(required.strip().split(", ")) == spec.required
        assert tuple(filter(None, optional.rstrip("]").split(", "))) == spec.optional
