"""The alarms on series of their own: each fires when it should and is silent otherwise, by Prometheus's own promtool.

`alarms.yml` holds the series. promtool comes with Debian's package prometheus; where it is absent, what it would run is
skipped, and whether each alarm has both examples is looked at all the same.
"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "connectors" / "monitoring"
RULES = MONITORING / "alerts.yml"
EXAMPLES = Path(__file__).parent / "alarms.yml"

needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="needs promtool (Debian: prometheus)")


def run_promtool(*arguments: str | Path) -> None:
    done = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def list_examples() -> list[dict[str, Any]]:
    return [asked for each in yaml.safe_load(EXAMPLES.read_text())["tests"] for asked in each["alert_rule_test"]]


def test_each_alarm_has_an_example_that_fires_and_one_that_is_silent() -> None:
    alarms = {rule["alert"] for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]}
    assert {each["alertname"] for each in list_examples() if each["exp_alerts"]} == alarms
    assert {each["alertname"] for each in list_examples() if not each["exp_alerts"]} == alarms


@needs_promtool
def test_prometheus_reads_the_rules_and_its_configuration() -> None:
    run_promtool("check", "rules", RULES)
    run_promtool("check", "config", "--syntax-only", MONITORING / "prometheus.yml")


@needs_promtool
def test_every_alarm_fires_and_is_silent_as_its_examples_say() -> None:
    run_promtool("test", "rules", EXAMPLES)


@needs_promtool
def test_prometheus_reads_every_question_of_the_dashboard(tmp_path: Path) -> None:
    panels = json.loads((MONITORING / "grafana" / "revcycle.json").read_text())["panels"]
    asked = dict.fromkeys(target["expr"] for panel in panels for target in panel["targets"])
    rules = [{"record": f"asked_{number}", "expr": expression} for number, expression in enumerate(asked)]
    file = tmp_path / "dashboard.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    run_promtool("check", "rules", file)
