"""An installation: its data folder, its settings, its tables, its store, and the engine over them."""

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from connectors.archive import Archive, RemittanceDocuments
from connectors.clearinghouse.outbox import OutboxWriter
from connectors.codesets import open_codesets
from connectors.payer_rules import load_payer_rules
from connectors.reference import load_tables
from connectors.settings import SETTINGS, TABLE
from connectors.stores.sqlite import SqliteStore
from schemas.errors import ConfigurationError
from schemas.payer_rules import RulePack
from schemas.reference import Installation, Reference
from schemas.wire import describe_validation
from streams.checkpoints import reach
from streams.embedded import EmbeddedEngine
from streams.publishing import Publish, publish_into

RULES = "rules"


@dataclass(frozen=True)
class Opened:
    """Everything of one embedded installation, opened."""

    data: Path
    settings: Installation
    store: SqliteStore
    archive: Archive
    reference: Reference
    engine: EmbeddedEngine

    @property
    def inbox(self) -> Path:
        return self.data / "inbox"

    @property
    def outbox(self) -> Path:
        return self.data / "outbox"

    @property
    def statements(self) -> Path:
        return self.data / "statements"

    @property
    def publish(self) -> Publish:
        """The port by which people's actions and the clock enter the topics."""
        return publish_into(self.store)


def use_payer_rules(installation: Opened, rules: RulePack) -> Opened:
    """The same installation under another pack of payer rules; events name the pack that decided them."""
    versions = {**installation.reference.versions, "payer_rules": rules.version[:12]}
    reference = replace(installation.reference, payer_rules=rules, versions=versions)
    installation.engine.use(reference)
    return replace(installation, reference=reference)


def read_settings(data: Path) -> Installation:
    """`revcycle.toml` in the data folder; without it the installation is a test one (ISA15 = T)."""
    path = data / SETTINGS
    if not path.exists():
        return Installation()
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
        settings.pop(TABLE, None)  # the worker's, read by itself
        secret = settings.pop("secret", "")
        if len(secret) < 16:
            raise ConfigurationError(f"{path}: `secret` needs at least 16 characters; it hides patient ids in keys")
        return Installation.model_validate({"is_test": False, **settings, "secret": secret.encode()})
    except ValidationError as error:
        raise ConfigurationError(f"{path}: {describe_validation(error)}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not TOML: {error}") from error


def open_installation(data: Path) -> Opened:
    """Opens (and on first use creates) an embedded installation. Raises ConfigurationError."""
    data.mkdir(parents=True, exist_ok=True)
    for name in ("inbox", "outbox", "archive", "statements"):
        (data / name).mkdir(exist_ok=True)
    settings = read_settings(data)
    codesets = open_codesets(data)
    tables = load_tables(data)
    rules = load_payer_rules(data / RULES)
    archive = Archive(data / "archive")
    digests = {name: digest[:12] for name, digest in tables.digests.items()}
    reference = Reference(
        codesets=codesets,
        remittances=RemittanceDocuments(archive),
        installation=settings,
        charge_master=tables.charge_master,
        diagnosis_map=tables.diagnosis_map,
        adjustment_classes=tables.adjustment_classes,
        denial_routes=tables.denial_routes,
        contracts=tables.contracts,
        localities=tables.localities,
        payer_rules=rules,
        versions={
            **codesets.digests(),
            **digests,
            "payer_rules": rules.version[:12],
            "installation": settings.digest[:12],
        },
    )
    store = SqliteStore(data / "revcycle.db")
    writer = OutboxWriter(data / "outbox", archive, settings.submitter, reach)
    return Opened(data, settings, store, archive, reference, EmbeddedEngine(store, reference, writer))
