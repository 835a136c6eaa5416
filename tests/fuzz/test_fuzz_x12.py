"""The fuzz target in small: our own files cut at every byte, mutated, and grammar-made ones: no other error."""

import datetime
import importlib.util
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.x12.acknowledge import acknowledge
from schemas.x12.parse import parse_to_dict
from schemas.x12.validate import validate
from tests.growth import grows_linearly

HERE = Path(__file__).parent
SEEDS = sorted((HERE / "corpus").glob("*.x12"))
TOKENS = [
    b"*",
    b"~",
    b":",
    b"^",
    b"\r\n",
    b"\0",
    b"ISA*",
    b"~ST*835*1~",
    b"~SE*1*1~",
    b"~CLP*",
    b"~HL*1**20*1~",
    b"9" * 30,
    b"-",
    b"\xff",
    b"NaN",
]


def load_target() -> Callable[[bytes], None]:
    spec = importlib.util.spec_from_file_location("fuzz_x12", HERE / "fuzz_x12.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    target: Callable[[bytes], None] = module.read_everything
    return target


read_everything = load_target()


def acknowledge_it(data: bytes) -> object:
    return acknowledge(data, datetime.date(2026, 11, 20))


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: str(seed.stem))
def test_each_seed_is_read(seed: Path) -> None:
    assert [f for f in validate(seed.read_bytes()) if f.severity == "error"] == []
    read_everything(seed.read_bytes())


@pytest.mark.parametrize("seed", [s for s in SEEDS if s.stat().st_size < 1_500], ids=lambda seed: str(seed.stem))
def test_small_files_cut_at_every_byte(seed: Path) -> None:
    data = seed.read_bytes()
    for end in range(len(data)):
        read_everything(data[:end])


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: str(seed.stem))
def test_mutated_files(seed: Path) -> None:
    dice = random.Random(seed.stem)
    data = seed.read_bytes()[:6_000]
    for _ in range(25):
        mutated = bytearray(data)
        for _ in range(dice.randint(1, 6)):
            place = dice.randrange(len(mutated))
            token = dice.choice(TOKENS)
            match dice.randrange(3):
                case 0:
                    mutated[place : place + len(token)] = token
                case 1:
                    mutated[place:place] = token
                case _:
                    del mutated[place : place + dice.randint(1, 40)]
        read_everything(bytes(mutated))


TEXT = """
HL*1**20*1 HL*2*1*22*0 HL*3*9*23 NM1*85*2*X NM1*IL*1 NM1*PR NM1 N3 N4*A*B*C REF*F8*X REF REF*6R
CLM*A*1***11:B:1 CLM HI*ABK:X HI LX*1 LX SV1*HC:1*1*UN*1***1:9 SV2*1**1 DTP*472*D8*20261301 DTP SBR
CAS*CO*1*X CAS*CO*1*1*1*2*2 SVD*A*1 CLP*A*1*1*1 CLP SVC*HC:1*1*1 SVC PLB*1*1*WO:1*1*L6 PLB AMT*D*1 AMT
TRN BPR*I*1 LQ*HE*1 MIA*1 MOA OI EQ*30^X EB*1**30 LS*2120 LE*2120 AAA STC*A1:20 STC AK1*HC*1 AK2*837*1
IK3*CLM*1**8 IK4*1*1*7 IK5*A AK9*A*1*1*1 TA1*1*1*1*A*000 QTY ZZZ ST*835*2 SE*1*2 GE*1*1 IEA*1*1
GS*HP*A*B*1*1*1*X*005010X221A1 LIN**N4*1 CTP****1*UN PWK*OZ*EL
"""
GUIDES = (
    ("835", "005010X221A1"),
    ("837", "005010X222A1"),
    ("837", "005010X223A2"),
    ("277", "005010X214"),
    ("277", "005010X212"),
    ("276", "005010X212"),
    ("271", "005010X279A1"),
    ("270", "005010X279A1"),
    ("999", "005010X231A1"),
)


@settings(max_examples=60)
@given(st.lists(st.sampled_from(TEXT.split()), max_size=40), st.sampled_from(GUIDES))
def test_segments_in_any_order(segments: list[str], kind: tuple[str, str]) -> None:
    isa = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *261120*1405*^*00501*000000001*0*P*:"
    rows = [isa, f"GS*XX*A*B*20261120*1405*1*X*{kind[1]}", f"ST*{kind[0]}*0001*{kind[1]}", *segments]
    rows += [f"SE*{len(segments) + 2}*0001", "GE*1*1", "IEA*1*000000001", ""]
    read_everything("~".join(rows).encode())


@pytest.mark.parametrize("reader", [parse_to_dict, validate], ids=["parse", "validate"])
@pytest.mark.parametrize("kind", ["835", "837p", "837i"])
def test_the_time_of_a_file_grows_with_its_size(reader: Callable[[bytes], object], kind: str) -> None:
    data = (HERE / "corpus" / f"{kind}.x12").read_bytes()
    start, end = data.index(b"ST*"), data.index(b"GE*")
    body = data[start:end]

    def make(count: int) -> bytes:
        return data[:start] + body * count + data[end:]

    assert grows_linearly(reader, make, max(1, 30_000 // len(body)))


@pytest.mark.parametrize(
    ("kind", "repeated", "reader"),
    [
        ("999", b"IK4", parse_to_dict),
        ("277ca", b"STC", parse_to_dict),
        ("277", b"STC", parse_to_dict),
        ("271", b"EB", parse_to_dict),
        ("837p", b"LX", parse_to_dict),
        ("835", b"ISA", acknowledge_it),
        ("835", b"GS", acknowledge_it),
    ],
)
def test_a_segment_without_end_takes_time_in_proportion(
    kind: str, repeated: bytes, reader: Callable[[bytes], object]
) -> None:
    segments = (HERE / "corpus" / f"{kind}.x12").read_bytes().replace(b"~\n", b"~").split(b"~")
    place = next(n for n, segment in enumerate(segments) if segment.startswith(repeated + b"*"))

    def make(count: int) -> bytes:
        return b"~".join([*segments[:place], *[segments[place]] * count, *segments[place + 1 :]])

    assert grows_linearly(reader, make, 1_500)


@pytest.mark.parametrize("kind", ["270", "276"])
def test_levels_without_end_are_read(kind: str) -> None:
    segments = (HERE / "corpus" / f"{kind}.x12").read_bytes().replace(b"~\n", b"~").split(b"~")
    place = next(n for n, segment in enumerate(segments) if segment.startswith(b"HL*"))
    levels = [b"HL*%d*%d*22*1" % (n, n - 1) for n in range(1, 5_000)]
    read_everything(b"~".join([*segments[:place], *levels, *segments[place:]]))
