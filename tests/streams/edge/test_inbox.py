"""The worker: changed payer rules are taken up between batches, broken ones are not; its clock goes forward by days."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

import connectors.inbox
from schemas.reference import Reference
from schemas.roles import By
from streams.actions.clock import publish_set_back
from streams.edge.clock import Clock, publish_tick, read_clock_of
from streams.edge.inbox import Watcher
from streams.engine.embedded import EmbeddedEngine
from streams.engine.step_runner import StepRunner
from tests.builders import open_small

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
RULE = """
[[rule]]
id = "no-visits"
action = "hold"
message = "This payer wants no visits."
remedy = "Ask them."
effective_from = 2020-01-01
when = { codes = ["99213"] }
matches = [{ code = "99213" }]
misses = [{ code = "99214" }]
"""


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def watcher(tmp_path: Path, reference: Reference, told: list[str]) -> Watcher:
    (tmp_path / "rules").mkdir()
    return Watcher(open_small(tmp_path, reference), lambda: NOW, 60.0, told.append)


def list_runners(watcher: Watcher) -> list[StepRunner]:
    engine = watcher.installation.engine
    assert isinstance(engine, EmbeddedEngine)
    return [each.runner for each in engine.runners if isinstance(each.runner, StepRunner)]


def versions_in_use(watcher: Watcher) -> set[str]:
    return {runner.decider.reference.payer_rules.version for runner in list_runners(watcher)}


def test_rules_are_swapped_while_the_worker_runs(watcher: Watcher, told: list[str]) -> None:
    rules = watcher.installation.data / "rules" / "lakeshore.toml"
    watcher.refresh_rules()
    assert told == [] and versions_in_use(watcher) == {"none"}

    rules.write_text(RULE)
    watcher.refresh_rules()
    (version,) = versions_in_use(watcher)
    assert told == [f"payer rules taken up: 1 rules, version {version[:12]}"]
    assert all(f'"payer_rules":"{version[:12]}"' in runner.decider.decided_by for runner in list_runners(watcher))

    rules.write_text(RULE.replace("hold", "shout"))
    watcher.refresh_rules()
    watcher.refresh_rules()
    assert versions_in_use(watcher) == {version}, "the rules in use stay"
    assert len(told) == 2 and "not taken up" in told[1] and "no-visits" in told[1]


def test_the_clock_goes_on_from_day_to_day(watcher: Watcher, told: list[str]) -> None:
    store = watcher.installation.store
    for days in (0, 0, 1, 60):
        watcher.now = lambda days=days: NOW + timedelta(days)  # type: ignore[misc]
        watcher.tick()
        assert read_clock_of(store) == Clock((NOW + timedelta(days)).date())
    assert told == []


def test_a_machine_with_a_wrong_year_does_not_take_the_clock_along(watcher: Watcher, told: list[str]) -> None:
    store = watcher.installation.store
    watcher.tick()
    watcher.now = lambda: NOW.replace(year=2926)
    watcher.tick()
    watcher.tick()

    assert read_clock_of(store) == Clock(NOW.date())
    assert len(told) == 1 and "does not tick" in told[0]
    watcher.now = lambda: NOW + timedelta(1)
    watcher.tick()
    assert read_clock_of(store) == Clock(NOW.date() + timedelta(1))


def test_a_clock_that_is_ahead_is_told_of_and_goes_on_when_it_was_set_back(watcher: Watcher, told: list[str]) -> None:
    store, publish = watcher.installation.store, watcher.installation.publish
    publish_tick(store, publish, date(2027, 11, 24))
    watcher.tick()
    assert len(told) == 1 and "tick --back-to 2026-11-24" in told[0]

    publish_set_back(store, publish, date(2026, 11, 23), By("Pat Moore", "the year was mistyped", NOW))
    watcher.tick()
    assert read_clock_of(store) == Clock(NOW.date(), 1) and len(told) == 1


def test_what_leaves_the_inbox_is_told_and_counted(
    watcher: Watcher, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def count(outcome: str) -> float:
        return REGISTRY.get_sample_value("revcycle_inbox_files_total", {"outcome": outcome}) or 0

    accepted, rejected = count("accepted"), count("rejected")
    inbox = watcher.installation.inbox
    inbox.mkdir()
    (inbox / "bank.csv").write_bytes(b"deposited_on,amount\n2026-11-01,5.00\n")
    (inbox / "link").symlink_to("/etc/passwd")
    monkeypatch.setattr(connectors.inbox, "SETTLED_SECONDS", 0.0)
    watcher.take_in()
    watcher.take_in()
    assert (count("accepted"), count("rejected")) == (accepted + 1, rejected + 1)
    assert told == [
        "link: unknown, rejected, 0 events, 1 findings; symbolic_link: it is a symbolic link, not a file: "
        "name or move the file itself: a link is never followed",
        "bank.csv: deposits, accepted, 1 events, 0 findings",
    ]
