"""What goes with a letter: each document under a name of its own, so that none takes another's place in the folder."""

from collections.abc import Sequence
from pathlib import Path, PurePath

from connectors.documents.plain_text import make_plain
from connectors.files import FileRefusal, read_file
from schemas.errors import RefusedError

ATTACHMENT_BYTES_MAX = 100_000_000
STEM_BYTES_MAX = 120  # a name's part before its suffix; with suffix, number and a temporary name it fits every disk
SUFFIX_BYTES_MAX = 20
LETTER = "letter.pdf"


def read_documents(paths: Sequence[Path]) -> list[tuple[str, bytes]]:
    """(name in the packet, bytes) of each attachment, in the order given. Raises RefusedError."""
    names = name_documents([path.name for path in paths])
    return [(name, _read(path, name)) for path, name in zip(paths, names, strict=True)]


def name_documents(given: Sequence[str]) -> list[str]:
    """A name for each, the same for the same names in the same order: `scan.pdf`, then `scan-2.pdf`.

    Names that differ in case alone are one name on many disks; nothing is called like the letter.
    """
    taken, names = {LETTER}, []
    for name in map(_shorten, given):
        path, number = PurePath(name), 1
        while name.casefold() in taken:
            number += 1
            name = f"{path.stem}-{number}{path.suffix}"
        taken.add(name.casefold())
        names.append(name)
    return names


def _shorten(name: str) -> str:
    path = PurePath(make_plain(name))
    stem = path.stem.encode()[:STEM_BYTES_MAX].decode(errors="ignore")
    return stem + path.suffix.encode()[:SUFFIX_BYTES_MAX].decode(errors="ignore")


def _read(path: Path, name: str) -> bytes:
    """Of regular files only: a link among the scans could name a secret."""
    try:
        return read_file(path, ATTACHMENT_BYTES_MAX)
    except FileRefusal as refusal:
        raise RefusedError(f"the attachment {name}: {refusal.what}: {refusal.remedy}") from None
