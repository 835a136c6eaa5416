"""Names of every script are set in a font that has them; what no font has is a visible substitute, and counted."""

import re
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.documents.plain_text import SUBSTITUTE, make_plain
from connectors.documents.typesetting import TEMPLATES, describe_substitutes, set_document
from schemas.errors import DocumentError

NOW = datetime(2026, 3, 2, tzinfo=UTC)
NAMES = {
    "Latin": "Zoë Łukasz Nguyễn Đặng",
    "Cyrillic": "Наталія Ґалаґан",
    "Greek": "Ελένη Παππά",
    "Hebrew": "שרה כהן",
    "Arabic": "محمد الأحمد",
    "Devanagari": "प्रिया क्षीरसागर",
    "Thai": "สมชาย ใจดี",
    "Chinese": "张伟 張偉",
    "Japanese": "山田 花子 さくら サクラ",
    "Korean": "김민준",
    "Armenian": "Արամ Խաչատրյան",
    "Georgian": "ნინო ბერიძე",
    "emoji": "Ann 😀 👩‍⚕️ 🇩🇪",
}


def set_text(text: str) -> tuple[bytes, int]:
    made = set_document("character", {"character": text}, NOW)
    return made.pdf, made.substituted


def list_fonts(pdf: bytes) -> set[str]:
    streams = [zlib.decompress(found) for found in re.findall(rb"stream\r?\n(x.*?)\r?\nendstream", pdf, re.DOTALL)]
    return {name.decode() for name in re.findall(rb"/BaseFont/[A-Z]{6}\+([\w-]+)", b"".join([pdf, *streams]))}


@pytest.mark.parametrize("script", NAMES)
def test_a_name_is_set_whole(script: str) -> None:
    pdf, substituted = set_text(NAMES[script])

    assert pdf.startswith(b"%PDF-") and substituted == 0


def test_a_name_is_set_in_a_font_of_its_script() -> None:
    pdf, _ = set_text(NAMES["Thai"])

    assert any("NotoSansThai" in name for name in list_fonts(pdf)), list_fonts(pdf)


@pytest.mark.parametrize(
    "unwritable",
    ["\U00013000", "\u182e", "\x00", "\x1b", "\u202e", "\u2066", "\ufeff", "\u200b", "\ue000", "\ud800", "\U0010ffff"],
)
def test_what_no_font_has_is_a_visible_substitute_and_a_finding(unwritable: str) -> None:
    pdf, substituted = set_text(f"Ann{unwritable}Doe")

    assert pdf == set_text(f"Ann{SUBSTITUTE}Doe")[0] and substituted == 1
    (finding,) = describe_substitutes(set_document("character", {"character": f"Ann{unwritable}"}, NOW), "ABC")
    assert (finding.code, finding.where) == ("character_without_font", "ABC") and "Ann" not in finding.what


def test_a_document_that_shows_everything_has_no_finding() -> None:
    assert describe_substitutes(set_document("character", {"character": "Zoë"}, NOW), "ABC") == []


def test_text_is_one_line_and_keeps_its_order() -> None:
    assert make_plain("Ann\r\nDoe\tX\u2028Y") == "Ann  Doe X Y"
    assert make_plain("\u202eeoD") == f"{SUBSTITUTE}eoD"
    assert make_plain("می\u200cشود") == "می\u200cشود", "a joiner that Persian is written with"


def test_an_error_of_the_typesetter_never_quotes_the_document() -> None:
    with pytest.raises(DocumentError) as caught:
        set_document("statement", {"practice_name": "Somebody"}, NOW)  # most of a statement is missing

    assert "Somebody" not in str(caught.value) and caught.value.__cause__ is None


def test_every_template_is_set_in_the_same_fonts() -> None:
    for path in Path(TEMPLATES).glob("*.typ"):
        assert path.name == "fonts.typ" or '#import "fonts.typ": fonts' in path.read_text(), path.name
