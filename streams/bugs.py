"""How a fault of the program is told: by its kind and place. Its text is left out: it may quote a patient's data."""

import traceback
from pathlib import Path

from pydantic import ValidationError

from schemas.errors import RevcycleError

HOME = Path(__file__).parents[1]
LINES_MAX = 4


def name_bug(error: BaseException) -> str:
    """The kind of an exception and the line of code that it came from; of the system's own errors also the reason ("No
    space left on device")."""
    reason = f" ({error.strerror})" if isinstance(error, OSError) and error.strerror else ""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {'/'.join(Path(frames[-1].filename).parts[-3:])}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{reason}{place}"


def list_lines(error: BaseException) -> list[str]:
    """The lines of code that an exception passed, outermost first."""
    return "".join(traceback.format_tb(error.__traceback__)).splitlines()


def describe_failure(error: Exception) -> str:
    """The kind of an exception and the lines of our code that it passed, innermost first. Values may be a patient's:
    only a text that revcycle wrote itself is told."""
    lines = [
        f"{Path(frame.filename).relative_to(HOME)}:{frame.lineno}"
        for frame in reversed(traceback.extract_tb(error.__traceback__))
        if Path(frame.filename).is_relative_to(HOME) and ".venv" not in frame.filename
    ]
    at = f" at {' < '.join(lines[:LINES_MAX])}" if lines else ""
    said = f": {error}" if isinstance(error, RevcycleError) else ""
    if isinstance(error, ValidationError):
        said = f" of {error.title}"
    return f"{type(error).__name__}{said}{at}"
