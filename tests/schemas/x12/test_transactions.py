"""The table of transaction sets: each kind has an example, is read by its model and judged by its guide."""

from pathlib import Path

import pytest

from schemas.x12.identify import identify
from schemas.x12.parse import parse_to_dict
from schemas.x12.transactions import TRANSACTIONS
from schemas.x12.validate import validate

CORPUS = Path(__file__).parents[2] / "fuzz" / "corpus"
EXAMPLES = {identify(path.read_bytes()): path for path in sorted(CORPUS.glob("*.x12"))}


def test_each_kind_has_an_example() -> None:
    assert set(TRANSACTIONS) <= set(EXAMPLES)


@pytest.mark.parametrize("kind", TRANSACTIONS)
def test_its_example_is_read_by_its_model_and_keeps_its_rules(kind: str) -> None:
    data = EXAMPLES[kind].read_bytes()
    (read, *_) = parse_to_dict(data)["transactions"]

    assert read["kind"] == kind and "segments" not in read
    assert [finding for finding in validate(data) if finding.severity == "error"] == []


@pytest.mark.parametrize("kind", TRANSACTIONS)
def test_a_set_without_its_second_segment_breaks_a_rule_of_its_guide(kind: str) -> None:
    segments = EXAMPLES[kind].read_bytes().split(b"~")
    place = next(n for n, segment in enumerate(segments) if segment.strip().startswith(b"ST*"))

    assert [f for f in validate(b"~".join([*segments[: place + 1], *segments[place + 2 :]])) if f.severity == "error"]


def test_a_kind_that_is_none_gives_its_segments() -> None:
    data = EXAMPLES["835"].read_bytes().replace(b"ST*835*", b"ST*820*")
    (read, *_) = parse_to_dict(data)["transactions"]

    assert read["kind"] == "820" and read["segments"]
