"""An installation: opened to ask, with its settings and its store; or to decide, with its tables and the engine too."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from connectors.archive import Archive, RemittanceDocuments
from connectors.clearinghouse.outbox import OutboxWriter
from connectors.config_files import read_toml
from connectors.folder_mark import DATABASE, mark_on_kafka, require_embedded
from connectors.permissions import FOLDER_MODE
from connectors.settings import SETTINGS, TABLE, load_settings
from connectors.stores.address import open_store
from connectors.stores.common import SqlStore
from connectors.stores.sqlite import SqliteStore
from schemas.errors import ConfigurationError, RefusedError, TransportError
from schemas.findings import Finding
from schemas.payer_rules import RulePack
from schemas.reference import Installation, PayerEditRow, Reference
from schemas.validation import describe_validation
from streams.engine.kill_points import reach
from streams.engine.lag import count_unread
from streams.engine.publish import Publish, StorePublish

RULES = "rules"


class Engine(Protocol):
    """Runs the steps, or looks on while workers do."""

    @property
    def partitions(self) -> int:
        """Into how many parts the topics are divided; each hears the clock by itself."""
        ...

    def use(self, reference: Reference) -> None:
        """From the next batch on, what is looked up is this."""
        ...

    def run_until_quiet(self, on_batch: Callable[[int], None] = ...) -> int:
        """Returns, when nothing is left to read, how many events were read; `on_batch` hears of each batch."""
        ...

    def read_lags(self) -> Mapping[str, int]:
        """For each topic, how many events the step that is furthest behind has still to read."""
        ...


@dataclass(frozen=True)
class Asked:
    """An installation that answers questions and decides nothing: its settings, its store and its documents."""

    data: Path
    settings: Installation
    store: SqlStore
    archive: Archive

    def read_lags(self) -> Mapping[str, int]:
        """For each topic, how many events the step that is furthest behind has still to read."""
        worker = load_settings(self.data)
        if not worker.kafka:
            return count_unread(self.store)
        from streams.kafka.remote import RemoteWorkers

        return RemoteWorkers(self.store, worker).read_lags()

    def find_reference(self) -> Reference:
        """What decisions look up: tables, rules, code sets. Raises ConfigurationError where one cannot be used: then
        nothing is decided, and questions go on."""
        return read_reference(self.data, self.settings, self.archive)


@dataclass(frozen=True)
class Opened(Asked):
    """An installation that decides: its tables, and the engine over its store."""

    reference: Reference
    engine: Engine
    publish: Publish  # how files, people's actions and the clock enter the topics
    writer: OutboxWriter

    def read_lags(self) -> Mapping[str, int]:
        return self.engine.read_lags()

    def find_reference(self) -> Reference:
        return self.reference

    @property
    def inbox(self) -> Path:
        return self.data / "inbox"

    @property
    def outbox(self) -> Path:
        return self.data / "outbox"

    @property
    def statements(self) -> Path:
        return self.data / "statements"


def use_payer_rules(installation: Opened, rules: RulePack) -> Opened:
    """The same installation under another pack of payer rules; events name the pack that decided them."""
    reference = with_payer_rules(installation.reference, rules)
    installation.engine.use(reference)
    return replace(installation, reference=reference)


def with_payer_rules(reference: Reference, rules: RulePack) -> Reference:
    """The same tables with another pack of payer rules."""
    return replace(reference, payer_rules=rules, versions={**reference.versions, "payer_rules": rules.version[:12]})


def read_settings(data: Path) -> Installation:
    """`revcycle.toml` in the data folder; without it the installation is a test one (ISA15 = T).

    Raises ConfigurationError.
    """
    path = data / SETTINGS
    settings = read_toml(path)
    if settings is None:
        return Installation()
    settings.pop(TABLE, None)  # the worker's, read by itself
    secret = settings.pop("secret", "")
    if not isinstance(secret, str) or len(secret) < 16:
        raise ConfigurationError(
            f"{path}: `secret` needs text of at least 16 characters, in quotes; it hides patient ids in keys"
        )
    try:
        return Installation.model_validate({"is_test": False, **settings, "secret": secret.encode()})
    except ValidationError as error:
        raise ConfigurationError(f"{path}: {describe_validation(error)}") from None


def require_test(data: Path) -> None:
    """Invented answers and money are for test installations; raises RefusedError for any other."""
    if not read_settings(data).is_test:
        raise RefusedError(
            f"{data} is no test installation: `{SETTINGS}` there is for real claims and money. Nothing was made up; "
            "practise in another --data folder, without that file or with is_test = true in it"
        )


@dataclass(frozen=True)
class Folder:
    """What an installation keeps in files, whichever engine runs it."""

    data: Path
    settings: Installation
    archive: Archive
    reference: Reference
    writer: OutboxWriter


def open_folder(data: Path) -> Folder:
    """Opens (and on first use creates) the folder of an installation. Raises ConfigurationError."""
    for folder in (data, *(data / name for name in ("inbox", "outbox", "archive", "statements"))):
        try:
            folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError, PermissionError) as error:
            raise ConfigurationError(
                f"{folder} is no folder and cannot be made one ({error.strerror}): mount or move what its name stands "
                "for, or give its user the right to write"
            ) from None
        except OSError as error:
            raise TransportError(f"{folder} cannot be made ({error.strerror})") from error
    settings = read_settings(data)
    archive = Archive(data / "archive")
    reference = read_reference(data, settings, archive)
    return Folder(data, settings, archive, reference, OutboxWriter(data / "outbox", archive, settings.submitter, reach))


def read_reference(data: Path, settings: Installation, archive: Archive) -> Reference:
    """Every table, rule and code set that decides. Raises ConfigurationError for one that cannot be used."""
    # A question needs none of these, and is asked often.
    from connectors.codesets import open_codesets
    from connectors.payer_rules import load_payer_rules
    from connectors.reference import load_tables

    codesets = open_codesets(data)
    tables = load_tables(data)
    _require_known_edits(tables.payer_edits)
    rules = load_payer_rules(data / RULES)
    digests = {name: digest[:12] for name, digest in tables.digests.items()}
    return Reference(
        codesets=codesets,
        remittances=RemittanceDocuments(archive),
        installation=settings,
        charge_master=tables.charge_master,
        diagnosis_map=tables.diagnosis_map,
        adjustment_classes=tables.adjustment_classes,
        denial_routes=tables.denial_routes,
        contracts=tables.contracts,
        localities=tables.localities,
        payer_terms=tables.payer_terms,
        payer_edits=tables.payer_edits,
        appeal_levels=tables.appeal_levels,
        rejection_routes=tables.rejection_routes,
        payer_rules=rules,
        versions={
            **codesets.digests(),
            **digests,
            "payer_rules": rules.version[:12],
            "installation": settings.digest[:12],
        },
    )


def _require_known_edits(payer_edits: Mapping[tuple[str, str], tuple[PayerEditRow, ...]]) -> None:
    """A misspelt edit in payer_edits.csv would otherwise judge on without a word. Raises TableError."""
    if not payer_edits:
        return
    from connectors.reference import TableError
    from processors.coding.edits import list_edits

    known = {edit.id for edit, _ in list_edits()}
    named = {row.edit for rows in payer_edits.values() for row in rows}
    if unknown := sorted(named - known):
        raise TableError(
            tuple(
                Finding(
                    code="unknown_edit",
                    severity="reject",
                    owner="operations",
                    where="tables/payer_edits.csv",
                    what=f"no edit is called {edit}",
                    remedy="write it as docs/edits.md does",
                )
                for edit in unknown
            )
        )


def open_to_ask(data: Path, *, kafka: str | None = None, store: str | None = None) -> Asked:
    """Opens an installation that is there, for questions alone. Raises ConfigurationError, RefusedError."""
    worker = load_settings(data, kafka=kafka, store=store)
    settings, archive = read_settings(data), Archive(data / "archive")
    if not worker.kafka:
        require_embedded(data)
        return Asked(data, settings, SqliteStore(data / DATABASE), archive)
    from streams.kafka.belonging import require_own_store

    mark_on_kafka(data, worker)
    shared = open_store(worker)
    require_own_store(shared, worker)
    return Asked(data, settings, shared, archive)


def open_installation(data: Path, *, kafka: str | None = None, store: str | None = None) -> Opened:
    """Opens (and on first use creates) an installation: the embedded one, or where a broker is named (here or in the
    settings) the one whose steps run in workers on Kafka. Raises ConfigurationError."""
    worker = load_settings(data, kafka=kafka, store=store)
    folder = open_folder(data)
    if not worker.kafka:
        from streams.engine.embedded import BATCH_EVENTS, EmbeddedEngine

        require_embedded(data)
        own = SqliteStore(data / DATABASE)
        batch_events = worker.batch_events if "batch_events" in worker.model_fields_set else BATCH_EVENTS
        engine = EmbeddedEngine(own, folder.reference, folder.writer, batch_events)
        publish: Publish = StorePublish(own)
        return Opened(data, folder.settings, own, folder.archive, folder.reference, engine, publish, folder.writer)
    from streams.kafka.belonging import require_own_store
    from streams.kafka.remote import KafkaPublish, RemoteWorkers

    mark_on_kafka(data, worker)
    shared = open_store(worker)
    require_own_store(shared, worker)
    remote = RemoteWorkers(shared, worker)
    publish = KafkaPublish(shared, worker)
    return Opened(data, folder.settings, shared, folder.archive, folder.reference, remote, publish, folder.writer)
