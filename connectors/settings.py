"""The settings of a worker: brokers, store, batch size, metrics.

A flag goes before the environment (`REVCYCLE_*`), that before a secret that a container is given as a file, and that
before the table `[worker]` of the installation's `revcycle.toml`.

Passwords are secrets to pydantic too: no text, error or report of this module shows one.
"""

import hmac
import os
import re
import ssl
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, PrivateAttr, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from connectors.config_files import read_config, read_toml
from connectors.workers_key import keep_key, read_key
from schemas.errors import ConfigurationError
from schemas.validation import describe_validation

SETTINGS = "revcycle.toml"
TABLE = "worker"
PREFIX = "REVCYCLE_"
SECRETS = Path("/run/secrets")  # where Docker and Kubernetes put files: one for each, by the setting's name
# Read elsewhere: the data folder by the command line, the others by tests and fault injection.
OTHER_NAMES = frozenset(f"{PREFIX}{name}" for name in ("DATA", "TEST_KAFKA", "TEST_POSTGRES", "REQUIRE_KAFKA"))
TLS_BYTES_MAX = 1_000_000  # the system's own authorities have 200 kB
SECRET_BYTES_MAX = 65_536
BROKER = r"[^\s,:/@]+:\d{1,5}"
BROKERS = rf"{BROKER}(,{BROKER})*"
STORE_SCHEMES = ("postgresql", "postgres", "sqlite")


class Settings(BaseSettings):
    """What a worker needs to know beside its data folder. Every field is also `REVCYCLE_` and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True)

    _data: Path | None = PrivateAttr(None)  # the folder that the settings are in force for

    kafka: str = ""  # host:port, by commas
    kafka_tls: bool = False
    kafka_ca_file: Path | None = None  # PEM; without it the system's authorities
    kafka_certificate_file: Path | None = None  # PEM, mutual TLS: ours, with the authorities between
    kafka_key_file: Path | None = None
    kafka_key_password: SecretStr | None = None
    kafka_sasl: Literal["SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] | None = None
    kafka_username: str = ""
    kafka_password: SecretStr | None = None
    kafka_token_file: Path | None = None  # the bearer token of OAUTHBEARER, read at every login
    workers_key_file: Path | None = None  # signs our own messages; without it workers.key of the data folder
    store: SecretStr = SecretStr("")  # postgresql://user:password@host/database, or sqlite:///path
    store_seconds: float = Field(60.0, ge=1, le=3_600)  # silence of the store after which a worker gives up
    kafka_session_seconds: float = Field(30.0, ge=1, le=300)  # silence after which a worker counts as dead
    batch_events: int = Field(500, ge=1, le=10_000)
    instance_id: str = Field("", pattern=r"^[A-Za-z0-9._-]{0,100}$")  # the brokers' name for us; else host and pid
    metrics: str = "127.0.0.1:9464"  # where Prometheus asks; or off

    @field_validator("kafka")
    @classmethod
    def _require_brokers(cls, kafka: str) -> str:
        if kafka and not re.fullmatch(BROKERS, kafka):
            raise ValueError("not the brokers' addresses: host:port, more of them after commas, no scheme")
        return kafka

    @field_validator("metrics")
    @classmethod
    def _require_listener(cls, metrics: str) -> str:
        if metrics != "off" and not re.fullmatch(BROKER, metrics):
            raise ValueError("not an address to listen on: host:port (0.0.0.0:9464 for every interface), or off")
        return metrics

    @field_validator("store")
    @classmethod
    def _require_store_address(cls, store: SecretStr) -> SecretStr:
        address = store.get_secret_value()
        try:
            parts = urlsplit(address)
            scheme, _ = parts.scheme, parts.port
        except ValueError:
            scheme = ""
        if address and scheme not in STORE_SCHEMES:
            # libpq would quote the part of a password that it takes for a port.
            raise ValueError(
                "not a store's address: postgresql://user:password@host/database (with %2F for a / in the password), "
                "or sqlite:///path"
            )
        return store

    @model_validator(mode="after")
    def _require_whole(self) -> Self:
        if (self.kafka_certificate_file is None) != (self.kafka_key_file is None):
            raise ValueError("mutual TLS needs both kafka_certificate_file and kafka_key_file")
        if not self.kafka_tls and (self.kafka_ca_file or self.kafka_certificate_file):
            raise ValueError("kafka_ca_file and kafka_certificate_file have no effect without kafka_tls = true")
        return self

    @model_validator(mode="after")
    def _require_login(self) -> Self:
        by_token = self.kafka_sasl == "OAUTHBEARER"
        named = bool(self.kafka_username), self.kafka_password is not None
        if any(named) and (by_token or not self.kafka_sasl):
            raise ValueError("kafka_username and kafka_password have no effect without kafka_sasl by SCRAM")
        if self.kafka_sasl and not by_token and not all(named):
            raise ValueError(f"kafka_sasl = {self.kafka_sasl} needs kafka_username and kafka_password")
        if by_token != (self.kafka_token_file is not None):
            raise ValueError("kafka_sasl = OAUTHBEARER and kafka_token_file go together")
        if by_token and not self.kafka_tls:  # RFC 7628, 5: who reads the token on its way is us
            raise ValueError("kafka_sasl = OAUTHBEARER needs kafka_tls = true")
        return self

    @cached_property
    def tls_context(self) -> ssl.SSLContext | None:
        """The TLS side of the brokers, hostnames checked; None without TLS. Raises ConfigurationError."""
        if not self.kafka_tls:
            return None
        files = [x for x in (self.kafka_ca_file, self.kafka_certificate_file, self.kafka_key_file) if x is not None]
        for file in files:  # OpenSSL opens what the name leads to, and would wait at a FIFO for ever
            if read_config(file, TLS_BYTES_MAX) is None:
                raise ConfigurationError(f"{file} of the brokers' TLS is not there: put it there, or name another")
        try:
            context = ssl.create_default_context(cafile=self.kafka_ca_file)
            if self.kafka_certificate_file is not None:
                # Without any password OpenSSL would ask for it at the terminal.
                password = self.kafka_key_password.get_secret_value() if self.kafka_key_password else ""
                context.load_cert_chain(self.kafka_certificate_file, self.kafka_key_file, password)
        except (OSError, ssl.SSLError) as error:
            raise ConfigurationError(
                f"the TLS files cannot be used ({', '.join(map(str, files))}): {error}. They are PEM, "
                "certificate and key belong together, and kafka_key_password is the key's, if it has one"
            ) from None
        return context

    @property
    def kafka_security(self) -> dict[str, Any]:
        """The keyword arguments by which kafka-python is told TLS and SASL. Raises ConfigurationError."""
        options: dict[str, Any] = {}
        if self.kafka_token_file is not None:
            from connectors.kafka.token_file import TokenFile, read_token

            read_token(self.kafka_token_file)  # now, and not when a client logs in that keeps errors to itself
            options["security_protocol"] = "SASL_SSL"
            options["sasl_mechanism"] = self.kafka_sasl
            options["sasl_oauth_token_provider"] = TokenFile(self.kafka_token_file)
        elif self.kafka_sasl:
            assert self.kafka_password is not None
            options["security_protocol"] = "SASL_SSL" if self.kafka_tls else "SASL_PLAINTEXT"
            options["sasl_mechanism"] = self.kafka_sasl
            options["sasl_plain_username"] = self.kafka_username
            options["sasl_plain_password"] = self.kafka_password.get_secret_value()
        elif self.kafka_tls:
            options["security_protocol"] = "SSL"
        if self.tls_context is not None:
            options["ssl_context"] = self.tls_context
        return options

    @cached_property
    def workers_key(self) -> bytes:
        """What signs the messages of this installation's own programs on Kafka; made in the data folder on first use
        where no file is named. Raises ConfigurationError."""
        if self.workers_key_file is not None:
            return read_key(self.workers_key_file)
        if self._data is None:
            raise ConfigurationError("no workers' key: name its file in workers_key_file, or a data folder")
        return keep_key(self._data)

    @property
    def installation_id(self) -> str:
        """Tells this installation from any other: by its workers' key, which it does not show."""
        return hmac.digest(self.workers_key, b"installation", "sha256").hex()[:12]

    @property
    def store_label(self) -> str:
        """The store's address without user and password."""
        parts = urlsplit(self.store.get_secret_value())
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if parts.scheme else ""


