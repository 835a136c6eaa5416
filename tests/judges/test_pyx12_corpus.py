"""pyx12 finds no error in hundreds of claims, each its own mixture of optional loops, nor in our answers to them.

REVCYCLE_CORPUS_CLAIMS sets how many (`make judge-x12`: ten thousand); the default is a dose for every run.
"""

import datetime
import os
import random
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar

import pytest

from schemas.x12.acknowledge import acknowledge
from schemas.x12.validate import validate
from schemas.x12.writer import InterchangeHeader
from schemas.x12.x277ca_005010x214 import write_277ca
from schemas.x12.x837i_005010x223a2 import read_837i, write_837i
from schemas.x12.x837p_005010x222a1 import read_837p, write_837p
from schemas.x12.x999_005010x231a1 import write_999
from tests.x12_examples import institutional, professional
from tests.x12_examples.corpus import make_institutional_claims, make_professional_claims

Judge = Callable[[bytes], list[str]]
Claim = TypeVar("Claim")
CLAIMS = int(os.environ.get("REVCYCLE_CORPUS_CLAIMS", "300"))
CLAIMS_PER_FILE = 25
GOLDEN = Path(__file__).parents[1] / "fuzz" / "corpus"
DAY = datetime.date(2026, 11, 20)
HEADER = InterchangeHeader("PAYER", "CLINIC", DAY, datetime.time(14, 5), 1)


def batches(claims: Iterator[Claim]) -> Iterator[tuple[Claim, ...]]:
    while batch := tuple(islice(claims, CLAIMS_PER_FILE)):
        yield batch


@pytest.mark.timeout(3600)
def test_professional_claims(judge: Judge) -> None:
    for batch in batches(make_professional_claims(CLAIMS)):
        data = write_837p(professional.interchange(*batch))
        assert judge(data) == []
        assert validate(data, strict=True) == []
        assert tuple(read.claim for read in read_837p(data)) == batch


@pytest.mark.timeout(3600)
def test_institutional_claims(judge: Judge) -> None:
    for batch in batches(make_institutional_claims(CLAIMS // 3)):
        data = write_837i(institutional.interchange(*batch))
        assert judge(data) == []
        assert validate(data, strict=True) == []
        assert tuple(read.claim for read in read_837i(data)) == batch


@pytest.mark.parametrize("kind", ["837p", "837i", "835", "999", "277ca"])
def test_the_golden_files(judge: Judge, kind: str) -> None:
    assert judge((GOLDEN / f"{kind}.x12").read_bytes()) == []


@pytest.mark.timeout(3600)
def test_answers_to_claims_with_faults(judge: Judge) -> None:
    """Each file with one segment left out or one element spoilt: what we answer is clean all the same."""
    dice = random.Random(1)
    rejected = 0
    for batch in batches(make_professional_claims(CLAIMS)):
        segments = write_837p(professional.interchange(*batch)).split(b"~\n")
        place = dice.randrange(3, len(segments) - 4)
        if dice.random() < 0.5:
            del segments[place]
        else:
            elements = segments[place].split(b"*")
            elements[dice.randrange(1, len(elements))] = b"QQ9"
            segments[place] = b"*".join(elements)
        answers = acknowledge(b"~\n".join(segments), DAY)
        assert answers.interchanges
        rejected += sum(group.status == "R" for group in answers.groups)
        for written in (
            write_999(HEADER, answers.groups),
            write_277ca(HEADER, answers.batches) if answers.batches else b"",
        ):
            assert not written or judge(written) == []
    assert rejected, "a fault that the guide knows rejects its set"
