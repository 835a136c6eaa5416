"""How a fault of the program is told: by its kind and place. Its text is left out: it may quote a patient's data."""

import traceback
from pathlib import Path

from pydantic import ValidationError

from schemas.errors import RevcycleError

HOME = Path(__file__).parents[1]
LINES_MAX = 4


def list_lines(error: BaseException) -> list[str]:
    """The lines of code that an exception passed, outermost first."""
    return "".join(traceback.format_tb(error.__traceback__)).splitlines()


def describe_failure(error: BaseException) -> str:
    """The kind of an exception, the line that it came from, and the lines of our code that it passed, innermost first.
    Values may be a patient's: of texts only those are told that revcycle wrote itself, or the system ("No space left on
    device")."""
    frames = traceback.extract_tb(error.__traceback__)[::-1]
    places = [_name_place(frame) for frame in frames if frame is frames[0] or _is_ours(frame)]
    at = f" at {' < '.join(places[:LINES_MAX])}" if places else ""
    said = f": {error}" if isinstance(error, RevcycleError) else ""
    if isinstance(error, ValidationError):
        said = f" of {error.title}"
    if isinstance(error, OSError) and error.strerror:
        said = f" ({error.strerror})"
    return f"{type(error).__name__}{said}{at}"


def _is_ours(frame: traceback.FrameSummary) -> bool:
    return Path(frame.filename).is_relative_to(HOME) and ".venv" not in frame.filename


def _name_place(frame: traceback.FrameSummary) -> str:
    path = Path(frame.filename)
    shown = str(path.relative_to(HOME)) if _is_ours(frame) else "/".join(path.parts[-3:])
    return f"{shown}:{frame.lineno}"
