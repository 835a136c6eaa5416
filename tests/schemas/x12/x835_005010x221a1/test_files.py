"""835 files: the verdicts of an independent balance check, parse -> write -> parse, and pyx12 on what we write."""

import csv
import tracemalloc
from collections.abc import Callable
from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import given, settings

from schemas.x12.writer import InterchangeHeader
from schemas.x12.x835_005010x221a1 import Remittance, read_835, stream_835, write_835
from tests.x12_examples.remittances import remittances

Samples = Callable[..., list[tuple[str, bytes, dict[str, str]]]]


def test_verdicts_equal_the_independent_check(samples: Samples) -> None:
    files = {path: data for path, data, _ in samples("835")}
    table = Path(__file__).parents[5] / "shared" / "data" / "x12" / "balance835.csv"
    for row in csv.DictReader(table.open()):
        remittance = list(read_835(files[row["path"]]))[int(row["st_index"]) - 1]
        levels = [imbalance.level for imbalance in remittance.imbalances()]
        found = ("transaction" not in levels, levels.count("claim"), levels.count("line"))
        said = (row["balanced_tx"] == "True", int(row["n_clp_unbalanced"]), int(row["n_svc_unbalanced"]))
        assert found == said, row["path"]
        assert len(remittance.claims) == int(row["n_clp"])
        assert sum(len(claim.services) for claim in remittance.claims) == int(row["n_svc"])


def test_parse_write_parse_gives_equal_objects(samples: Samples, header: InterchangeHeader) -> None:
    for path, data, _ in samples("835"):
        remittances = list(read_835(data))
        written = write_835(header, remittances)
        again = list(read_835(written))
        if "edi835-demo" in path:  # its PLB03 uses another component separator than its ISA16 says
            assert [r.claims for r in again] == [r.claims for r in remittances]
        else:
            assert again == remittances, path
        assert write_835(header, again) == written


def test_a_stream_gives_the_same_claims_and_ends_with_the_same_verdict(samples: Samples) -> None:
    for _, data, _ in samples("835"):
        for stream, remittance in zip(stream_835(data), read_835(data), strict=True):
            assert tuple(stream) == remittance.claims
            assert stream.finish(remittance.claims) == remittance


@settings(max_examples=40)
@given(remittances())
def test_whatever_is_written_is_read_back_balanced_and_clean_to_pyx12(
    judge: Callable[[bytes], list[str]], remittance: Remittance
) -> None:
    interchange = InterchangeHeader("PAYER", "CLINIC", date(2026, 11, 20), time(14, 5), 1)
    data = write_835(interchange, [remittance])
    (again,) = read_835(data)
    assert again == remittance
    assert again.postable and again.findings == ()
    assert judge(data) == []


def test_a_set_twice_as_long_takes_no_more_memory(wrap: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schemas.x12.blocks.BLOCK_BYTES", 16 * 1024)  # so that a small file has many blocks
    claim = ("CLP*{n}*1*200*150*50*12*ICN{n}*11*1", "NM1*QC*1*DOE*ANN", "SVC*HC:99213*200*150**1", "CAS*PR*1*50")

    def measure(count: int) -> int:
        """The most memory that is held while the claims of one ST pass, in bytes."""
        rows = [text.format(n=n) for n in range(count) for text in claim]
        data = wrap("BPR*I*1*C*ACH************20261120", "TRN*1*E*1", "LX*1", *rows)
        tracemalloc.start()
        try:
            assert [sum(1 for _ in stream) for stream in stream_835(data)] == [count]
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    measure(2_000)  # fills the caches of values
    assert measure(8_000) < measure(4_000) + 100_000
