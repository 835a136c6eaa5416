"""A model as two files: the snapshot of its JSON Schema, and an example that it accepts."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from schemas.base import Frozen
from schemas.validation import describe_validation

Files = tuple[type[Frozen], Path, Path]  # a model, its schema's snapshot, and its example


def write_schema(model: type[Frozen], name: str) -> str:
    """The JSON Schema (draft 2020-12) of a model's value, as the snapshot of this name holds it."""
    schema = model.model_json_schema(mode="serialization")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": name}
    return json.dumps({**head, **schema}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def write_example(value: Frozen) -> str:
    """A value as its example file holds it: what goes over the wire or is printed, indented."""
    return json.dumps(json.loads(value.model_dump_json()), indent=2, ensure_ascii=False) + "\n"


def rewrite(files: Iterable[Files]) -> bool:
    """Rewrites every schema and example; whether every example is there, and is what its model says."""
    wrong: list[str] = []
    for model, schema, example in files:
        schema.write_text(write_schema(model, schema.name), encoding="utf-8")
        try:
            value = model.model_validate_json(example.read_bytes())
            example.write_text(write_example(value), encoding="utf-8")
        except FileNotFoundError:
            wrong.append(f"{example} is missing: write one by hand")
        except ValidationError as error:
            wrong.append(f"{example} is refused: {describe_validation(error)}")
    for line in wrong:
        print(line, file=sys.stderr)
    return not wrong
