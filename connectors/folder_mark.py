"""What stands in a data folder about its installation: one on Kafka says so, or a command without its settings would
begin a second installation, on SQLite, in the same folder."""

from pathlib import Path

from connectors.permissions import FOLDER_MODE, open_private
from connectors.settings import Settings
from schemas.errors import RefusedError, TransportError

MARK = "on-kafka"
DATABASE = "revcycle.db"


def mark_on_kafka(data: Path, settings: Settings) -> None:
    """Says that the installation of this folder is on Kafka. Raises RefusedError where it is an embedded one."""
    data.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
    embedded = data / DATABASE
    if embedded.exists() and str(embedded.absolute()) not in settings.store.get_secret_value():
        raise RefusedError(
            f"{embedded} is an installation without Kafka: give the one on {settings.kafka} a data folder of its own, "
            "or move that file away if a command without REVCYCLE_KAFKA has made it"
        )
    said = f"{settings.kafka} {settings.store_label}\n".encode()
    if not (data / MARK).exists() or (data / MARK).read_bytes() != said:
        with open_private(data / MARK) as file:
            file.write(said)


def require_there(data: Path) -> None:
    """Raises TransportError where the folder of an installation on Kafka is away: no rules and no inbox are then not
    what somebody has decided."""
    if not (data / MARK).exists():
        raise TransportError(
            f"the data folder {data} is not there, or is empty: mount it, or restore it from its backup"
        )


def require_embedded(data: Path) -> None:
    """Raises RefusedError where the installation of this folder is on Kafka."""
    if (data / MARK).exists():
        kafka, _, store = (data / MARK).read_text().strip().partition(" ")
        raise RefusedError(
            f"{data} is an installation on Kafka (brokers {kafka}, store {store}), and no broker is named: set "
            f"REVCYCLE_KAFKA and REVCYCLE_STORE, or [worker] in its revcycle.toml. Without them a second installation "
            f"would begin in {data / DATABASE}"
        )
