"""One PDF from one template: the facts go in as JSON, so that no value of the outside is ever typst code.

A name may be of any script: the fonts are those inside typst and Noto's. What none of them has is set as a visible
substitute, and counted, so that a person looks at it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

from connectors.documents.plain_text import SUBSTITUTE, is_plain, make_plain
from schemas.errors import DocumentError
from schemas.findings import Finding

TEMPLATES = Path(__file__).parent / "templates"
FONT_PACKAGES = ("manimgx_fonts", "manimgx_fonts_cjk")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Typeset:
    """A document, and how many of its characters no font has."""

    pdf: bytes
    substituted: int


def set_document(name: str, facts: Mapping[str, Any], made_at: datetime) -> Typeset:
    """The PDF (PDF/UA-1) of `templates/<name>.typ`, which reads its facts from `sys.inputs.facts`.

    The same facts and time give the same bytes on any machine: only the fonts of our dependencies are used. Raises
    DocumentError, which does not say what stood in the document.
    """
    writable = _make_writable(facts)
    text = json.dumps(writable, ensure_ascii=False)
    try:
        pdf = _compile(name, text, made_at)
    except typst.TypstError:
        raise DocumentError(f"the document '{name}' cannot be set as accessible PDF; report it") from None
    return Typeset(pdf, text.count(SUBSTITUTE))


def describe_substitutes(made: Typeset, where: str) -> list[Finding]:
    """The finding that a document shows a substitute somewhere; none for one that shows everything."""
    if not made.substituted:
        return []
    return [
        Finding(
            code="character_without_font",
            severity="warn",
            owner="biller",
            where=where,
            what=f"{made.substituted} characters of a name or text stand as {SUBSTITUTE}: no font has them, or they "
            "cannot be seen",
            remedy="look at the document; write what is missing by hand, or have the record mended where it comes from",
        )
    ]


@cache
def _find_fonts() -> typst.Fonts:
    folders = [Path(str(files(package))) for package in FONT_PACKAGES]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=folders)


@cache
def _compiler(name: str) -> typst.Compiler:
    return typst.Compiler(TEMPLATES / f"{name}.typ", root=TEMPLATES, font_paths=_find_fonts())


def _compile(name: str, facts: str, made_at: datetime) -> bytes:
    made = _compiler(name).compile(format="pdf", sys_inputs={"facts": facts}, pdf_standards=["ua-1"], timestamp=made_at)
    assert isinstance(made, bytes)
    return made


def _make_writable(value: Any) -> Any:
    if isinstance(value, str):
        return "".join(c if _has_glyph(c) else SUBSTITUTE for c in make_plain(value))
    if isinstance(value, Mapping):
        return {key: _make_writable(item) for key, item in value.items()}
    return [_make_writable(item) for item in value] if isinstance(value, list | tuple) else value


@cache
def _has_glyph(character: str) -> bool:
    """The typesetter is asked, since PDF/UA-1 is refused for a text that a font lacks: no list of ours can be wrong."""
    if character.isascii() and is_plain(character):
        return True
    try:
        _compile("character", json.dumps({"character": character}), EPOCH)
    except typst.TypstError:
        return False
    return True
