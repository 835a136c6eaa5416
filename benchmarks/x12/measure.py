"""Runs one reader once over one file and prints {"segments", "seconds", "peak_mb"} as JSON.

    python benchmarks/x12/measure.py READER FILE

Each reader runs in a process of its own, so that its peak memory is its own. Seconds are of the processor, so that
other work on the machine counts little; imports are not timed.
"""

import json
import re
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path


def count_segments(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"~") for block in iter(lambda: file.read(1 << 20), b""))


def split_only(path: Path) -> Callable[[], object]:
    """The limit: what splitting on both separators costs in Python."""
    return lambda: sum(len(segment.split(b"*")) for segment in path.read_bytes().split(b"~"))


def tokens(path: Path) -> Callable[[], object]:
    from schemas.x12.tokens import read_segments

    def run() -> int:
        with path.open("rb") as file:
            return sum(1 for _ in read_segments(file))

    return run


def typed(path: Path) -> Callable[[], object]:
    from schemas.x12.x835_005010x221a1 import stream_835
    from schemas.x12.x837p_005010x222a1 import read_837p

    def run() -> int:
        with path.open("rb") as file:
            if "835" in path.name:
                return sum(1 for stream in stream_835(file) for _ in stream)
            return sum(1 for _ in read_837p(file))

    return run


def balanced(path: Path) -> Callable[[], object]:
    from decimal import Decimal

    from schemas.x12.x835_005010x221a1 import balance_payment, stream_835

    def run() -> int:
        claims = 0
        with path.open("rb") as file:
            for stream in stream_835(file):
                paid = Decimal(0)
                for claim in stream:
                    assert claim.balanced
                    paid += claim.paid_amount
                    claims += 1
                assert not balance_payment(stream.header, [paid], stream.provider_adjustments)
        return claims

    return run


def validated(path: Path) -> Callable[[], object]:
    from schemas.x12.validate import validate

    def run() -> int:
        with path.open("rb") as file:
            findings = validate(file)
        assert not findings, findings[0]
        return len(findings)

    return run


def written(path: Path) -> Callable[[], object]:
    """Claims to bytes, every value checked; what reads them first is not timed."""
    import datetime

    from schemas.x12.x837p_005010x222a1 import ProfessionalInterchange, read_837p, write_837p

    with path.open("rb") as file:
        claims = tuple(read.claim for read in read_837p(file))
    identity = ("P", "ZZ", "C1", "ZZ", "R1", "CLINIC", "BO", "5555550100", "CLEARING")
    interchange = ProfessionalInterchange(1, datetime.datetime(2026, 11, 20), *identity, claims=claims)
    return lambda: write_837p(interchange)


def pyx12(path: Path) -> Callable[[], object]:
    import pyx12.params
    import pyx12.x12n_document

    def run() -> bool:
        valid = pyx12.x12n_document.x12n_document(pyx12.params.params(), str(path), None, None)
        assert valid
        return bool(valid)

    return run


def x12sdk(path: Path) -> Callable[[], object]:
    from x12sdk.io import X12ModelReader

    def run() -> int:
        with X12ModelReader(str(path)) as reader:
            return sum(1 for _ in reader.models())

    return run


def edi_835_parser(path: Path) -> Callable[[], object]:
    from edi_835_parser import parse

    return lambda: parse(str(path))


def badx12(path: Path) -> Callable[[], object]:
    import collections
    import collections.abc

    collections.Iterable = collections.abc.Iterable  # type: ignore[attr-defined]  # it was written before Python 3.10
    from badx12 import Parser

    return lambda: Parser().parse_document(str(path))


READERS: dict[str, Callable[[Path], Callable[[], object]]] = {
    "split": split_only,
    "tokens": tokens,
    "typed": typed,
    "balanced": balanced,
    "validated": validated,
    "written": written,
    "pyx12": pyx12,
    "x12sdk": x12sdk,
    "edi-835-parser": edi_835_parser,
    "badx12": badx12,
}


def read_peak_megabytes() -> float:
    """The process's own peak, where the system tells it; what a parent had before does not count."""
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        if found:
            return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    source = Path(sys.argv[2])
    run = READERS[sys.argv[1]](source)
    start = time.process_time()
    run()
    seconds = time.process_time() - start
    print(json.dumps({"segments": count_segments(source), "seconds": seconds, "peak_mb": read_peak_megabytes()}))
