"""What a command prints: values as they are, never as markup or controls; and of a bug its place, never its values."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.table import Table

from streams.terminal import Terminal

PLANTED = """
import logging, sys, threading, asyncio
from streams import cli
def plant(kind: str) -> None:
    if kind == "bug":
        raise KeyError("Ottergrove")
    if kind == "disk":
        raise OSError(28, "No space left on device", "/data/Ottergrove.pdf")
    if kind == "thread":
        thread = threading.Thread(target=lambda: int("Ottergrove"))
        thread.start(), thread.join()
    if kind == "task":
        async def main():
            asyncio.create_task(asyncio.to_thread(int, "Ottergrove"))
            await asyncio.sleep(0.2)
        asyncio.run(main())
    if kind == "library":
        logging.getLogger("faust.agents").error("crashed: %r", ValueError("Ottergrove"))
        logging.getLogger("aiokafka.conn").warning("cannot reach %s", "broker:9092")
    if kind == "finalizer":
        class Left:
            def __del__(self):
                raise ValueError("Ottergrove")
        Left()
    if kind == "sign":
        print("Ottergrove".replace("O", "\\u5f35"))
cli.COMMANDS["plant"] = cli.Command("planted:plant", "A command of the test's own.")
sys.modules["streams.cli.planted"] = sys.modules["__main__"]
cli.main()
"""


def plant(kind: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PLANTED, "plant", kind]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | environment)


@pytest.mark.parametrize(
    ("kind", "status", "told"),
    [
        (
            "bug",
            70,
            "Report these lines, they show no data: KeyError at <string>:",
        ),
        ("disk", 70, "OSError (No space left on device) at <string>:"),
        ("thread", 0, "revcycle: a thread ended at a bug: ValueError"),
        ("task", 0, "error asyncio: Task exception was never retrieved: ValueError"),
        ("library", 0, "error faust.agents: crashed: %r"),
        ("library", 0, "warning aiokafka.conn: cannot reach broker:9092"),
        ("finalizer", 0, "revcycle: a bug in the background: ValueError"),
    ],
)
def test_a_bug_is_told_by_kind_and_place_and_never_by_its_values(kind: str, status: int, told: str) -> None:
    done = plant(kind)
    assert done.returncode == status
    assert told in done.stderr
    assert "Ottergrove" not in done.stdout + done.stderr


def test_a_sign_that_the_terminal_has_not_is_spelled_out() -> None:
    assert plant("sign", PYTHONIOENCODING="ascii").stdout == "\\u5f35ttergrove\n"


def test_values_are_neither_markup_nor_controls(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal()
    terminal.say("payer [red]Harbor[/] \x1b[2J :smile: [/]", ("\u202e12", "bold"))
    table = Table("a\nb", title="t\x1b", box=None)
    table.add_row("[bold]\x9bx")
    terminal.print(table)
    out = capsys.readouterr().out
    assert out.startswith("payer [red]Harbor[/] \\x1b[2J :smile: [/]\\u202e12\n")
    assert r"[bold]\x9bx" in out and r"a\nb" in out and r"t\x1b" in out


def test_an_interrupt_and_a_reader_that_leaves_end_quietly(tmp_path: Path) -> None:
    program = [sys.executable, "-c", "from streams.cli import main; main()"]
    data = ["--data", str(tmp_path)]
    subprocess.run([*program, "demo", "--encounters", "60", *data], check=True, capture_output=True)
    export = subprocess.Popen([*program, "export", *data], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert export.stdout is not None and export.stderr is not None
    export.stdout.readline()
    export.stdout.close()
    assert export.stderr.read() == b"" and export.wait() != 0
    export.stderr.close()
    waiting = subprocess.Popen([*program, "dev", "payer", *data], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert waiting.stdout is not None
    waiting.stdout.readline()
    waiting.send_signal(signal.SIGINT)
    assert waiting.communicate(timeout=20)[1] == b"" and waiting.returncode == 0


def test_a_letter_is_raw_in_a_pipe_and_shown_on_a_terminal(tmp_path: Path) -> None:
    program = [sys.executable, "-c", "from streams.cli import main; main()"]
    (tmp_path / "lines.ndjson").write_bytes(b'{"broken": "\x1b[2J\xff"}\n')
    subprocess.run([*program, "ingest", str(tmp_path / "lines.ndjson"), "--data", str(tmp_path / "data")], check=False)
    show = [*program, "deadletters", "show", "1", "--data", str(tmp_path / "data")]
    assert subprocess.run(show, capture_output=True, check=True).stdout == b'{"broken": "\x1b[2J\xff"}'
    ours, theirs = pty.openpty()
    subprocess.run(show, stdout=theirs, check=True)
    time.sleep(0.1)
    assert os.read(ours, 1000).strip() == rb'{"broken": "\x1b[2J\xff"}'
    os.close(ours)
    os.close(theirs)
