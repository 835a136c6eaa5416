"""Settings: a flag before the environment, the environment before the file; what is wrong is said, without secrets."""

import os
import subprocess
from pathlib import Path

import pytest

from connectors import settings
from connectors.settings import Settings, find_unread_names, load_settings
from schemas.errors import ConfigurationError

SECRET = "s3cret-of-ours"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"REVCYCLE_{name.upper()}", raising=False)


def test_without_any_setting_metrics_are_on_loopback_and_nothing_else_is_reached(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    assert (settings.kafka, settings.store.get_secret_value()) == ("", "")
    assert settings.metrics == "127.0.0.1:9464"
    assert settings.kafka_security == {}


def test_a_flag_goes_before_the_environment_and_that_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "revcycle.toml").write_text('[worker]\nkafka = "file:1"\nbatch_events = 7\ninstance_id = "file"\n')
    monkeypatch.setenv("REVCYCLE_KAFKA", "environment:2")
    monkeypatch.setenv("REVCYCLE_INSTANCE_ID", "environment")
    settings = load_settings(tmp_path, kafka="flag:3", store=None)
    assert (settings.kafka, settings.instance_id, settings.batch_events) == ("flag:3", "environment", 7)


def test_a_secret_given_as_a_file_goes_behind_the_environment_and_before_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Docker and Kubernetes mount it: one file for each, by the name of the setting, a line end at its end."""
    monkeypatch.setattr(settings, "SECRETS", tmp_path / "secrets")
    (tmp_path / "revcycle.toml").write_text('[worker]\nstore = "sqlite:///table.db"\ninstance_id = "table"\n')
    assert load_settings(tmp_path).store.get_secret_value() == "sqlite:///table.db", "no such folder"

    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "revcycle_store").write_text("postgresql://us:pass%2Fword@db/revcycle\n")
    (tmp_path / "secrets" / "somebody_elses").write_text("nothing of ours")
    found = load_settings(tmp_path)
    assert found.store.get_secret_value() == "postgresql://us:pass%2Fword@db/revcycle"
    assert found.instance_id == "table" and "pass%" not in repr(found)
    monkeypatch.setenv("REVCYCLE_STORE", "sqlite:///environment.db")
    assert load_settings(tmp_path).store.get_secret_value() == "sqlite:///environment.db"


def test_the_installation_leaves_the_workers_table_alone(tmp_path: Path) -> None:
    from streams.installation import read_settings

    (tmp_path / "revcycle.toml").write_text('secret = "sixteen characters"\n[worker]\nkafka = "a:9092"\n')
    assert not read_settings(tmp_path).is_test


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kafka": "kafka://a:9092"}, "kafka: .*host:port"),
        ({"store": f"mysql://u:{SECRET}@h/d"}, "store: .*postgresql://"),
        ({"store": f"postgresql://u:{SECRET}/@h/d"}, "store: .*%2F"),
        ({"metrics": "9464"}, "metrics: .*0.0.0.0:9464"),
        ({"batch_events": 0}, "batch_events: .*greater than or equal to 1"),
        ({"instance_id": "a b"}, "instance_id"),
        ({"kafka_sasl": "PLAIN"}, "SCRAM-SHA-512"),
        ({"kafka_sasl": "SCRAM-SHA-512"}, "needs kafka_username and kafka_password"),
        ({"kafka_password": SECRET}, "no effect without kafka_sasl"),
        ({"kafka_sasl": "GSSAPI"}, "kafka_sasl: .*SCRAM-SHA-512.*OAUTHBEARER"),
        ({"kafka_sasl": "OAUTHBEARER"}, "OAUTHBEARER and kafka_token_file go together"),
        ({"kafka_token_file": "token"}, "OAUTHBEARER and kafka_token_file go together"),
        ({"kafka_sasl": "OAUTHBEARER", "kafka_token_file": "token"}, "OAUTHBEARER needs kafka_tls"),
        ({"kafka_sasl": "OAUTHBEARER", "kafka_password": SECRET}, "no effect without kafka_sasl by SCRAM"),
        ({"kafka_tls": True, "kafka_key_file": "k.pem"}, "both kafka_certificate_file and kafka_key_file"),
        ({"kafka_ca_file": "ca.pem"}, "no effect without kafka_tls"),
        ({"kafak": "a:1"}, "kafak: Extra inputs are not permitted"),
    ],
)
def test_a_wrong_setting_is_named_with_what_it_should_be(tmp_path: Path, fields: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as error:
        load_settings(tmp_path, **fields)
    assert SECRET not in str(error.value)


def test_no_text_of_the_settings_shows_a_secret(tmp_path: Path) -> None:
    settings = load_settings(
        tmp_path,
        store=f"postgresql://biller:{SECRET}@db:5432/revcycle",
        kafka_sasl="SCRAM-SHA-256",
        kafka_username="worker",
        kafka_password=SECRET,
    )
    assert settings.store_label == "postgresql://db:5432/revcycle"
    for text in (repr(settings), str(settings), settings.model_dump_json(), settings.store_label):
        assert SECRET not in text


def test_missing_certificates_are_named(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, kafka_tls=True, kafka_ca_file=tmp_path / "no.pem")
    with pytest.raises(ConfigurationError, match=r"no\.pem"):
        _ = settings.kafka_security


@pytest.mark.parametrize("name", ["kafka_ca_file", "kafka_certificate_file", "kafka_key_file", "kafka_token_file"])
def test_a_file_of_the_brokers_that_is_none_is_refused_and_not_waited_for(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_text("no-certificate-and-no-key")
    files = ("kafka_ca_file", "kafka_certificate_file", "kafka_key_file", "kafka_token_file")
    named = {each: tmp_path / "file" for each in files} | {name: tmp_path / "pipe"}
    settings = load_settings(tmp_path, kafka_tls=True, kafka_sasl="OAUTHBEARER", **named)
    with pytest.raises(ConfigurationError, match=r"pipe cannot be read \(it is a named pipe.*put the file"):
        _ = settings.tls_context if name != "kafka_token_file" else settings.kafka_security


def test_a_secret_that_is_no_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SECRETS", tmp_path)
    os.mkfifo(tmp_path / "revcycle_store")
    with pytest.raises(ConfigurationError, match="revcycle_store cannot be read"):
        load_settings(tmp_path / "data")


def test_a_key_with_a_password_that_nobody_gave_is_refused_and_nobody_is_asked_for_it(tmp_path: Path) -> None:
    made = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-keyout", "key", "-out", "ours", "-subj", "/CN=a")
    subprocess.run([*made, "-passout", f"pass:{SECRET}"], cwd=tmp_path, check=True, capture_output=True)
    files = {"kafka_certificate_file": tmp_path / "ours", "kafka_key_file": tmp_path / "key"}
    with pytest.raises(ConfigurationError, match="kafka_key_password"):
        _ = load_settings(tmp_path, kafka_tls=True, **files).tls_context
    with_password = load_settings(tmp_path, kafka_tls=True, kafka_key_password=SECRET, **files)
    assert with_password.tls_context is not None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "is not there"),
        (b"", "no bearer"),
        (b"two words", "no bearer"),
        (b"a\x01auth=b", "no bearer"),
    ],
)
def test_a_token_that_is_none_is_refused_and_never_shown(tmp_path: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    settings = load_settings(tmp_path, kafka_tls=True, kafka_sasl="OAUTHBEARER", kafka_token_file=tmp_path / "token")
    with pytest.raises(ConfigurationError, match=f"kafka_token_file .*token.* {said}") as error:
        _ = settings.kafka_security
    assert "two words" not in str(error.value)


def test_a_misspelt_name_in_the_environment_is_found() -> None:
    environment = {"REVCYCLE_KAFAK": "a:9092", "REVCYCLE_KAFKA": "a:9092", "REVCYCLE_DATA": "d", "PATH": "/bin"}
    assert find_unread_names(environment) == ["REVCYCLE_KAFAK"]
