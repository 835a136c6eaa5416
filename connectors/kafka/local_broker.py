"""Apache Kafka's own broker on a local JVM: its jars by Maven into a cache, one node or three, KRaft.

For development and tests only: it listens on loopback, in plain text, with small memory. The nodes can be killed,
frozen and started again, which is what the fault tests do to them.
"""

import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from schemas.errors import ConfigurationError, TransportError

POM = Path(__file__).parent / "broker" / "pom.xml"
# A broker that is idle most of the time: little heap, one collector thread, and the quick compiler alone, which
# halves the processor time of a start.
JVM = ("-Xms64m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Dlog4j2.level=WARN")
READY_SECONDS = 90.0
STOP_SECONDS = 10.0
MAVEN_SECONDS = 600


def find_jars() -> Path:
    """The folder of the broker's jars, filled by Maven when this version is asked for the first time.

    Raises ConfigurationError when there is no Java here, or no Maven and no jars from earlier.
    """
    if shutil.which("java") is None:
        raise ConfigurationError("no `java` on the path (Debian: openjdk-17-jre-headless)")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "revcycle"
    folder = cache / f"kafka-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"
    if folder.is_dir():
        return folder
    if shutil.which("mvn") is None:
        raise ConfigurationError(f"no `mvn` on the path (Debian: maven) to bring the jars that {POM.name} names")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as unfinished:
        jars = Path(unfinished) / "jars"
        command = ["mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={jars}"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=MAVEN_SECONDS)
        except subprocess.TimeoutExpired:
            raise ConfigurationError(f"Maven brings no jars within {MAVEN_SECONDS} s") from None
        if done.returncode:
            raise ConfigurationError(f"Maven does not bring the broker's jars: {(done.stdout + done.stderr)[-600:]}")
        try:
            jars.rename(folder)
        except OSError:
            if not folder.is_dir():  # else another process was quicker, with the same jars
                raise
    return folder


def broker_properties(node: int, ports: Sequence[int], controller_ports: Sequence[int], host: str) -> dict[str, str]:
    """The configuration of node `node` (from 1) of a cluster with a client port and a controller port a node."""
    nodes = len(ports)
    voters = ",".join(f"{index}@127.0.0.1:{port}" for index, port in enumerate(controller_ports, 1))
    return {
        "process.roles": "broker,controller",
        "node.id": str(node),
        "controller.quorum.voters": voters,
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "listeners": f"PLAINTEXT://{host}:{ports[node - 1]},CONTROLLER://127.0.0.1:{controller_ports[node - 1]}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{ports[node - 1]}",
        # Topics are provisioned with their configuration, never by a typing error.
        "auto.create.topics.enable": "false",
        "default.replication.factor": str(nodes),
        "min.insync.replicas": "2" if nodes >= 3 else "1",
        "offsets.topic.replication.factor": str(nodes),
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": str(nodes),
        "transaction.state.log.min.isr": "2" if nodes >= 3 else "1",
        "transaction.state.log.num.partitions": "4",
        "controlled.shutdown.enable": "false",
        # Tests kill workers and brokers and wait for the others to notice.
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "500",
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
        "controller.quorum.election.timeout.ms": "500",
        "controller.quorum.fetch.timeout.ms": "1000",
        "num.network.threads": "2",
        "num.io.threads": "4",
        "log.cleaner.dedupe.buffer.size": "4194304",
    }


