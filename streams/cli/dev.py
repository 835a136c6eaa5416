"""Commands for developers: a Kafka of their own, and a payer to practise with."""

import signal
import tempfile
import threading
from pathlib import Path
from typing import Annotated

import typer

from streams.cli.common import DEFAULT_DATA, DataOption
from streams.installation import require_test
from streams.practice.payer import answer_outbox
from streams.terminal import console

dev_app = typer.Typer(no_args_is_help=True, help="What developers need beside the product.")


@dev_app.command("kafka")
def kafka(
    port: Annotated[int, typer.Option(min=1, max=65_000, help="Listen here; more nodes take the next ports.")] = 9092,
    nodes: Annotated[int, typer.Option(help="1, or 3 for a cluster that can lose a broker.")] = 1,
    folder: Annotated[
        Path | None, typer.Option(help="Keep the data here, on a local JVM; without it nothing is kept.")
    ] = None,
    address: Annotated[
        str | None, typer.Option("--kafka", envvar="REVCYCLE_KAFKA", help="One that runs already: none is started.")
    ] = None,
) -> None:
    """Runs an Apache Kafka on loopback until Ctrl-C or SIGTERM: by Docker, else its jars on a local JVM."""
    from connectors.kafka.dev_broker import GivenKafka, start_broker
    from connectors.kafka.local_broker import LocalKafka

    if address:
        console.say(f"{GivenKafka(address).label} answers: nothing to start")
        return
    if nodes not in (1, 3):
        raise typer.BadParameter("a cluster here has 1 or 3 nodes", param_hint="--nodes")
    stopping = _stop_on_signal()
    with tempfile.TemporaryDirectory(prefix="revcycle-kafka-") as temporary:
        if folder is None:
            broker = start_broker(Path(temporary), nodes, port)
        else:
            broker = LocalKafka(folder, nodes, port)
            broker.start()
        try:
            console.say(f"{broker.label} answers at {broker.address}; stop it with Ctrl-C")
            replicas = 3 if nodes == 3 else 1
            console.say(f"next: revcycle topics create --kafka {broker.address} --replicas {replicas}")
            stopping.wait()
        finally:
            broker.stop()


@dev_app.command("payer")
def payer(
    data: DataOption = DEFAULT_DATA,
    seed: Annotated[int, typer.Option(help="Same seed, same fate of each claim.")] = 1,
    poll_seconds: Annotated[float, typer.Option(min=0.1, help="Seconds between two looks at the outbox.")] = 1.0,
) -> None:
    """Answers each 837 and 276 of the outbox as a made-up payer would: TA1, 999, 277CA, 835 and 277 in the inbox.
    Only for a test installation."""
    require_test(data)
    stopping = _stop_on_signal()
    console.say(f"answering {data / 'outbox'} with invented decisions and money; stop with Ctrl-C")
    while not stopping.is_set():
        for answer in answer_outbox(data, seed):
            console.say(f"answered: {answer.name}")
        stopping.wait(poll_seconds)


def _stop_on_signal() -> threading.Event:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    return stopping
