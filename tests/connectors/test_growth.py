"""Every reader takes time in proportion to its input: twice as much takes at most 2.6 times as long, in every shape.

Measured in processor time over a fourfold input, the best of several: a busy machine makes all of it slower, not one
size. A reader whose time grows with the square of its input takes sixteen times as long, and fails at every try.
"""

import gc
import time
from collections.abc import Callable

import pytest

from connectors.ehr.fhir import read_fhir_bundle
from connectors.ehr.hl7v2 import read_hl7_messages
from tests.connectors.fhir_shapes import FHIR
from tests.connectors.shapes import BANK, HL7, NDJSON, X12, Make, Read, read_bank, read_lines, read_x12

DOUBLING_MAX = 2.6
TRIES = 4
READERS: list[tuple[Read, dict[str, tuple[int, Make]]]] = [
    (read_bank, BANK),
    (read_lines, NDJSON),
    (read_x12, X12),
    (read_hl7_messages, HL7),
    (read_fhir_bundle, FHIR),
]
CASES = [pytest.param(read, n, make, id=name) for read, shapes in READERS for name, (n, make) in shapes.items()]
NEGLIGIBLE_SECONDS = 0.005


def take_time(read: Callable[[bytes], object], data: bytes) -> float:
    began = time.process_time()
    read(data)
    return time.process_time() - began


def grows_linearly(read: Callable[[bytes], object], make: Make, n: int) -> bool:
    small, large = make(n), make(4 * n)
    best_small = best_large = float("inf")
    gc.collect()
    gc.disable()  # it looks at all that lives, and so takes the longer the later it comes
    try:
        for _ in range(TRIES):
            best_small = min(best_small, take_time(read, small))
            best_large = min(best_large, take_time(read, large))
            if best_large <= max(best_small * DOUBLING_MAX**2, NEGLIGIBLE_SECONDS):
                return True
    finally:
        gc.enable()
    return False


@pytest.mark.parametrize(("read", "n", "make"), CASES)
def test_the_time_of_a_reader_grows_with_its_input(read: Callable[[bytes], object], n: int, make: Make) -> None:
    assert grows_linearly(read, make, n)


def test_a_reader_that_looks_at_all_for_each_is_found() -> None:
    def read(data: bytes) -> int:
        return sum(1 for _ in data for _ in data)

    assert not grows_linearly(read, lambda n: b"a" * n, 300)
