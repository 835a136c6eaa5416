"""A Kafka to develop and test against, the first that answers: an address, Docker, or the jars on a local JVM."""

import secrets
import time
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any, Protocol

from connectors.kafka.local_broker import (
    READY_SECONDS,
    LocalKafka,
    broker_properties,
    find_free_ports,
    read_nodes,
)
from schemas.errors import ConfigurationError, TransportError

IMAGE = "apache/kafka:4.2.0"
DATA_IN_CONTAINER = "/var/lib/kafka/data"


class DevBroker(Protocol):
    """A broker that is there until `stop`."""

    @property
    def address(self) -> str: ...

    @property
    def label(self) -> str: ...

    def stop(self) -> None: ...


class GivenKafka:
    """Somebody else's broker: used, never stopped."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.label = f"the Kafka at {address}"
        if not read_nodes(address):
            raise TransportError(f"no Kafka answers at {address}")

    def stop(self) -> None:
        """Nothing: it is not ours."""


class DockerKafka:
    """One node in a container of its own, removed at the end."""

    def __init__(self, client: Any, first_port: int | None = None) -> None:
        port = first_port or find_free_ports(1)[0]
        self.address = f"127.0.0.1:{port}"
        self.label = f"Apache Kafka in Docker ({IMAGE})"
        self._container = client.containers.run(
            IMAGE,
            detach=True,
            environment=container_environment(port),
            ports={f"{port}/tcp": ("127.0.0.1", port)},
        )
        deadline = time.monotonic() + READY_SECONDS
        while not read_nodes(self.address):
            self._container.reload()
            if self._container.status == "exited" or time.monotonic() > deadline:
                end = self._container.logs(tail=20).decode(errors="replace")
                self.stop()
                raise TransportError(f"the container of {IMAGE} does not come up; its log ends with:\n{end}")
            time.sleep(0.2)

    def stop(self) -> None:
        """Removes the container with its anonymous volumes."""
        self._container.remove(force=True, v=True)


def container_environment(port: int) -> dict[str, str]:
    """The same properties as a local node's, as the image wants them: KAFKA_, dots as underscores."""
    (controller_port,) = find_free_ports(1)
    properties = {**broker_properties(1, [port], [controller_port], "0.0.0.0"), "log.dirs": DATA_IN_CONTAINER}
    names = {f"KAFKA_{name.upper().replace('.', '_')}": value for name, value in properties.items()}
    return {**names, "CLUSTER_ID": urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")}


def start_broker(folder: Path, nodes: int = 1, first_port: int | None = None, address: str | None = None) -> DevBroker:
    """The first that answers; three nodes always mean the local JVM, whose data lies in `folder`.

    Raises ConfigurationError that names what each way lacks when none of them is there.
    """
    if address:
        return GivenKafka(address)
    reasons: list[str] = []
    if nodes == 1:
        try:
            return DockerKafka(_connect_docker(), first_port)
        except ConfigurationError as error:
            reasons.append(f"Docker: {error}")
    try:
        cluster = LocalKafka(folder, nodes, first_port)
    except ConfigurationError as error:
        reasons.append(f"local JVM: {error}")
        raise ConfigurationError("no Kafka to be had here. " + "; ".join(reasons)) from None
    cluster.start()
    return cluster


def _connect_docker() -> Any:
    try:
        import docker
    except ImportError:
        raise ConfigurationError("the `docker` package is not installed") from None
    try:
        client = docker.from_env(timeout=60)
        client.ping()
    except docker.errors.DockerException as error:
        raise ConfigurationError(f"no Docker engine answers ({type(error).__name__})") from None
    return client
