"""Bytes to segments: delimiters, line ends, positions, broken files, bounded memory and time."""

import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.x12.blocks import BLOCK_BYTES, Delimiters
from schemas.x12.errors import TruncatedError, X12Error
from schemas.x12.tokens import read_segments
from tests.growth import grows_linearly

ISA = "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *261120*1405*^*00501*000000001*0*T*:~"


def elements(data: bytes) -> list[list[str]]:
    return [segment.elements for segment in read_segments(data)]


@pytest.mark.parametrize("delimiters", ["*~:^", "*~>^", "*~|^", "*~<^", "|~^!", "~_^!", "*\n:^", "\x1d\x1c\x1f\x1e"])
@pytest.mark.parametrize("line_end", ["", "\n", "\r\n"])
def test_delimiters_are_read_from_each_isa(delimiters: str, line_end: str) -> None:
    element, terminator, component, repetition = tuple(delimiters)
    text = ISA.translate(str.maketrans("*~:^", delimiters)) + line_end
    text += element.join(("GS", "HP", "A" + component + "B")) + terminator + line_end
    isa, gs = read_segments(text.encode())
    assert isa.delimiters == Delimiters(element, component, repetition, terminator)
    assert gs.elements == ["GS", "HP", f"A{component}B"]
    assert gs.components(2) == ["A", "B"]
    assert text.encode()[gs.offset : gs.offset + 2] == b"GS"


def test_absent_elements_are_empty_and_positions_count() -> None:
    data = (ISA + "\r\nREF*EV**\r\n~  \nN3*1 MAIN ST  ~").encode()
    _, ref, address = read_segments(data)
    assert (ref[1], ref[2], ref[99]) == ("EV", "", "")
    assert (address.index, address[1], data[address.offset : address.offset + 2]) == (3, "1 MAIN ST", b"N3")
    assert ref.repeats(2) == [] and ref.repeats(1) == ["EV"]


def test_interchanges_with_different_delimiters_in_one_file() -> None:
    other = ISA.translate(str.maketrans("*~:", "|\x1c>"))
    found = list(read_segments((ISA + "GS*HP~IEA*1*000000001~\n" + other + "GS|HN\x1cIEA|1|000000001\x1c").encode()))
    assert [segment.id for segment in found] == ["ISA", "GS", "IEA", "ISA", "GS", "IEA"]
    assert found[4][1] == "HN" and found[4].delimiters.element == "|"


def test_a_last_iea_without_terminator_is_read_but_no_other_segment() -> None:
    assert elements((ISA + "IEA*0*000000001").encode())[-1] == ["IEA", "0", "000000001"]
    segments = read_segments((ISA + "SE*2*00").encode())
    next(segments)
    with pytest.raises(TruncatedError) as raised:
        next(segments)
    assert raised.value.offset == len(ISA)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "empty"),
        (b"   \r\n", "empty"),
        (b"UNA:+.? 'UNB+UNOA", "begins with ISA"),
        (ISA.encode("cp500"), "EBCDIC"),
        (ISA.encode("utf-16"), "UTF-16"),
        (ISA.encode("utf-16-le"), "UTF-16"),
        (b"ISA*00*  ", "cut off"),
        (ISA.replace("*", "A").encode(), "delimiters"),
        (ISA.replace(":~", "~~").encode(), "delimiters"),
        (ISA.replace(":~", "::").encode(), "delimiters"),
    ],
)
def test_what_is_not_x12_is_refused_with_the_reason(data: bytes, what: str) -> None:
    with pytest.raises(X12Error, match=what) as raised:
        elements(data)
    assert raised.value.remedy


WRAPPED = ISA + "GS*HP*A*B~" + "".join(f"CLP*{number}*1*150*{'9' * (number % 7)}~" for number in range(20_000))


@pytest.mark.parametrize("width", [80, 72, 128, 255, 1024])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_lines_of_one_length_through_the_middle_of_segments_are_no_part_of_them(width: int, line_end: str) -> None:
    lines = [WRAPPED[start : start + width] for start in range(0, len(WRAPPED), width)]
    assert elements(line_end.join(lines).encode()) == elements(WRAPPED.encode())


