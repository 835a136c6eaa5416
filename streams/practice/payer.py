"""The practice payer beside a running installation: it answers each 837 and 276 of the outbox once, into the inbox.

For development and training only: it makes up what a payer would decide and pays with invented money.
"""

from collections.abc import Iterator
from pathlib import Path

from connectors.archive import write_durably
from connectors.practice_payer.simulator import answer_interchange
from connectors.practice_payer.status import answer_inquiry

ANSWERED = "practice-payer"


def answer_outbox(data: Path, seed: int) -> list[Path]:
    """Answers what was not answered yet, and returns the files that now stand in the inbox.

    The answers are a function of file and seed, so a crash before the mark only writes the same bytes again.
    """
    answers: list[Path] = []
    for sent in sorted((data / "outbox").glob("*.837")):
        mark = data / ANSWERED / sent.name
        if mark.exists():
            continue
        for answer in answer_interchange(sent.read_bytes(), seed):
            path = data / "inbox" / answer.name
            write_durably(path, answer.data)
            answers.append(path)
        write_durably(mark, b"")
    return [*answers, *_answer_inquiries(data, seed)]


def _answer_inquiries(data: Path, seed: int) -> Iterator[Path]:
    for asked in sorted((data / "outbox").glob("*.276")):
        mark = data / ANSWERED / asked.name
        if mark.exists():
            continue
        sent = (path.read_bytes() for path in sorted((data / "outbox").glob("*.837")))
        answer = answer_inquiry(asked.read_bytes(), sent, seed)
        if answer is not None:
            path = data / "inbox" / f"{asked.stem}.277"
            write_durably(path, answer)
            yield path
        write_durably(mark, b"")
