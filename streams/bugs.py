"""How a fault of the program is told: by its kind and place. Its text is left out: it may quote a patient's data."""

import traceback
from pathlib import Path


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
