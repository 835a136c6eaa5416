"""The practice payer beside a running installation: it answers each 837 file of the outbox once, into the inbox.

For development and training only: it makes up what a payer would decide and pays with invented money.
"""

from pathlib import Path

from connectors.archive import write_durably
from connectors.clearinghouse.payer_simulator import answer_interchange

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
    return answers