def find_free_ports(count: int) -> list[int]:
    """Loopback ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


class LocalNode:
    """One broker process. `process` is its own; nothing else is ever signalled."""

    def __init__(
        self,
        jars: Path,
        folder: Path,
        node: int,
        properties: Mapping[str, str],
        cluster_id: str,
        scram_users: Mapping[str, str] | None = None,
    ) -> None:
        """`scram_users`: names and passwords that the first start gives to the cluster, for SCRAM-SHA-512."""
        self.node = node
        self._scram = [f"SCRAM-SHA-512=[name={name},password={word}]" for name, word in (scram_users or {}).items()]
        self.log = folder / f"node-{node}.log"
        self._jars = jars
        self._config = folder / f"node-{node}.properties"
        self._data = folder / f"node-{node}"
        self._cluster_id = cluster_id
        self._process: subprocess.Popen[bytes] | None = None
        self._watch: subprocess.Popen[bytes] | None = None
        lines = {**properties, "log.dirs": str(self._data)}
        self._config.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))

    def start(self) -> None:
        """Starts the process, on the data that it left; `LocalKafka.wait_ready` says when it answers."""
        if not (self._data / "meta.properties").exists():
            self._format()
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C at the terminal reaches us, and we stop the broker in order.
            self._process = subprocess.Popen(
                self._java("kafka.Kafka", str(self._config)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        # Whatever ends us, even kill -9, closes this pipe, and the broker does not outlive us.
        self._watch = subprocess.Popen(
            ["sh", "-c", f"read _; kill -9 {self._process.pid}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _format(self) -> None:
        arguments = ["format", "--cluster-id", self._cluster_id, "--config", str(self._config)]
        for user in self._scram:
            arguments += ["--add-scram", user]
        command = self._java("kafka.tools.StorageTool", *arguments)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ConfigurationError(f"Kafka does not format {self._data}: {(done.stdout + done.stderr)[-600:]}")

    def _java(self, main: str, *arguments: str) -> list[str]:
        return ["java", *JVM, "-cp", f"{self._jars}/*", main, *arguments]

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError(f"node {self.node} was never started")
        return self._process

    def kill(self) -> None:
        """kill -9: no farewell to anybody."""
        self.process.kill()
        self._end()

    def pause(self) -> None:
        """SIGSTOP: alive and silent, as a machine that swaps or a long collection is."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """SIGTERM and an orderly end; kill -9 when that takes longer than STOP_SECONDS."""
        if not self.is_running:
            return
        self.resume()
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self._end()

    def _end(self) -> None:
        """The watch goes first: the number of a process that is gone may soon be another's."""
        if self._watch is not None:
            self._watch.kill()
            self._watch.communicate()
            self._watch = None
        self.process.wait()


class LocalKafka:
    """A cluster of one or three local nodes; data, configuration and logs stay in `folder`."""

    def __init__(self, folder: Path, nodes: int = 1, first_port: int | None = None) -> None:
        """`first_port`: the nodes listen on it and on the next ones; None takes free ports."""
        jars = find_jars()
        folder.mkdir(parents=True, exist_ok=True)
        ports = find_free_ports(nodes) if first_port is None else [first_port + index for index in range(nodes)]
        controller_ports = find_free_ports(nodes)
        self._cluster_id = cluster_id = read_cluster_id(folder)
        self.addresses = [f"127.0.0.1:{port}" for port in ports]
        self.nodes = [
            LocalNode(jars, folder, node, broker_properties(node, ports, controller_ports, "127.0.0.1"), cluster_id)
            for node in range(1, nodes + 1)
        ]

    @property
    def address(self) -> str:
        """The bootstrap addresses, by commas."""
        return ",".join(self.addresses)

    @property
    def label(self) -> str:
        return f"Apache Kafka on a local JVM ({len(self.nodes)} node{'s' if len(self.nodes) > 1 else ''})"

    def start(self) -> None:
        """Starts every node and waits until all answer; raises TransportError with the log's end when they do not."""
        try:
            for node in self.nodes:
                node.start()
            self.wait_ready()
        except BaseException:
            self.stop()
            raise

    def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        """Waits until each node that runs answers by itself, and names all of them."""
        started = [node for node in self.nodes if node.is_running]
        wanted = {node.node for node in started}
        deadline = time.monotonic() + seconds
        for node in started:
            # Its own answer: for a while the others go on naming a node that has just died.
            while not wanted <= read_nodes(self.addresses[node.node - 1], self._cluster_id):
                if not node.is_running or time.monotonic() > deadline:
                    end = node.log.read_text(errors="replace")[-1500:]
                    raise TransportError(f"Kafka node {node.node} does not come up; its log ends with:\n{end}")
                time.sleep(0.1)

    def stop(self) -> None:
        """Ends every node. All are told before any is waited for: a quorum that is leaving cannot answer the last."""
        for node in self.nodes:
            if node.is_running:
                node.resume()
                node.process.terminate()
        for node in self.nodes:
            node.stop()


def read_nodes(address: str, cluster_id: str | None = None) -> set[int]:
    """The ids of the brokers that the metadata names; empty while none answers, or one of another cluster does."""
    try:
        client = KafkaAdminClient(bootstrap_servers=address.split(","), bootstrap_timeout_ms=2_000)
        try:
            cluster = client.describe_cluster()
        finally:
            client.close()
    except KafkaError:
        return set()
    if cluster_id not in (None, cluster["cluster_id"]):
        return set()
    return {int(broker["broker_id"]) for broker in cluster["brokers"]}


def read_cluster_id(folder: Path) -> str:
    """One id for all nodes, kept beside their data."""
    file = folder / "cluster.id"
    if not file.exists():
        file.write_text(urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("="))
    return file.read_text()
