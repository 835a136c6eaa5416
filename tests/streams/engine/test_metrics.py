"""Metrics: what engines report is what Prometheus reads; names and labels are few, known, and never a patient's."""

import re
import socket
from collections.abc import Iterator
from datetime import UTC, date, datetime
from urllib.request import urlopen

import pytest
from prometheus_client import REGISTRY

from schemas.errors import ConfigurationError
from streams.engine import metrics


def read(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.fixture
def url() -> Iterator[str]:
    address = metrics.serve_metrics("127.0.0.1:0")
    assert address is not None
    yield address


def test_a_batch_is_counted_by_step_and_topic() -> None:
    before = read("revcycle_events_consumed_total", step="s", topic="rcm.coded.v1")
    metrics.count_batch("s", ["rcm.coded.v1", "rcm.coded.v1", "rcm.held.v1"], ["rcm.claim.v1"], ["rcm.held.v1"])
    assert read("revcycle_events_consumed_total", step="s", topic="rcm.coded.v1") == before + 2
    assert read("revcycle_events_produced_total", step="s", topic="rcm.claim.v1") == 1
    assert read("revcycle_events_dead_lettered_total", step="s", topic="rcm.held.v1") == 1
    assert read("revcycle_batch_events_sum", step="s") == 3


def test_lag_is_in_messages_and_in_seconds() -> None:
    metrics.set_lags({("s", "rcm.coded.v1", 0): (7, 900.0), ("s", "rcm.coded.v1", 1): (0, 100.0)}, now=1000.0)
    assert read("revcycle_lag_messages", step="s", topic="rcm.coded.v1", partition="0") == 7
    assert read("revcycle_lag_seconds", step="s", topic="rcm.coded.v1", partition="0") == 100
    assert read("revcycle_lag_seconds", step="s", topic="rcm.coded.v1", partition="1") == 0
    assert read("revcycle_oldest_unprocessed_event_timestamp_seconds") == 900
    metrics.set_lags({("s", "rcm.coded.v1", 0): (0, None)}, now=1001.0)
    assert read("revcycle_lag_messages", step="s", topic="rcm.coded.v1", partition="0") == 0
    assert read("revcycle_oldest_unprocessed_event_timestamp_seconds") == 0


def test_an_outbox_has_a_depth_and_an_age() -> None:
    metrics.set_outbox("s", 3, since=990.0, now=1000.0)
    assert (read("revcycle_outbox_messages", step="s"), read("revcycle_outbox_seconds", step="s")) == (3, 10)
    metrics.set_outbox("s", 0, since=None, now=1000.0)
    assert (read("revcycle_outbox_messages", step="s"), read("revcycle_outbox_seconds", step="s")) == (0, 0)


def test_the_first_dead_letter_is_a_rise_from_nothing() -> None:
    metrics.begin_counting({"s": ("rcm.denied.v1",)})
    labels = {"step": "s", "topic": "rcm.denied.v1"}
    assert REGISTRY.get_sample_value("revcycle_events_dead_lettered_total", labels) == 0


def test_what_is_unknown_is_not_told_as_nothing() -> None:
    metrics.set_lags({("s", "rcm.coded.v1", 0): (0, None)}, now=1000.0)
    metrics.set_outbox("s", 0, since=None, now=1000.0)
    metrics.set_sampled(1000.0)
    metrics.count_failed_sample()
    place = {"step": "s", "topic": "rcm.coded.v1", "partition": "0"}
    assert REGISTRY.get_sample_value("revcycle_lag_messages", place) is None
    assert REGISTRY.get_sample_value("revcycle_outbox_seconds", {"step": "s"}) is None
    assert read("revcycle_sample_timestamp_seconds") == 1000


def test_steps_and_transactions_are_timed() -> None:
    with metrics.time_step("s"), metrics.time_transaction("s"):
        pass
    assert read("revcycle_step_seconds_count", step="s") == 1
    assert 0 < read("revcycle_store_transaction_seconds_sum", step="s") < 1


def test_prometheus_reads_every_metric_and_only_known_labels(url: str) -> None:
    metrics.count_batch("s", ["rcm.coded.v1"], [], [])
    metrics.count_rebalance()
    text = urlopen(url).read().decode()
    ours = [line for line in text.splitlines() if line.startswith("revcycle_")]
    labels = {name for line in ours for name in re.findall(r'(\w+)="', line)}
    assert labels <= {"step", "topic", "partition", "outcome", "le"}
    assert any(line.startswith("revcycle_rebalances_total ") for line in ours)
    assert "\nprocess_start_time_seconds " in text  # by which an alarm sees that a worker starts again and again


def test_metrics_are_on_loopback_unless_told_otherwise(url: str) -> None:
    assert url.startswith("http://127.0.0.1:")
    assert metrics.serve_metrics("off") is None


def test_a_second_worker_finds_a_port_and_a_port_that_was_asked_for_is_had_or_refused() -> None:
    first = metrics.serve_metrics(f"127.0.0.1:{metrics.DEFAULT_PORT}")
    second = metrics.serve_metrics(f"127.0.0.1:{metrics.DEFAULT_PORT}")
    assert first != second
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigurationError, match="name another address"):
            metrics.serve_metrics(f"127.0.0.1:{taken.getsockname()[1]}")


def test_the_clock_is_told_as_a_time_and_before_its_first_tick_as_none() -> None:
    metrics.set_clock(date(2026, 3, 2))
    assert read("revcycle_clock_timestamp_seconds") == datetime(2026, 3, 2, tzinfo=UTC).timestamp()
    metrics.set_clock(None)
    assert read("revcycle_clock_timestamp_seconds") == 0.0
