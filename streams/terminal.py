"""What a command or worker prints: a line at a time, no value taken for a control or for markup, and of a fault of our
own its kind and place, never the values, which may be a patient's."""

import logging
import sys
import threading
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.text import Text

from schemas.showing import show
from streams.bugs import describe_failure, list_lines

# They speak of brokers, topics and offsets; of any other library's warning only the words in its code are shown.
TRUSTED_LOGGERS = ("aiokafka", "kafka")

Part = str | tuple[str, str]  # plain, or with its style


class Terminal(Console):
    """A console for values from outside: strings, also those in tables, are shown and never taken for markup."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, markup=False, highlight=False, emoji=False)

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(show(text), **options)

    def say(self, *parts: Part) -> None:
        """One line, however long; each part plain or with a style."""
        shown = [(show(part), "") if isinstance(part, str) else (show(part[0]), part[1]) for part in parts]
        self.print(Text.assemble(*shown), soft_wrap=True)


console = Terminal()
errors = Terminal(stderr=True)


def say_bug(error: BaseException, what: str) -> None:
    """Prints a fault of the program on standard error."""
    errors.say(f"{what}: {describe_failure(error)}")
    for line in list_lines(error):
        errors.say(line)


class ClosedFormatter(logging.Formatter):
    """A library's warning on one line, without the values of what it worked on."""

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage() if record.name.split(".")[0] in TRUSTED_LOGGERS else str(record.msg)
        kind = f": {describe_failure(record.exc_info[1])}" if record.exc_info and record.exc_info[1] else ""
        first_line = text.partition("\n")[0]
        return show(f"{record.levelname.lower()} {record.name}: {first_line}{kind}")


def close_terminal() -> None:
    """From here on, whatever this process prints by itself (a thread's fault, a library's warning) shows no values, and
    no character that the terminal has no sign for ends it."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    handler = logging.StreamHandler()
    handler.setFormatter(ClosedFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    sys.excepthook = _say_uncaught
    threading.excepthook = lambda found: say_bug(
        found.exc_value or found.exc_type(), "revcycle: a thread ended at a bug"
    )
    sys.unraisablehook = lambda found: say_bug(found.exc_value or found.exc_type(), "revcycle: a bug in the background")


def _say_uncaught(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        say_bug(error, "revcycle: stopped at a bug")
