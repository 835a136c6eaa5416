"""Commands that move the cycle on: demo, ingest, run."""

import shutil
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from connectors.files import find_files
from connectors.folder_mark import mark_on_kafka, require_there
from connectors.permissions import FOLDER_MODE
from connectors.settings import Settings, load_settings
from connectors.stores.address import open_store
from schemas.errors import ConfigurationError, RefusedError
from streams.actions.clock import set_back
from streams.cli.common import (
    DEFAULT_DATA,
    DataOption,
    JsonOption,
    KafkaAddress,
    RoleOption,
    StoreUrl,
    WhoOption,
    WhyOption,
    open_existing,
    print_json,
    read_clock,
    read_person,
)
from streams.cli.screens import show_demo, show_ingested
from streams.edge.clock import LEAP_DAYS_MAX, find_leap, publish_tick, read_clock_of
from streams.edge.inbox import Watcher
from streams.edge.ingest import IngestedFile, ingest_paths
from streams.edge.submission import cut_submissions
from streams.engine.lag import make_sampler
from streams.engine.metrics import serve_metrics
from streams.installation import open_installation, require_test
from streams.practice.demo import run_demo
from streams.reports.claims import Json, report_status
from streams.terminal import console, errors

DEMO_MARK = ".revcycle-demo"


def demo(
    encounters: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many encounters.")] = 200,
    seed: Annotated[int, typer.Option(help="Same seed, same practice, same fates.")] = 1,
    data: DataOption = Path("revcycle-demo"),
    kafka: KafkaAddress = None,
    store: StoreUrl = None,
    as_json: JsonOption = False,
) -> None:
    """Runs the whole cycle on made-up encounters with a simulated payer; ends with totals that tie."""
    if load_settings(data, kafka=kafka, store=store).kafka:
        require_test(data)
    else:
        _clear_demo(data)
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=errors, transient=True
    ) as progress:
        task = progress.add_task("reading code sets", total=None)
        installation = open_installation(data, kafka=kafka, store=store)
        result = run_demo(installation, encounters, seed, lambda phase: progress.update(task, description=phase))
    if as_json:
        print_json(result)
    else:
        show_demo(installation, result, data)


def _clear_demo(data: Path) -> None:
    """A demonstration starts afresh, and never on a folder that is not one."""
    if data.exists() and any(data.iterdir()):
        if not (data / DEMO_MARK).exists():
            raise ConfigurationError(f"{data} holds something that is not a demonstration: name another --data folder")
        shutil.rmtree(data)
    data.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
    (data / DEMO_MARK).touch()


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders: FHIR, NDJSON, HL7 v2, X12 answers.")],
    data: DataOption = DEFAULT_DATA,
    kafka: KafkaAddress = None,
    store: StoreUrl = None,
    as_json: JsonOption = False,
) -> None:
    """Takes files in, runs the pipeline until it is quiet and cuts a submission. Safe to repeat."""
    installation = open_installation(data, kafka=kafka, store=store)
    now = read_clock()
    results: list[IngestedFile] = []
    with Progress(console=errors, transient=True) as progress:
        task = progress.add_task("files", total=len(list(find_files(paths))))
        results = ingest_paths(installation, paths, now, lambda file: progress.advance(task))
    cut_submissions(installation.store, installation.publish, now)
    installation.engine.run_until_quiet()
    status = report_status(installation)
    if as_json:
        print_json({"files": [_file_json(file) for file in results], "status": status})
    else:
        show_ingested(results, status)
    outcomes = {file.outcome for file in results}
    if not results or outcomes == {"rejected"}:
        if not results and not as_json:
            errors.say("no file found: give files, or folders that hold some")
        raise typer.Exit(2)
    if outcomes - {"accepted", "duplicate"} or any(file.findings for file in results) or status["set_aside"]:
        raise typer.Exit(1)


def _file_json(file: IngestedFile) -> Json:
    return {
        "path": file.path,
        "kind": file.kind,
        "outcome": file.outcome,
        "events": file.events,
        "findings": [finding.model_dump() for finding in file.findings],
    }


def tick(
    day: Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Today without it.")] = None,
    force: Annotated[bool, typer.Option("--force", help=f"Even more than {LEAP_DAYS_MAX} days ahead.")] = False,
    back_to: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Sets a clock back that is too far ahead.")
    ] = None,
    who: WhoOption = "",
    why: WhyOption = "",
    role: RoleOption = "",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Tells the installation what day it is: silence becomes work, unpaid claims are asked for. `run` does it daily."""
    installation = open_existing(data)
    store, publish, partitions = installation.store, installation.publish, installation.engine.partitions
    business_date = (back_to or day or read_clock()).date()
    before = report_status(installation)["work_items"]["open"]
    if back_to:
        set_back(installation, business_date, read_person(who, why, role))
    else:
        leap = find_leap(read_clock_of(store), business_date, read_clock().date() if day else None)
        if leap and not force:
            raise RefusedError(leap)
        publish_tick(store, publish, business_date, partitions)
    installation.engine.run_until_quiet()
    after = report_status(installation)["work_items"]["open"]
    if as_json:
        print_json({"date": business_date.isoformat(), "open_before": before, "open_after": after})
    else:
        console.say(f"{business_date}: {before} open work items before, {after} after; see `revcycle worklist`")


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
    duties = None if cut_seconds is None else Duties(data, settings, read_clock, cut_seconds)
    if duties is not None:
        duties.start()
    console.say(f"working on {settings.kafka}; 837 files go to {data / 'outbox'}; stop with SIGTERM")
    run_engine(lambda: make_engine(data, settings))
    if duties is not None:
        duties.stop()
    console.say("stopped: the batches in hand are done, the rest stands in the topics")
