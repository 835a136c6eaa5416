"""Sixty entries that nobody should find in an inbox, for both engines."""

import os
import random
import socket
import zlib
from collections.abc import Callable
from pathlib import Path

BAI_HEAD = b"01,A,B,261001,0800,1,80,1,2/\n02,A,B,1,261001,,USD,2/\n"
BAI_TAIL = b"49,0,2/\n98,0,1,4/\n99,0,1,6/\n"
ISA = b"ISA*00*          *00*          *ZZ*A              *ZZ*B              *260101*1200*^*00501*000000001*0*T*:~"
BUNDLE = b'{"resourceType": "Bundle", "type": "batch", "entry": '
MSH = b"MSH|^~\\&|A|B|C|D|20260101||DFT^P03|1|P|2.5\r"
_noise = random.Random(1)

CONTENTS: dict[bytes, bytes] = {
    # numbers beyond any type, and counts that go backwards
    b"backwards.bai": BAI_HEAD + b"03,1,USD,100,9,D,-7,-9/\n" + BAI_TAIL,
    b"forever.bai": BAI_HEAD + b"03,1,USD,010,5,D,-9,D,-9,D,-9/\n" + BAI_TAIL,
    b"huge-count.bai": BAI_HEAD + b"03,1,USD,010,5,D,99999999999999999/\n" + BAI_TAIL,
    b"transaction.bai": BAI_HEAD + b"03,1,USD/\n16,165,5,D,-99999/\n" + BAI_TAIL,
    b"continued.bai": BAI_HEAD + b"88,\n" * 20_000 + BAI_TAIL,
    b"exponent.ndjson": b'{"units": 1E999999999999999999999}\n',
    b"negative.ndjson": b'{"units": -1E-999999999999999999999}\n',
    b"digits.ndjson": b'{"units": ' + b"9" * 100_000 + b"}\n",
    b"surrogate.ndjson": b'{"source_system": "\\ud800"}\n',
    b"nul.ndjson": b'{"source_system": "\\u0000"}\n',
    b"nan.ndjson": b'{"source_system": NaN}\n',
    b"line.ndjson": b"{" + b"x" * 5_000_000 + b"\n",
    b"bad-lines.ndjson": b"{\n" * 100_000,
    # deep and wide
    b"deep.json": BUNDLE + b"[" * 50_000 + b"]" * 50_000 + b"}",
    b"objects.json": BUNDLE + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}",
    b"wide.json": BUNDLE + b"[" + b"{}," * 250_000 + b"{}]}",
    b"values.json": BUNDLE + b"[" + b"0.1," * 5_000_000 + b"1]}",
    b"keys.json": b'{"resourceType": "Bundle", ' + b",".join(b'"k%d": 1' % n for n in range(50_000)) + b', "k1": 2}',
    b"deep.xml": b"<a>" * 200_000,
    b"laughs.xml": b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a>&c;</a>',
    # half and broken
    b"isa.835": ISA[:50],
    b"isa-only.835": ISA,
    b"terminator.835": ISA[:-1] + b"A" + b"x" * 5_000_000,
    b"stray.835": ISA + b"A~" * 300_000,
    b"isas.835": ISA * 3_000,
    b"utf16.835": ISA.decode().encode("utf-16"),
    b"ebcdic.835": ISA.decode().encode("cp037"),
    b"msh.hl7": b"MSH|^~\\&|",
    b"messages.hl7": MSH * 20_000,
    b"fields.hl7": MSH + b"FT1" + b"|" * 500_000 + b"\r",
    b"repetitions.hl7": MSH + b"PID|1||" + b"~" * 500_000 + b"\r",
    b"quoted.csv": b'"deposited_on,amount"\n"2026-11-01,5.00"\n',
    b"open-quote.csv": b'deposited_on,amount\n"2026-11-01,5.00\n' + b"x\n" * 50_000,
    b"columns.csv": b"deposited_on,amount" + b",x" * 100_000 + b"\n" + b"," * 100_000 + b"\n",
    b"nul.csv": b"deposited_on,amount\n\x00,5.00\n",
    b"latin.csv": b"deposited_on,amount,description\n2026-11-01,5.00,caf\xe9\n",
    b"field.csv": b"deposited_on,amount\n2026-11-01," + b"5" * 200_000 + b"\n",
    # wrapped
    b"encrypted.zip": b"PK\x03\x04\x14\x00\x01\x00\x08\x00" + b"\x00" * 40,
    b"broken.zip": b"PK\x05\x06" + b"\xff" * 100,
    b"broken.gz": b"\x1f\x8b\x08\x00" + zlib.compress(b"x" * 1000)[:-5],
    b"picture.png": b"\x89PNG\r\n\x1a\n" + _noise.randbytes(1000),
    b"noise": _noise.randbytes(100_000),
    b"zeros": b"\x00" * 1_000_000,
    b"empty": b"",
    b"blank.835": b" \r\n\t " * 100,
    # names
    b"caf\xe9.835": b"prose one",
    b"\xff" * 255: b"prose two",
    "\u202efdp.csv".encode(): b"prose three",
    b"a\nb\x1b]0;title\x07.csv": b"prose four",
    b"[red]x[bold].csv": b"prose five",
    b"-rf --": b"prose six",
    b"%s{0}$HOME`id`": b"prose seven",
}  # fmt: skip


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


def make_sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 10**11)


SPECIAL: dict[bytes, Callable[[Path], None]] = {
    b"link.csv": lambda path: path.symlink_to("/etc/passwd"),
    b"nowhere.csv": lambda path: path.symlink_to("/nowhere"),
    b"loop.csv": lambda path: path.symlink_to(path.name),
    b"link-to-folder": lambda path: path.symlink_to("/proc"),
    b"pipe.csv": os.mkfifo,
    b"socket": make_socket,
    b"folder.835": os.mkdir,
    b"sparse.835": make_sparse,
}


def make_entries(folder: Path) -> set[bytes]:
    """Puts all of them into a folder; returns their names."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in CONTENTS.items():
        (folder / os.fsdecode(name)).write_bytes(content)
    here = os.getcwd()
    os.chdir(folder)  # a socket's path is short
    try:
        for name, make in SPECIAL.items():
            make(Path(os.fsdecode(name)))
    finally:
        os.chdir(here)
    return {*CONTENTS, *SPECIAL}
