"""What Kafka's user interface must hide: `connectors/monitoring/kafka-ui.yml`, written from the models' PHI marks.

The interface masks a field by its name wherever it stands in a message of the topic, so a name that holds PHI in one
place is hidden in every place. `python -m streams.catalogue` writes the file; a test holds it to the models.
"""

import json
from pathlib import Path

from schemas.base import phi_paths
from schemas.events import EVENT_TYPES
from schemas.topics import name_dead_letter_topic
from streams.pipeline import TOPICS

FILE = Path(__file__).parents[2] / "connectors" / "monitoring" / "kafka-ui.yml"
HEAD = """# Written by `python -m streams.catalogue` from the models' PHI marks; for profile `ui` of docker-compose.yml.
kafka:
  clusters:
    - name: revcycle
      bootstrapServers: kafka:9092
      readOnly: true
      masking:
"""


def name_phi_fields(topic: str) -> tuple[str, ...]:
    """The names of the fields that hold PHI in any event of a topic, at any depth."""
    paths = {path for body in EVENT_TYPES.values() if topic in body.topics() for path in phi_paths(body)}
    return tuple(sorted({path.rpartition(".")[2].removesuffix("[]") for path in paths}))


def write_masking() -> str:
    """The interface's configuration. A dead letter is hidden whole: nothing is known of what it holds."""
    rules = []
    for topic in TOPICS:
        if names := name_phi_fields(topic):
            # Quoted: a field called `on` is true to YAML, and would be shown.
            rules.append(_write_rule(topic, f"          fields: {json.dumps(names)}\n"))
        rules.append(_write_rule(name_dead_letter_topic(topic), ""))
    return HEAD + "".join(rules)


def _write_rule(topic: str, fields: str) -> str:
    pattern = topic.replace(".", "[.]")
    return f'        - type: REPLACE\n          replacement: "***"\n          topicValuesPattern: "{pattern}"\n{fields}'
