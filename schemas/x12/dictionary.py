"""The data dictionary of 005010: type and length of every element of the segments revcycle reads or writes.

Facts of ASC X12 005010 (X12.3 elements, X12.22 segments). `AN1-35` = type AN, 1 to 35 characters;
`ID2` = exactly 2; `x3` = three times in a row; `-` = not used; a lower-case word = a composite of the second table.
"""

from typing import NamedTuple


class ElementRule(NamedTuple):
    """Type (AN, ID, N0, R, DT, TM) and length of one element or component; digits only are counted for N0 and R."""

    type: str
    minimum: int
    maximum: int


SEGMENT_ROWS = """
AAA ID1 ID2x2 ID1
AK1 ID2 N01-9 AN1-12
AK2 ID3 AN4-9 AN1-35
AK9 ID1 N01-6x3 ID1-3x5
AMT ID1-3 R1-18 ID1
BHT ID4 ID2 AN1-50 DT8 TM4-8 ID2
BPR ID1-2 R1-18 ID1 ID3 ID1-10 ID2 AN3-12 ID1-3 AN1-35 AN10 AN9 ID2 AN3-12 ID1-3 AN1-35 DT8
CAS ID1-2 ID1-5 R1-18 R1-15 ID1-5 R1-18 R1-15 ID1-5 R1-18 R1-15 ID1-5 R1-18 R1-15 ID1-5 R1-18 R1-15 ID1-5 R1-18 R1-15
CL1 ID1x2 ID1-2 ID1
CLM AN1-38 R1-18 ID1-2x2 facility ID1x5 causes ID2-3 ID1 ID1-3 ID1x2 ID1-2 ID1 ID2 ID1-2
CLP AN1-38 ID1-2 R1-18x3 ID1-2 AN1-50 AN1-2 ID1 ID1-2 ID1-4 R1-15 R1-10 ID1
CN1 ID2 R1-18 R1-6 AN1-50 R1-6 AN1-30
CR1 ID2 R1-10 ID1x2 ID2 R1-15 AN1-55x2 AN1-80x2
CR2 N01-9 R1-15 ID2-3x2 ID2 R1-15x2 ID1x2 AN1-80x2 ID1
CR3 ID1 ID2 R1-15 ID1 AN1-80
CR4 ID1
CR5 ID1 R1-15 ID1x2 AN1-80 R1-15 AN1-80 R1-15x2 ID1 R1-15x2 ID1x3 R1-6 ID1x2
CR6 ID1 DT8 ID2-3 AN1-35 DT8 ID1x3 DT8
CRC ID2 ID1 ID2-3x5
CTP ID2 ID3 R1-17 R1-15 measure ID3 R1-10 R1-18 ID2 AN1-10 N01-2
CTX context ID2-3 N01-6 AN1-4 position ref_in_segment
CUR ID2-3 ID3 R4-10 ID2-3 ID3
DMG ID2-3 AN1-35 ID1x2 - ID1-2 ID2-3 ID1-2 R1-15 ID1-3 AN1-30
DN1 N01-15x2 ID1
DN2 AN1-50 ID1-2 R1-15 ID2-3 AN1-35 ID1-3
DTM ID3 DT8 TM4-8 ID2 ID2-3 AN1-35
DTP ID3 ID2-3 AN1-35
EB  ID1-3 ID3 ID1-2 ID1-3 AN1-50 ID1-2 R1-18 R1-10 ID2 R1-15 ID1x2 procedure pointers
EQ  ID1-2 procedure ID3 ID1-3 pointers
FRM AN1-20 ID1 AN1-50 DT8 R1-6
GE  N01-6 N01-9
GS  ID2 AN2-15x2 DT8 TM4-8 N01-9 ID1-2 AN1-12
HCP ID2 R1-18x2 AN1-50 R1-9 AN1-50 R1-18 AN1-48 ID2 AN1-48 ID2 R1-15 ID2 ID1-2x2
HD  ID3 ID2-3x2
HI  health_codex12
HL  AN1-12x2 ID1-2 ID1
HSD ID2 R1-15 ID2 R1-6 ID1-2 N01-3 ID1-2 ID1
IEA N01-5 N09
III ID1-3 AN1-30
IK3 ID2-3 N01-6 AN1-4 ID1-3
IK4 position N01-4 ID1-3 AN1-99
IK5 ID1 ID1-3x5
INS ID1 ID2 ID3 ID2-3 ID1 ID1-2x2 ID2 ID1x2 ID2-3 AN1-35 ID1 AN2-30x3 N01-9
ISA ID2 AN10 ID2 AN10 ID2 AN15 ID2 AN15 DT6 TM4 ID1 ID5 N09 ID1x2 AN1
K3  AN1-80 ID1-2 -
LE  AN1-4
LIN AN1-20 ID2 AN1-48 ID2 AN1-48
LQ  ID1-3 AN1-30
LS  AN1-4
LX  N01-6
MEA ID2 ID1-3 R1-20 - R1-20x2 ID2x3 ID2-4 ID1-3 AN1-30
MIA R1-15 R1-18 R1-15 R1-18 AN1-50 R1-18x9 R1-15 R1-18x4 AN1-50x4 R1-18
MOA R1-10 R1-18 AN1-50x5 R1-18x2
MPI ID1 ID2 ID1 AN1-80 ID2 ID2-3 AN1-35
MSG AN1-264 ID2 N01-9
N1  ID2-3 AN1-60 ID1-2 AN2-80 ID2 ID2-3
N2  AN1-60x2
N3  AN1-55x2
N4  AN2-30 ID2 ID3-15 ID2-3 ID1-2 AN1-30 ID1-3
NM1 ID2-3 ID1 AN1-60 AN1-35 AN1-25 AN1-10x2 ID1-2 AN2-80 ID2 ID2-3 AN1-60
NTE ID3 AN1-80
OI  ID1-2 ID2 ID1x4
PAT ID2 ID1 ID2 ID1 ID2-3 AN1-35 ID2 R1-10 ID1
PER ID2 AN1-60 ID2 AN1-256 ID2 AN1-256 ID2 AN1-256 AN1-20
PLB AN1-50 DT8 plb_reason R1-18 plb_reason R1-18 plb_reason R1-18 plb_reason R1-18 plb_reason R1-18 plb_reason R1-18
PRV ID1-3 ID2-3 AN1-50 ID2 - ID3
PS1 AN1-50 R1-18 ID2
PWK ID2 ID1-2 N01-2 ID2-3 ID1-2 AN2-80 AN1-80 - ID1-2
QTY ID2 R1-15 - AN1-30
RDM ID1-2 AN1-60 AN1-256 -x2
REF ID2-3 AN1-50 AN1-80 ref_id
SBR ID1 ID2 AN1-50 AN1-60 ID1-3 ID1x2 ID2 ID1-2
SE  N01-10 AN4-9
ST  ID3 AN4-9 AN1-35
STC status DT8 ID1-2 R1-18x2 DT8 ID3 DT8 AN1-16 statusx2 AN1-264
SV1 procedure R1-18 ID2 R1-15 AN1-2 ID1-2 pointers R1-18 ID1 ID1-2 ID1x2 ID1-2 AN1-2 ID1x2 AN1-50 ID3-15 R1-18 ID1x2
SV2 AN1-48 procedure R1-18 ID2 R1-15 R1-10 R1-18 ID1x3
SV3 procedure R1-18 AN1-2 oral ID1 N01-15
SV4 AN1-50
SV5 procedure ID2 R1-15 R1-18x2 ID1x2
SVC procedure R1-18x2 AN1-48 R1-15 procedure R1-15
SVD AN2-80 R1-18 procedure AN1-48 R1-15 N01-6
TA1 N09 DT6 TM4 ID1 ID3
TOO ID1-3 AN1-30 oral
TRN ID1-2 AN1-50 AN10 AN1-50
TS2 R1-18x6 R1-15 R1-18x2 R1-15x5 R1-18 R1-15 R1-18x3
TS3 AN1-50 AN1-2 DT8 R1-15 R1-18x18 R1-15 R1-18
"""