@pytest.mark.parametrize("text", [ISA + "GS*HP*A*B~", ISA + "GS*HP*A*B~" + "N3*1~" * 20])
def test_a_short_file_in_lines_is_read_as_well(text: str) -> None:
    lines = [text[start : start + 80] for start in range(0, len(text), 80)]
    assert elements(("\r\n".join(lines) + "\r\n").encode()) == elements(text.encode())


def test_a_line_end_within_a_segment_of_a_file_that_is_not_in_lines_is_kept_for_its_judge() -> None:
    data = ISA + "\nN3*1 MAIN ST~\nCLP*AB\nC*1~\nN3*2 MAIN ST~\n"
    assert elements(data.encode())[2] == ["CLP", "AB\nC", "1"]


def test_a_byte_order_mark_and_wrong_isa_widths_are_tolerated() -> None:
    assert elements(b"\xef\xbb\xbf" + ISA.encode() + b"GS*HP~")[1] == ["GS", "HP"]
    assert elements(ISA.replace(" " * 10, "").encode() + b"GS*HP~")[1] == ["GS", "HP"]


def test_names_in_utf_8_and_in_latin_1() -> None:
    for encoding in ("utf-8", "latin-1"):
        data = ISA.encode() + "NM1*QC*1*PEÑA~N3*1 ROAD~".encode(encoding)
        _, name, address = read_segments(data)
        assert name[3] == "PEÑA"
        assert data[address.offset : address.offset + 2] == b"N3"


def test_segments_do_not_depend_on_how_the_bytes_arrive() -> None:
    class Trickle(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(7)

    data = (ISA + "\r\n" + "N3*1 ROAD~\r\n" * 50 + ISA + "\r\nIEA*0*000000001~").encode()
    whole = [(s.elements, s.index, s.offset) for s in read_segments(data)]
    assert [(s.elements, s.index, s.offset) for s in read_segments(Trickle(data))] == whole


def test_long_segments_and_many_elements() -> None:
    long = "N3*" + "A" * 1_000_000
    wide = "N3" + "*A" * 10_000
    found = elements(f"{ISA}{long}~{wide}~".encode())
    assert (len(found[1][1]), len(found[2])) == (1_000_000, 10_001)
    with pytest.raises(X12Error, match="longer than"):
        elements(ISA.encode() + b"A" * 5_000_000)


def test_nulls_after_the_last_segment_are_padding() -> None:
    assert len(elements(ISA.encode() + b"IEA*0*000000001~" + b"\0" * 600)) == 2


def test_time_grows_with_size_only() -> None:
    def make(count: int) -> bytes:
        return ISA.encode() + b"NM1*QC*1*DOE*ANN****MI*123456789~" * count

    assert grows_linearly(lambda data: sum(1 for _ in read_segments(data)), make, 10_000)


def test_a_file_is_read_in_blocks() -> None:
    class Endless(io.RawIOBase):
        """A file of which only the first blocks are ever asked for."""

        asked = 0

        def read(self, size: int | None = -1) -> bytes:
            self.asked += 1
            head = ISA.encode() if self.asked == 1 else b""
            return head + b"N3*1 ROAD~" * (BLOCK_BYTES // 10)

    source = Endless()
    segments = read_segments(source)  # type: ignore[arg-type]
    for _ in range(BLOCK_BYTES // 5):
        next(segments)
    assert source.asked <= 4


@given(st.binary(max_size=400), st.integers(0, 106))
def test_whatever_follows_a_header_only_documented_errors(tail: bytes, cut: int) -> None:
    for data in (tail, ISA.encode()[:cut] + tail, ISA.encode() + tail):
        try:
            for segment in read_segments(data):
                assert segment.elements and segment.index
        except X12Error as error:
            assert error.what and error.remedy


def test_cut_at_every_byte(samples: Callable[..., list[tuple[str, bytes, dict[str, str]]]]) -> None:
    for _, data, _ in samples("835")[:2]:
        whole = [segment.elements for segment in read_segments(data)]
        for end in range(len(data)):
            found = []
            try:
                for segment in read_segments(data[:end]):
                    found.append(segment.elements)
            except X12Error:
                pass
            assert found == whole[: len(found)] or (found[:-1] == whole[: len(found) - 1] and found[-1][0] == "IEA")


def test_every_sample_has_the_segments_counted_by_others(
    samples: Callable[..., list[tuple[str, bytes, dict[str, str]]]],
) -> None:
    for path, data, row in samples():
        assert len(elements(data)) == int(row["segments"]), path
