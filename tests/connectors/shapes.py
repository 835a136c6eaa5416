"""Files of every shape that a reader may meet, in any size: what `n` counts is in each name."""

import json
from collections.abc import Callable
from typing import Any

from connectors.demo import generate_encounters

Make = Callable[[int], bytes]


BAI = b"01,A,B,261001,0800,1,80,1,2/\n02,A,B,1,261001,,USD,2/\n03,1,USD"
END = b"49,0,2/\n98,0,1,4/\n99,0,1,6/\n"
HEADER = b"deposited_on,amount"
BAI2: dict[str, tuple[int, Make]] = {
    "BAI2, empty continuations": (20_000, lambda n: BAI + b"/\n" + b"88,\n" * n + END),
    "BAI2, text over lines": (20_000, lambda n: BAI + b"/\n16,165,5,Z,1,2,\n" + b"88,text goes on\n" * n + END),
    "BAI2, fields over lines": (10_000, lambda n: BAI + b"/\n" + b"88,1,2/\n" * n + END),
    "BAI2, transactions": (3_000, lambda n: BAI + b"/\n" + b"16,165,5,Z,1,2,text/\n" * n + END),
    "BAI2, groups": (
        5_000,
        lambda n: BAI + b"/\n" + END[:18] + b"02,A,B,1,261001,,USD,2/\n98,0,0,2/\n" * n + b"99,0,0,0/\n",
    ),
    "BAI2, fields": (60_000, lambda n: BAI + b",1" * n + b"/\n" + END),
    "BAI2, summaries": (20_000, lambda n: BAI + b",010,5,," * n + b"/\n" + END),
    "BAI2, pairs of availability": (20_000, lambda n: BAI + b",010,5,,D,%d" % n + b",0,5" * n + b"/\n" + END),
    "BAI2, type codes": (4_000, lambda n: BAI + b"/\n" + b"".join(b"16,x%d,5\n" % i for i in range(n)) + END),
}
CSV: dict[str, tuple[int, Make]] = {
    "CSV, rows": (1_000, lambda n: HEADER + b"\n" + b"2026-11-01,5.00\n" * n),
    "CSV, bad rows": (20_000, lambda n: HEADER + b"\n" + b"x\n" * n),
    "CSV, blank space first": (100_000, lambda n: b"\n " * n + HEADER + b"\n"),
    "CSV, a long header": (100_000, lambda n: HEADER + b";" * n + b"\n"),
    "CSV, columns": (40_000, lambda n: HEADER + b"".join(b",x%d" % i for i in range(n)) + b"\n" + b"," * n + b"\n"),
    "CSV, columns and short rows": (3_000, lambda n: HEADER + b",x" * n + b"\n" + b"2026-11-01,5\n" * n),
    "CSV, an open quote": (100_000, lambda n: HEADER + b'\n"2026' + b'""\n' * n),
    "CSV, blank lines": (100_000, lambda n: HEADER + b"\n" * n),
}

ENCOUNTER = next(iter(generate_encounters(1, 1))).model_dump(mode="json")


def line(**changes: Any) -> bytes:
    return json.dumps({**ENCOUNTER, **changes}).encode() + b"\n"


def repeat(key: str, n: int) -> bytes:
    return line(**{key: [{**ENCOUNTER[key][0], "line_id": str(i)} for i in range(n)]})


