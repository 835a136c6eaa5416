"""Builders of X12 text, and the real sample files."""

import csv
import datetime
import functools
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.x12.writer import InterchangeHeader

SAMPLES = Path(__file__).parents[4] / "shared" / "data" / "x12"
ISA = "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *261120*1405*^*00501*000000001*0*T*:~"


@pytest.fixture
def header() -> InterchangeHeader:
    return InterchangeHeader("PAYER", "CLINIC", datetime.date(2026, 11, 20), datetime.time(14, 5), 1)


def _wrap(*segments: str, set_id: str = "835", version: str = "005010X221A1", code: str = "HP") -> bytes:
    """One interchange with one set of the given segments, its counts right."""
    body = "".join(f"{segment}~" for segment in segments)
    implementation = f"*{version}" if set_id != "835" else ""
    return (
        f"{ISA}GS*{code}*PAYER*CLINIC*20261120*1405*1*X*{version}~ST*{set_id}*0001{implementation}~{body}"
        f"SE*{len(segments) + 2}*0001~GE*1*1~IEA*1*000000001~"
    ).encode()


@pytest.fixture
def wrap() -> Callable[..., bytes]:
    return _wrap


@functools.cache
def _manifest() -> tuple[dict[str, str], ...]:
    path = SAMPLES / "manifest.csv"
    return tuple(csv.DictReader(path.open())) if path.exists() else ()


@pytest.fixture
def samples() -> Callable[..., list[tuple[str, bytes, dict[str, str]]]]:
    """samples("835") -> [(path, bytes, manifest row)]; skips in a clone without the shared folder."""

    def read(*kinds: str) -> list[tuple[str, bytes, dict[str, str]]]:
        if not _manifest():
            pytest.skip("the shared sample files (../shared/data/x12) are not here")
        rows = [row for row in _manifest() if not kinds or row["kind"] in kinds]
        assert rows
        return [(row["path"], (SAMPLES / row["path"]).read_bytes(), row) for row in rows]

    return read
