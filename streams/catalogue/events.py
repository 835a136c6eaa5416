"""Events as documents: JSON Schema snapshots, examples and the table of `docs/events.md`, held to the models.

`python -m streams.catalogue` rewrites them after a change of a model. An example is edited by hand; the command brings
it into the form that the wire has, and refuses one that its model does not accept.
"""

from pathlib import Path

from schemas.base import phi_paths
from schemas.event import Body
from schemas.events import EVENT_TYPES
from streams.catalogue import snapshots
from streams.catalogue.snapshots import rewrite
from streams.pipeline import EFFECTS, FROM_EDGES, FROM_EHR, STEPS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "schemas" / "catalogue"
TABLE = ROOT / "docs" / "events.md"
COMMAND = "python -m streams.catalogue"

HEAD = f"""# Events

Every fact that revcycle publishes: one type, one topic, one JSON Schema and one example each. This page, the schemas
and the form of the examples are written by `{COMMAND}`; the map of the steps is `streams/pipeline.py`.

On Kafka the attributes below travel as CloudEvents 1.0 headers (binary content mode), the message key is the key of
the table, and the value is the bare JSON that the schema describes. Amounts are text with two decimals, dates are
ISO 8601. No protected health information stands in an attribute or a key; the fields of a value that hold it carry
`"phi": true` in their schema and are counted in the last column.

| attribute | says |
| --- | --- |
| `event_id` | derived from the business identity: the same fact has the same id, however often it is told |
| `type`, `schema_version` | what happened, and the version of its schema |
| `occurred_at` | when it happened, UTC |
| `correlation_id`, `causation_id` | the encounter that it belongs to, and the event that caused it |
| `decided_by` | the versions of the code sets and tables that decided it |

An additive change keeps the version of the topic; a breaking change gets a new topic. Consumers are deployed first: a
known type with a higher schema version stops them, an unknown type goes to the dead letters.

| type | what happened | topic | key | made by | taken by | PHI fields |
| --- | --- | --- | --- | --- | --- | --- |
"""

KEYS = """
## What is keyed by what

Events of one key keep their order; between two keys nobody may expect any. `account_key` is the opaque id of the
patient. A topic with two keys has readers for each: what payments did to a claim goes on by account, what they did to a
remittance by remittance.

| topic | keyed by |
| --- | --- |
"""


def name_files(body_type: type[Body]) -> tuple[Path, Path]:
    """The snapshot and the example of an event type."""
    stem = f"{body_type.type}.v{body_type.schema_version}"
    return FOLDER / f"{stem}.schema.json", FOLDER / f"{stem}.example.json"


def write_schema(body_type: type[Body]) -> str:
    """The JSON Schema of a type's value, as its snapshot holds it."""
    return snapshots.write_schema(body_type, name_files(body_type)[0].name)


def read_example(body_type: type[Body]) -> Body:
    """The example of a type. Raises FileNotFoundError, or pydantic.ValidationError when the model refuses it."""
    return body_type.model_validate_json(name_files(body_type)[1].read_bytes())


def write_table() -> str:
    """`docs/events.md`: every type by topic in the order of the map."""
    by_topic = sorted(EVENT_TYPES.values(), key=lambda body: (body.topic, body.type))
    rows = "".join(f"| `{topic}` | {', '.join(keys)} |\n" for topic, keys in name_keys().items())
    return HEAD + "".join(_write_row(body_type) for body_type in by_topic) + KEYS + rows


def name_keys() -> dict[str, list[str]]:
    """For each topic, the fields by which its events are keyed."""
    keys: dict[str, set[str]] = {}
    for body_type in EVENT_TYPES.values():
        keys.setdefault(body_type.topic, set()).add(_name_key(body_type))
    return {topic: sorted(keys[topic]) for topic in sorted(keys)}


def _write_row(body_type: type[Body]) -> str:
    makers = [part.name for part in (*STEPS, *EFFECTS) if body_type in part.produces]
    if body_type in FROM_EHR:
        makers.append("an EHR, our edges")
    if body_type in FROM_EDGES:
        makers.append("our edges")
    takers = [part.name for part in (*STEPS, *EFFECTS) if body_type in part.takes]
    stem = name_files(body_type)[0].name.removesuffix(".schema.json")
    link = f"[`{body_type.type}`](../schemas/catalogue/{stem}.schema.json)"
    example = f"[example](../schemas/catalogue/{stem}.example.json)"
    words = (body_type.__doc__ or "").partition("\n")[0]
    cells = (
        f"{link} ({example})",
        words,
        f"`{body_type.topic}`",
        _name_key(body_type),
        ", ".join(makers),
        ", ".join(takers) or "readers only",
        str(len(phi_paths(body_type)) or ""),
    )
    return f"| {' | '.join(cells)} |\n"


def _name_key(body_type: type[Body]) -> str:
    """The field whose value is the partition key, found in the example."""
    body = read_example(body_type)
    try:
        key = body.key
    except TypeError:
        return "an opaque id of the patient, chosen at the edge"
    names = [name for name in body_type.model_fields if str(getattr(body, name)) == key]
    return f"`{names[0]}`"


def write_catalogue() -> bool:
    """Rewrites schemas and examples; whether every example is there, and is what its model says."""
    return rewrite((body_type, *name_files(body_type)) for body_type in EVENT_TYPES.values())