NDJSON: dict[str, tuple[int, Make]] = {
    "NDJSON, lines": (200, lambda n: line() * n),
    "NDJSON, bad lines": (1_500, lambda n: b"{}\n" * n),
    "NDJSON, blank lines": (100_000, lambda n: b"\n" * n),
    "JSON, keys": (5_000, lambda n: b"{" + b",".join(b'"k%d":1' % i for i in range(n)) + b"}\n"),
    "JSON, keys and a double": (20_000, lambda n: b"{" + b",".join(b'"k%d":1' % i for i in range(n)) + b',"k9":2}\n'),
    "JSON, nesting": (50_000, lambda n: b'{"a":' * n + b"1" + b"}" * n),
    "JSON, escapes in a string": (300_000, lambda n: b'{"a":"' + b'\\"' * n),
    "JSON, quotes": (300_000, lambda n: b'{"a":' + b'"' * n),
    "JSON, digits": (500_000, lambda n: b'{"a":' + b"9" * n + b"}\n"),
    "JSON, decimals": (500_000, lambda n: b'{"a":0.' + b"9" * n + b"}\n"),
    "NDJSON, services": (300, lambda n: repeat("services", n)),
    "NDJSON, coverages": (500, lambda n: repeat("coverages", n)),
    "NDJSON, a long text": (500_000, lambda n: line(version="x" * n)),
    "NDJSON, pieces": (100_000, lambda n: b"{\n" * n),
}
# One document over many lines, records among pieces, and what tells itself late or never.
JSON: dict[str, tuple[int, Make]] = {
    "JSON, a late key": (10_000, lambda n: b'{\n"a":[\n' + b'{"b":\n1},\n' * n + b'{}],\n"resourceType":"Bundle"}'),
    "JSON, cut off": (10_000, lambda n: b'{\n"a":[\n' + b'{"b":\n1},\n' * n),
    "JSON, a list of lines": (20_000, lambda n: b"[\n" + b'{"a":1},\n' * n + b'{"a":1}\n]'),
    "JSON, broken records": (20_000, lambda n: b'{"a\n' * n),
    "JSON, a record at the end": (20_000, lambda n: b'{"a\n' * n + b'{"a":1}'),
    "JSON, records and brackets": (10_000, lambda n: b"[\n" + b'{"a":1}\n\n]' * n),
    "JSON, records and blank lines": (10_000, lambda n: b"[\n" + b'{"a":1}' + b"\n" * n + b"]"),
    "JSON, brackets": (200_000, lambda n: b'{"a":\n' + b"[" * n),
    "JSON, closed brackets": (200_000, lambda n: b'{"a":\n' + b"}" * n),
    "JSON, blank space": (500_000, lambda n: b" \n" * n + b"{}"),
    "JSON, byte order marks": (200_000, lambda n: b"\xef\xbb\xbf" * n + b"{}"),
    "JSON, backslashes": (200_000, lambda n: b'{"a":\n"' + b"\\" * n),
    "JSON, keys with escapes": (5_000, lambda n: b"{\n" + b'"\\u0041":1,\n' * n + b"}"),
}

ISA = b"ISA*00*          *00*          *ZZ*A              *ZZ*B              *260101*1200*^*00501*000000001*0*T*:~"
GUIDES = {
    "835": (b"HP", b"005010X221A1"), "999": (b"FA", b"005010X231A1"), "277": (b"HN", b"005010X214"),
}  # fmt: skip
SEGMENTS = (
    "CLP*1*1*100*100**12*1", "SVC*HC:99213*1*1", "CAS*CO*45*1", "PLB*1*20261231*WO:1*1", "N1*PR*X", "REF*EV*1",
    "LX*1", "DTM*405*20260101", "AK2*837*0001", "AK9*A*1*1*1", "IK3*CLM*1**8", "IK4*1*1*1", "HL*1**20*1",
    "STC*A1:20*20260101*WQ*100", "TRN*1*1", "NM1*QC*1*A", "QTY*90*1", "TA1*000000001*260101*1200*A*000", "AMT*AU*1",
    "MOA**1", "CTX*SITUATIONAL TRIGGER*CLM*1",
)  # fmt: skip


def set_of(kind: str, body: bytes) -> bytes:
    group, guide = GUIDES[kind]
    head = b"GS*" + group + b"*A*B*20260101*1200*1*X*" + guide + b"~ST*" + kind.encode() + b"*0001*" + guide + b"~"
    return ISA + head + body + b"SE*9*0001~GE*1*1~IEA*1*000000001~"


