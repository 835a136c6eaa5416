"""A practice in which every field of PHI is marked, and what its commands print."""

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from processors.coding.coding_validation import validate_coding
from schemas.event import Event
from schemas.processing import Outcome, States
from schemas.reference import Reference
from streams.cli import run_command
from streams.engine import embedded
from streams.pipeline import STEPS
from streams.practice.payer import answer_outbox
from tests.sentinel.marking import MARKS, WORDS, make_marked_encounters
from tests.sentinel.wrong_values import BAI2, BUNDLE, HL7


@dataclass(frozen=True)
class Said:
    """What one command printed on one stream."""

    command: tuple[str, ...]
    status: int
    stream: str
    text: str


@contextmanager
def _as_arguments(arguments: tuple[str, ...]) -> Iterator[None]:
    before, sys.argv = sys.argv, ["revcycle", *arguments]
    try:
        yield
    finally:
        sys.argv = before


def say(*arguments: str) -> Iterator[Said]:
    """Runs a command as the shell would; what it prints on each stream."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", errors="backslashreplace", write_through=True) for _ in "oe")
    with _as_arguments(arguments), redirect_stdout(out), redirect_stderr(err):
        status = run_command()
    for name, stream in (("stdout", out), ("stderr", err)):
        assert isinstance(stream.buffer, io.BytesIO)
        yield Said(arguments, status, name, stream.buffer.getvalue().decode(errors="backslashreplace"))


def name_of(path: str) -> str:
    """A field's word as it is written into a document."""
    return MARKS[path][0].capitalize()


def write_other_encounters() -> Iterator[tuple[str, str]]:
    """The same by HL7 and FHIR: names, and words where a code belongs."""
    family, given, words = map(name_of, ("patient.family_name", "patient.given_name", "diagnoses[].description"))
    told = HL7.replace("Fallowdale", family).replace("Brenna", given).replace("E11.9^sugar^I10", f"^{words}")
    yield "words.hl7", told
    yield "shouted.hl7", told.replace("VISIT", "V2").replace(f"^{words}", f"{words} of the knee^^")
    yield "labelled.hl7", told.replace("VISIT", "V3").replace(f"^{words}", f"{words} 2^^I10")
    bundle = json.dumps(BUNDLE).replace("Fallowdale", family).replace("Brenna", given)
    yield (
        "words.json",
        bundle.replace('"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm"', '"other": [{"s": "x"').replace(
            "sugar", words
        ),
    )
    yield "broken.json", bundle[: len(bundle) // 2]


def write_broken_files(answers: Path) -> Iterator[tuple[str, str]]:
    """What is cut off, unbalanced or names nobody's claim."""
    for file in sorted(answers.glob("*.835"))[:1]:
        text = file.read_text()
        yield "cut.835", text[: len(text) * 2 // 3]
        claim = text.split("CLP*")[1].split("*")[0]
        yield "nobody.835", text.replace(claim, "NOBODYS-CLAIM").replace("TRN*1*", "TRN*1*9")
        yield "unbalanced.835", text.replace("CAS*CO*45*", "CAS*CO*45*9").replace("TRN*1*", "TRN*1*8")
    for file in sorted(answers.glob("*.277CA"))[:1]:
        yield "cut.277CA", file.read_text()[:900]
    line = next(make_marked_encounters(1, 3)).model_dump_json()
    yield (
        "broken.ndjson",
        line.replace('"sex"', '"sexes"') + "\n" + line[:-200] + "\n" + line.replace('"units":"', '"units":"x'),
    )
    yield "deposits.bai", BAI2.replace("text more", WORDS["deposit"][0]).replace("TRN*1*123*1999", WORDS["deposit"][0])


@contextmanager
def plant_fault() -> Iterator[None]:
    """A step that fails at one encounter, with the whole of it in the exception's text, and whose words it passed."""

    def fail(states: States, event: Event, reference: Reference) -> Outcome:
        if event.body.type == "rcm.encounter" and "E7-000005" in event.body.model_dump_json():
            raise KeyError(event.body.model_dump_json())
        return validate_coding(states, event, reference)

    steps = [replace(step, function=fail) if step.name == "coding_validation" else step for step in STEPS]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedded, "STEPS", steps)
        yield


def open_practice(folder: Path) -> tuple[Path, Path, list[Said]]:
    """The data folder of a practice whose claims a payer has answered, its files, and what taking them in said."""
    data, files = folder / "data", folder / "files"
    files.mkdir()
    (files / "marked.ndjson").write_text("".join(x.model_dump_json() + "\n" for x in make_marked_encounters(60, 7)))
    for name, text in write_other_encounters():
        (files / name).write_text(text)
    with plant_fault():
        said = [*say("ingest", str(files), "--data", str(data))]
    for sent in (data / "outbox").glob("*.837"):
        (files / sent.name).write_bytes(sent.read_bytes())
    for answer in answer_outbox(data, 7):
        (files / answer.name).write_bytes(answer.read_bytes())
    for name, text in write_broken_files(files):
        (files / name).write_text(text)
    said += [*say("ingest", str(files), "--data", str(data), "--json")]
    return data, files, [*said, *say("ingest", str(files), "--data", str(data))]
