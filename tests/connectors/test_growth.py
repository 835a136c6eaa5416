"""Telling what a document is, and reading it, takes time in proportion to it: twice as much takes at most 2.6 times as
long, in every shape."""

import pytest

from tests.connectors.fhir_shapes import FHIR
from tests.connectors.shapes import BAI2, CSV, HL7, JSON, NDJSON, X12, Make
from tests.growth import grows_linearly
from tests.receiving import find_kind, read_as

SHAPES: list[tuple[str, dict[str, tuple[int, Make]]]] = [
    ("BAI2", BAI2), ("deposits", CSV), ("ndjson", NDJSON | JSON), ("835", X12), ("hl7", HL7), ("fhir", FHIR),
]  # fmt: skip
CASES = [pytest.param(kind, n, make, id=name) for kind, shapes in SHAPES for name, (n, make) in shapes.items()]


@pytest.mark.parametrize(("kind", "n", "make"), CASES)
def test_the_time_of_a_reader_grows_with_its_input(kind: str, n: int, make: Make) -> None:
    def read(data: bytes) -> None:
        find_kind(data)
        read_as(kind, data)

    assert grows_linearly(read, make, n)


def test_a_reader_that_looks_at_all_for_each_is_found() -> None:
    def read(data: bytes) -> int:
        return sum(1 for _ in data for _ in data)

    assert not grows_linearly(read, lambda n: b"a" * n, 300)