SETTING_NAMES = frozenset(f"{PREFIX}{name.upper()}" for name in Settings.model_fields)


def load_settings(data: Path, **flags: Any) -> Settings:
    """The settings in force for a data folder; flags that are None were not given. Raises ConfigurationError."""
    given = {name for name in Settings.model_fields if os.environ.get(f"{PREFIX}{name.upper()}")}
    given |= {
        name
        for name in Settings.model_fields
        if read_config(SECRETS / f"{PREFIX}{name}".lower(), SECRET_BYTES_MAX) is not None
    }
    table = {name: value for name, value in _read_table(data / SETTINGS).items() if name not in given}
    secrets = SECRETS if SECRETS.is_dir() else None
    try:
        told = {name: value for name, value in flags.items() if value is not None}
        settings = Settings(_secrets_dir=secrets, **{**table, **told})
    except ValidationError as error:
        where = f"flags, {PREFIX}*, {SECRETS} or [{TABLE}] of {data / SETTINGS}"
        raise ConfigurationError(f"settings ({where}): {describe_validation(error)}") from None
    settings._data = data
    return settings


def _read_table(path: Path) -> dict[str, Any]:
    table = (read_toml(path) or {}).get(TABLE, {})
    if not isinstance(table, dict):
        raise ConfigurationError(f"{path}: [{TABLE}] is a table, not a value")
    return table


def find_unread_names(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Names that look like settings and that nothing reads: a misspelt one is silent otherwise."""
    known = SETTING_NAMES | OTHER_NAMES
    return sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
