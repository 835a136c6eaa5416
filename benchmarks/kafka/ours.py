"""This engine with one step: `python ours.py ADDRESS DATA STORE_URL`, until SIGTERM."""

import sys
from pathlib import Path

from deciding import STEP

from connectors.settings import Settings
from streams.cli.common import collect_rarely
from streams.installation import open_folder
from streams.kafka.engine import KafkaEngine, run_engine
from streams.kafka.worker import make_agents

address, data, store = sys.argv[1:]
settings = Settings(kafka=address, store=store, metrics="off")  # type: ignore[arg-type]


def make_one() -> KafkaEngine:
    """The engine of the product with all agents but one left out."""
    agents = make_agents(open_folder(Path(data)), settings)
    return KafkaEngine([agent for agent in agents if agent.name == STEP.name], settings, Path(data))


collect_rarely()  # as the command line does
run_engine(make_one)
