"""`revcycle run`: the inbox is watched, and the steps run."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from connectors.folder_mark import mark_on_kafka, require_there
from connectors.settings import Settings, load_settings
from connectors.stores.address import open_store
from streams.cli.common import (
    DEFAULT_DATA,
    DataOption,
    KafkaAddress,
    StoreUrl,
    read_clock,
)
from streams.edge.inbox import Watcher
from streams.engine.metrics import serve_metrics
from streams.engine.sampler import make_sampler
from streams.installation import open_installation
from streams.terminal import console


def run(
    data: DataOption = DEFAULT_DATA,
    cut_seconds: Annotated[float, typer.Option(min=0.1, help="Seconds between submissions.")] = 60.0,
    kafka: KafkaAddress = None,
    store: StoreUrl = None,
    steps_only: Annotated[
        bool, typer.Option(help="On Kafka: leave inbox, clock and submissions to the other workers.")
    ] = False,
    metrics: Annotated[
        str | None, typer.Option(help="Where Prometheus asks, host:port, or off; 127.0.0.1:9464 if not told.")
    ] = None,
) -> None:
    """Watches the inbox and runs the pipeline until SIGTERM; start it again at any time, and on Kafka as many as you
    want."""
    settings = load_settings(data, kafka=kafka, store=store, metrics=metrics)
    installation = None if settings.kafka else open_installation(data)
    if url := serve_metrics(settings.metrics):
        console.say(f"metrics at {url}")
        make_sampler(data, settings).start()
    if installation is None:
        _run_on_kafka(data, settings, None if steps_only else cut_seconds)
        return
    console.say(f"watching {installation.inbox}; 837 files go to {installation.outbox}; stop with Ctrl-C or SIGTERM")
    Watcher(installation, read_clock, cut_seconds, console.say).run()


def _run_on_kafka(data: Path, settings: Settings, cut_seconds: float | None) -> None:
    from streams.kafka.belonging import require_own_brokers, require_own_store
    from streams.kafka.duties import Duties
    from streams.kafka.engine import run_engine
    from streams.kafka.worker import make_engine

    with closing(open_store(settings)) as store:
        if store.has_any_event() and not (data.is_dir() and any(data.iterdir())):
            require_there(data)
        mark_on_kafka(data, settings)
        require_own_store(store, settings)
        require_own_brokers(store, settings)
    duties = None if cut_seconds is None else Duties(data, settings, cut_seconds)
    if duties is not None:
        duties.start()
    console.say(f"working on {settings.kafka}; 837 files go to {data / 'outbox'}; stop with SIGTERM")
    run_engine(lambda: make_engine(data, settings))
    if duties is not None:
        duties.stop()
    console.say("stopped: the batches in hand are done, the rest stands in the topics")
