"""One PDF from one template: the facts go in as JSON, so that no value of the outside is ever typst code."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

TEMPLATES = Path(__file__).parent / "templates"


@cache
def _compiler(name: str) -> typst.Compiler:
    return typst.Compiler(TEMPLATES / f"{name}.typ", root=TEMPLATES, ignore_system_fonts=True)


def set_document(name: str, facts: Mapping[str, Any], made_at: datetime) -> bytes:
    """The PDF (PDF/UA-1) of `templates/<name>.typ`, which reads its facts from `sys.inputs.facts`.

    The same facts and time give the same bytes on any machine: only the fonts inside typst are used.
    """
    made = _compiler(name).compile(
        format="pdf",
        sys_inputs={"facts": json.dumps(facts, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=made_at,
    )
    assert isinstance(made, bytes)
    return made