GS = b"GS*FA*A*B*20260101*1200*1*X*005010X231A1~"
CLP = b"CLP*1*1*100*100**12*1~"
X12: dict[str, tuple[int, Make]] = {
    "X12, ISAs": (4_000, lambda n: ISA * n),
    "X12, interchanges": (3_000, lambda n: (ISA + b"IEA*0*000000001~") * n),
    "X12, stray segments": (20_000, lambda n: ISA + b"A~" * n),
    "X12, groups": (2_000, lambda n: ISA + (GS + b"GE*0*1~") * n),
    "X12, open groups": (2_000, lambda n: ISA + GS * n),
    "X12, sets": (300, lambda n: ISA + GS + b"ST*835*0001~SE*2*0001~" * n),
    "X12, one segment": (900_000, lambda n: ISA + b"A" * n),
    "X12, elements": (300_000, lambda n: ISA + b"N1" + b"*" * n + b"~"),
    "X12, blanks": (900_000, lambda n: ISA + b" " * n),
    "X12, line ends": (60_000, lambda n: ISA + b"\n~" * n),
    "X12, padding": (900_000, lambda n: ISA + b"\0" * n),
    "X12, Latin-1": (10_000, lambda n: ISA + b"N1*\xe9~" * n),
    "835, adjustments in a CAS": (20_000, lambda n: set_of("835", CLP + b"CAS*CO" + b"*45*1*" * n + b"~")),
    "835, components": (200_000, lambda n: set_of("835", CLP + b"SVC*HC" + b":" * n + b"~")),
    "835, services of a claim": (2_000, lambda n: set_of("835", CLP + b"SVC*HC:99213*1*1~" * n)),
}


def repeat_segment(kind: str, text: str) -> Make:
    return lambda n: set_of(kind, (text + "~").encode() * n)


X12 |= {
    f"{kind}, {text.partition('*')[0]}": (2_000, repeat_segment(kind, text)) for kind in GUIDES for text in SEGMENTS
}

MSH = b"MSH|^~\\&|A|B|C|D|20260101||DFT^P03|1|P|2.5\r"
PID = b"PID|1||%s||%s^Jane||19800101|F\rPV1|1|O|||||||||||||||||V1\r"
HEAD = MSH + PID % (b"7^^^A^MR", b"Doe")
FT1 = b"FT1|1|T1||20260101||CG|99213|||1|100|||||||E11.9^x^I10\r"
HL7: dict[str, tuple[int, Make]] = {
    "HL7, messages": (300, lambda n: (HEAD + FT1) * n),
    "HL7, empty messages": (1_500, lambda n: MSH * n),
    "HL7, charges": (400, lambda n: HEAD + FT1 * n),
    "HL7, diagnoses": (600, lambda n: HEAD + FT1 + b"".join(b"DG1|1||E%d.9^x^I10|||F\r" % i for i in range(n))),
    "HL7, charges with diagnoses": (400, lambda n: HEAD + b"".join(FT1.replace(b"11", b"%d" % i) for i in range(n))),
    "HL7, coverages": (600, lambda n: HEAD + FT1 + b"IN1|1|A|P|Payer\r" * n),
    "HL7, procedures": (600, lambda n: HEAD + FT1 + b"PR1|1||99213^x^C4||20260101\r" * n),
    "HL7, other segments": (10_000, lambda n: HEAD + FT1 + b"ZZZ|1\r" * n),
    "HL7, fields": (300_000, lambda n: HEAD + FT1 + b"ZZZ" + b"|" * n),
    "HL7, repetitions": (300_000, lambda n: MSH + PID % (b"~" * n, b"Doe") + FT1),
    "HL7, components": (300_000, lambda n: MSH + PID % (b"7" + b"^" * n, b"Doe") + FT1),
    "HL7, subcomponents": (300_000, lambda n: MSH + PID % (b"7" + b"&" * n, b"Doe") + FT1),
    "HL7, escapes": (300_000, lambda n: MSH + PID % (b"7", b"\\" * n) + FT1),
    "HL7, line ends": (300_000, lambda n: HEAD + FT1 + b"\r" * n),
    "HL7, line feeds": (300_000, lambda n: HEAD + FT1 + b"\n" * n),
    "HL7, typed line feeds": (100_000, lambda n: HEAD + FT1[:-1] + b"|a\n" * n),
    "HL7, open frames": (1_500, lambda n: (b"\x0b" + MSH) * n),
    "HL7, ends of frames": (100_000, lambda n: HEAD + FT1 + b"\x1c" * n),
    "HL7, batches": (5_000, lambda n: (b"BHS|^~\\&|A\r" + b"BTS|1\r") * n),
    "HL7, lines that are no segments": (50_000, lambda n: HEAD + FT1 + b"\rx" * n),
    "HL7, frames": (100_000, lambda n: HEAD + FT1 + b"\x0b\r" * n),
}
