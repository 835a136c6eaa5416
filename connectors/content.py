"""A document as its readers look at it to tell what it is: by its content, never by its name."""

import re
from functools import cached_property

from connectors.ehr.json_shape import Shape, shape_json
from schemas.x12.identify import identify

HEAD_BYTES = 4096
# What may stand before a document and is none of it: byte order marks, blank space, an MLLP frame's begin or end.
_BEFORE = re.compile(rb"(?:\xef\xbb\xbf|[\s\x1c])*+")
_CONTROLS = re.compile(rb"[\x0b\x0c\x1c]")
_ISA = re.compile(rb"ISA[^A-Za-z0-9]")


class Content:
    """A document, or the beginning of a file. What several readers ask is looked for once."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @cached_property
    def begin(self) -> int:
        """Where the document begins."""
        found = _BEFORE.match(self.data)
        return found.end() if found else 0

    @cached_property
    def head(self) -> bytes:
        """Its first bytes."""
        return self.data[self.begin : self.begin + HEAD_BYTES]

    @cached_property
    def first_line(self) -> bytes:
        """Its first line, without space around it."""
        return re.split(rb"[\r\n]", self.head, maxsplit=1)[0].strip()

    @cached_property
    def x12(self) -> str:
        """The kind of X12, by its first transaction set; x12 where it names none, empty where it is none."""
        is_x12 = _ISA.match(self.head) and not _CONTROLS.search(self.data, 0, self.begin)
        return (identify(self.head) or "x12") if is_x12 else ""

    @cached_property
    def json(self) -> Shape:
        """What of JSON it is."""
        return shape_json(self.data, self.begin)
