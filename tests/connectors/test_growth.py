"""Every reader takes time in proportion to its input: twice as much takes at most 2.6 times as long, in every shape."""

from collections.abc import Callable

import pytest

from connectors.ehr.fhir import read_fhir_bundle
from connectors.ehr.hl7v2 import read_hl7_messages
from tests.connectors.fhir_shapes import FHIR
from tests.connectors.shapes import BANK, HL7, NDJSON, X12, Make, Read, read_bank, read_lines, read_x12
from tests.growth import grows_linearly

READERS: list[tuple[Read, dict[str, tuple[int, Make]]]] = [
    (read_bank, BANK),
    (read_lines, NDJSON),
    (read_x12, X12),
    (read_hl7_messages, HL7),
    (read_fhir_bundle, FHIR),
]
CASES = [pytest.param(read, n, make, id=name) for read, shapes in READERS for name, (n, make) in shapes.items()]


@pytest.mark.parametrize(("read", "n", "make"), CASES)
def test_the_time_of_a_reader_grows_with_its_input(read: Callable[[bytes], object], n: int, make: Make) -> None:
    assert grows_linearly(read, make, n)


def test_a_reader_that_looks_at_all_for_each_is_found() -> None:
    def read(data: bytes) -> int:
        return sum(1 for _ in data for _ in data)

    assert not grows_linearly(read, lambda n: b"a" * n, 300)
