"""`revcycle doctor` on Kafka and Postgres: what is missing, and the command that mends it."""

from pathlib import Path

import pytest

from connectors.kafka.local_broker import find_free_ports
from connectors.kafka.topics import connect_admin, create_topics
from connectors.stores.postgres import PostgresStore
from schemas.topics import TopicPlan
from streams.reports.doctor import Check, examine
from tests.services import BrokerForTests


def look(data: Path, kafka: str, store: str) -> dict[str, Check]:
    report = examine(data, kafka=kafka, store=store)
    return {check.name: check for check in report.checks}


def test_an_installation_as_planned_is_well(
    real_kafka: BrokerForTests, event_topics: BrokerForTests, postgres: str, tmp_path: Path
) -> None:
    found = look(tmp_path, event_topics.address, postgres)
    assert [check for check in found.values() if not check.ok] == []
    wanted = {"settings", "archive", "brokers", "topics as planned", "replicas in sync", "no topic by accident"}
    assert wanted | {"store", "clocks", "ledger", "topics", "dead letters"} <= set(found)
    assert "password" not in found["store"].detail


def test_missing_and_differing_topics_are_named_with_the_command(
    real_kafka: BrokerForTests, postgres: str, tmp_path: Path
) -> None:
    missing = look(tmp_path, real_kafka.address, postgres)["topics as planned"]
    assert not missing.ok and "revcycle topics create" in missing.detail
    with connect_admin(real_kafka.address) as client:
        create_topics(client, [TopicPlan("rcm.encounter.v1", 2, 1, {"retention.ms": "1000"})])
        try:
            differing = look(tmp_path, real_kafka.address, postgres)["topics as planned"]
        finally:
            client.delete_topics(["rcm.encounter.v1"])
    assert "revcycle topics check" in differing.detail


def test_brokers_and_a_store_that_are_away_are_named_and_no_secret_is_shown(tmp_path: Path) -> None:
    kafka, store = find_free_ports(2)
    found = look(tmp_path, f"127.0.0.1:{kafka}", f"postgresql://biller:s3cret-word@127.0.0.1:{store}/revcycle")
    assert not found["brokers"].ok and str(kafka) in found["brokers"].detail
    assert not found["store"].ok and "REVCYCLE_STORE" in found["store"].detail
    assert "s3cret-word" not in "".join(check.detail for check in found.values())


def test_a_store_of_a_newer_program_and_a_misspelt_setting_are_found(
    real_kafka: BrokerForTests, postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PostgresStore(postgres)
    store.connection.execute("INSERT INTO revcycle_schema (version) VALUES (999)")
    store.close()
    monkeypatch.setenv("REVCYCLE_KAFAK", "broker:9092")
    found = look(tmp_path, real_kafka.address, postgres)
    assert not found["store"].ok and "newer" in found["store"].detail
    assert not found["settings"].ok and "REVCYCLE_KAFAK" in found["settings"].detail


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "archive").write_text("a file where the archive should be")
    report = examine(tmp_path)
    (archive,) = (check for check in report.checks if check.name == "archive")
    assert not archive.ok and "archive" in archive.detail


def test_a_code_set_that_is_damaged_is_named_with_what_mends_it(tmp_path: Path) -> None:
    folder = tmp_path / "codes"
    folder.mkdir()
    (folder / "hcpcs.0123456789abcdef.set").write_bytes(b"half a")
    report = examine(tmp_path)
    (found,) = (check for check in report.checks if not check.ok)
    assert found.name == "code sets" and "hcpcs.0123456789abcdef.set" in found.detail
    assert "revcycle codes load" in found.detail and "--store" not in found.detail