COMPOSITE_ROWS = """
causes ID2-3x3 ID2 ID2-3
context AN1-35x2
facility AN1-2 ID1-2 ID1
health_code ID1-3 AN1-30 ID2-3 AN1-35 R1-18 R1-15 AN1-30x2 ID1
measure ID2 R1-15 R1-10 ID2 R1-15 R1-10 ID2 R1-15 R1-10 ID2 R1-15 R1-10 ID2 R1-15 R1-10
oral ID1-3x5
plb_reason ID2 AN1-50
pointers N01-2x4
position N01-2x2 N01-4
procedure ID2 AN1-48 AN2x4 AN1-80 AN1-48
ref_id ID2-3 AN1-50 ID2-3 AN1-50 ID2-3 AN1-50
ref_in_segment N01-4x2
status AN1-30x2 ID2-3 ID1-3
"""


def _expand(words: list[str]) -> list[str]:
    """['R1-18', 'ID2x3'] -> ['R1-18', 'ID2', 'ID2', 'ID2']."""
    expanded: list[str] = []
    for word in words:
        kind, times, count = word.rpartition("x")
        expanded.extend([kind] * int(count) if times and count.isdigit() else [word])
    return expanded


def _read_rule(word: str) -> ElementRule | None:
    if word == "-":
        return None
    kind = "R" if word[0] == "R" else word[:2]
    minimum, _, maximum = word[len(kind) :].partition("-")
    return ElementRule(kind, int(minimum), int(maximum or minimum))


def _read_table() -> dict[str, tuple[tuple[ElementRule | None, ...], ...]]:
    composites = {}
    for row in COMPOSITE_ROWS.strip().splitlines():
        name, *words = row.split()
        composites[name] = tuple(_read_rule(word) for word in _expand(words))
    table = {}
    for row in SEGMENT_ROWS.strip().splitlines():
        segment_id, *words = row.split()
        table[segment_id] = tuple(
            composites[word] if word in composites else (_read_rule(word),) for word in _expand(words)
        )
    return table


# Segment id -> for each element the rules of its components (one for a simple element).
SEGMENTS = _read_table()


def show_place(segment_id: str, element: str = "") -> str:
    """A segment or its element as a finding may name it. An id that is none of X12's is a piece of a value that held a
    terminator, and may be a patient's."""
    return element or segment_id if segment_id in SEGMENTS else "a segment without a name of X12"


# The elements that may be repeated, and how often.
REPEATS = {("EB", 3): 99, ("EQ", 1): 99, ("CTX", 1): 10, ("DMG", 5): 10}


def _longest(segment_id: str, position: int, rules: tuple[ElementRule | None, ...]) -> int:
    signs = {"R": 2, "N0": 1}  # a minus and a decimal point are not counted as characters of a number
    one = sum(rule.maximum + signs.get(rule.type, 0) for rule in rules if rule) + len(rules) - 1
    return (one + 1) * REPEATS.get((segment_id, position), 1) - 1


# Segment id -> for each element the longest text that its components and repetitions can make, separators included.
MAX_LENGTHS = {
    segment_id: tuple(_longest(segment_id, position, rules) for position, rules in enumerate(elements, 1))
    for segment_id, elements in SEGMENTS.items()
}
