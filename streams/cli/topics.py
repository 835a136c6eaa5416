"""Commands about Kafka: create, list, describe and check the topics of the map."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from connectors.settings import load_settings
from connectors.stores.address import open_store
from schemas.errors import ConfigurationError
from streams.cli.common import DEFAULT_DATA, DataOption, JsonOption, StoreUrl, print_json
from streams.kafka.topic_plan import DEFAULT_PARTITIONS, DEFAULT_REPLICAS, plan_as_found, plan_topics
from streams.reports.topics import report_topics
from streams.terminal import console, errors

topics_app = typer.Typer(no_args_is_help=True, help="The topics of the map on Kafka.")
KafkaOption = Annotated[
    str | None, typer.Option("--kafka", envvar="REVCYCLE_KAFKA", help="Brokers: host:port, more after commas.")
]
PARTITIONS = typer.Option(min=1, max=1000, help="Partitions of each event topic.")
REPLICAS = typer.Option(min=1, max=9, help="Copies of each partition.")


@contextmanager
def _open_admin(data: Path, kafka: str | None) -> Iterator[Any]:
    """An admin client by the settings: the address, TLS and SASL of the flag, the environment or the data folder."""
    from connectors.kafka.topics import connect_admin

    settings = load_settings(data, kafka=kafka)
    if not settings.kafka:
        raise ConfigurationError("no broker is named: give --kafka host:port, or set REVCYCLE_KAFKA")
    with connect_admin(settings.kafka, settings.kafka_security) as client:
        yield client


@topics_app.command("create")
def create(
    kafka: KafkaOption = None,
    partitions: Annotated[int, PARTITIONS] = DEFAULT_PARTITIONS,
    replicas: Annotated[int, REPLICAS] = DEFAULT_REPLICAS,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Create the topics that are missing. What stands is never changed; where it differs, nothing is created.

    Exit status 1 with a line for each difference.
    """
    from connectors.kafka.topics import create_topics, describe_topics
    from schemas.topics import compare_topics

    plans = plan_topics(partitions, replicas)
    with _open_admin(data, kafka) as client:
        found = describe_topics(client, [plan.name for plan in plans])
        problems = compare_topics([plan for plan in plans if plan.name in found], found)
        missing = [plan for plan in plans if plan.name not in found]
        if missing and not problems:
            create_topics(client, missing)
    _report_problems(problems)
    console.say(f"{len(missing)} topics created, {len(found)} stood already")


@topics_app.command("list")
def list_names() -> None:
    """The topics of the map, with their dead-letter topics; asks no broker."""

    for plan in plan_topics(DEFAULT_PARTITIONS, DEFAULT_REPLICAS):
        console.say(plan.name)


@topics_app.command("describe")
def describe(kafka: KafkaOption = None, data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """The topics of the map as they stand on the broker."""
    from connectors.kafka.topics import describe_topics

    plans = plan_topics(DEFAULT_PARTITIONS, DEFAULT_REPLICAS)
    with _open_admin(data, kafka) as client:
        found = describe_topics(client, [plan.name for plan in plans])
    report = report_topics(found.values(), plans[0].configs)
    if as_json:
        print_json(report)
        return
    for row in report.topics:
        console.say(f"{row.name}: {row.partitions} partitions, {row.replicas} replicas, {row.configs}")


@topics_app.command("rebuild")
def rebuild(
    kafka: KafkaOption = None,
    store: StoreUrl = None,
    data: DataOption = DEFAULT_DATA,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Make the topics follow from the store, after one of them was set back. Stop all workers and publishers first."""
    from streams.kafka.rebuilding import rebuild_topics

    settings = load_settings(data, kafka=kafka, store=store)
    if not settings.kafka:
        raise ConfigurationError("no broker is named: give --kafka host:port, or set REVCYCLE_KAFKA")
    if not yes:
        typer.confirm(f"Every topic on {settings.kafka} is emptied and filled again from the store. Go on?", abort=True)
    opened = open_store(settings)
    done = rebuild_topics(opened, settings)
    opened.close()
    console.say(
        f"{done.taken_over} events from outside taken over from the topics, {done.published} events published anew: "
        "start the workers"
    )


@topics_app.command("check")
def check(
    kafka: KafkaOption = None,
    partitions: Annotated[int | None, PARTITIONS] = None,
    replicas: Annotated[int | None, REPLICAS] = None,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Whether the broker keeps every topic as the map asks, with the partitions and replicas that the first was made
    with unless others are named.

    Exit status 1 with a line for each difference.
    """
    from connectors.kafka.topics import describe_topics
    from schemas.topics import compare_topics

    with _open_admin(data, kafka) as client:
        found = describe_topics(client, [plan.name for plan in plan_as_found({})])
    (first, *_) = plan_as_found(found)
    plans = plan_topics(partitions or first.partitions, replicas or first.replicas)
    problems = compare_topics(plans, found)
    _report_problems(problems)
    console.say(f"all {len(plans)} topics are as the map asks")


def _report_problems(problems: list[str]) -> None:
    for problem in problems:
        errors.say(problem)
    if problems:
        raise typer.Exit(1)
