"""What watches the installation: masks hold to the PHI marks, alarms and dashboard to the metrics, the page to both."""

import json
import re
from pathlib import Path
from typing import Any

import yaml
from prometheus_client import REGISTRY

from schemas.events import EVENT_TYPES
from schemas.topics import name_dead_letter_topic
from streams.catalogue import masking
from streams.engine import metrics
from streams.pipeline import TOPICS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "connectors" / "monitoring"
PAGE = (ROOT / "docs" / "operations.md").read_text()
RULES = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"][0]["rules"]
DASHBOARD = json.loads((FOLDER / "grafana" / "revcycle.json").read_text())
MASKS = yaml.safe_load(masking.FILE.read_text())["kafka"]["clusters"][0]["masking"]

# What Prometheus, its client in each worker, and kminion report by themselves.
FOREIGN = {"up", "process_start_time_seconds", "kminion_kafka_consumer_group_topic_lag"}


def list_metrics() -> set[str]:
    """Every name that a worker may report, with the suffixes of its type."""
    assert metrics.REBALANCES in REGISTRY._collector_to_names
    names = {name for found in REGISTRY._collector_to_names.values() for name in found}
    return {name for name in names if name.startswith("revcycle_")}


def names_in(expression: str) -> set[str]:
    return set(re.findall(r"\b(?:revcycle|kminion|process)_\w+|\bup\b", expression))


def find_masks(topic: str) -> list[dict[str, Any]]:
    return [mask for mask in MASKS if re.fullmatch(mask["topicValuesPattern"], topic)]


def test_the_masks_are_what_the_models_say() -> None:
    assert masking.FILE.read_text() == masking.write_masking(), "run `python -m streams.catalogue` and commit it"


def test_every_phi_field_of_every_event_is_masked() -> None:
    for body in EVENT_TYPES.values():
        hidden = {name for mask in find_masks(body.topic) for name in mask.get("fields", ())}
        assert set(masking.name_phi_fields(body.topic)) == hidden


def test_an_encounter_shows_neither_name_nor_birthday_and_a_field_called_on_is_text() -> None:
    (mask,) = find_masks("rcm.encounter.v1")
    assert {"family_name", "birth_date", "member_id", "line1"} <= set(mask["fields"])
    assert all(isinstance(name, str) for each in MASKS for name in each.get("fields", ()))


def test_a_dead_letter_is_masked_whole() -> None:
    for topic in TOPICS:
        assert [mask.get("fields") for mask in find_masks(name_dead_letter_topic(topic))] == [None]


def test_alarms_and_dashboard_ask_only_for_metrics_that_exist() -> None:
    asked = {name for rule in RULES for name in names_in(rule["expr"])}
    asked |= {name for panel in DASHBOARD["panels"] for target in panel["targets"] for name in names_in(target["expr"])}
    assert asked - FOREIGN <= list_metrics()


def test_the_dashboard_shows_every_metric() -> None:
    shown = " ".join(target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"])
    wanted = {name for name in list_metrics() if not name.endswith(("_created", "_bucket", "_count", "_sum", "_total"))}
    assert [name for name in sorted(wanted - {"revcycle_samples_failed"}) if name not in shown] == []


def test_the_page_of_operations_explains_every_alarm_and_every_setting() -> None:
    from connectors.settings import SETTING_NAMES

    assert [rule["alert"] for rule in RULES if f"### {rule['alert']}\n" not in PAGE] == []
    assert [name for name in sorted(SETTING_NAMES) if f"`{name}`" not in PAGE] == []
