"""What X12 reading and writing may raise: X12Error and nothing else.

    X12Error (RevcycleError, ValueError)
      +- TruncatedError      the bytes end inside a segment, transaction set, group or interchange
      +- ElementError        a value that cannot be written: delimiter, control character, too long

Texts name the place and the rule, never the value: it may be a patient's.
"""

from schemas.errors import RevcycleError
from schemas.x12.dictionary import show_place


class X12Error(RevcycleError, ValueError):
    """Bytes that are not the X12 they claim to be, or values that cannot become X12.

    `segment_index` counts the segments of the file from 1 (0 = before the first); `offset` is the byte position.
    """

    def __init__(
        self,
        what: str,
        remedy: str,
        *,
        code: str = "x12_unreadable",
        segment_id: str = "",
        segment_index: int = 0,
        element: str = "",
        offset: int = 0,
    ) -> None:
        self.code = code
        self.what = what
        self.remedy = remedy
        self.segment_id = segment_id
        self.segment_index = segment_index
        self.element = element
        self.offset = offset
        place = show_place(segment_id, element) if segment_id else element or "interchange"
        super().__init__(f"{place} (segment {segment_index}, byte {offset}): {what}; {remedy}")


class TruncatedError(X12Error):
    """The file ends before the segment or envelope that it began."""


class ElementError(X12Error):
    """A value that must not be written into an element, with the element named."""

    def __init__(self, element: str, what: str, remedy: str, *, segment_index: int = 0) -> None:
        super().__init__(what, remedy, code="x12_element", segment_index=segment_index, element=element)
