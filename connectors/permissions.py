"""Closed folders: what an installation keeps holds PHI and secrets, so it is its user's alone (45 CFR 164.312(a)).

Folders are made 0700 and files 0600, whatever the shell's umask; here stands what is open all the same.
"""

import os
import pwd
import shlex
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

FOLDER_MODE = 0o700
FILE_MODE = 0o600
PRIVATE_UMASK = 0o077  # for whatever a command or worker writes beside
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def open_private(path: Path) -> BinaryIO:
    """A file to write, empty, that nobody else can read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, FILE_MODE), "wb")


def close_file(path: Path) -> None:
    """Takes a file from others' eyes; one of another user's stays as it is, and the folder around it closes it."""
    if path.stat().st_uid == os.geteuid():
        path.chmod(FILE_MODE)


def list_roots(data: Path) -> list[Path]:
    """The data folder, and the folders elsewhere that its links name: an outbox on another disk is a part of it too."""
    linked = (path for path in sorted(data.iterdir()) if path.is_symlink() and path.exists())
    return [data, *(path.resolve() for path in linked)]


def _walk(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """A folder and everything in it, links not followed; what vanishes meanwhile is left out."""
    try:
        yield folder, folder.stat()
        entries = list(os.scandir(folder)) if folder.is_dir() else []
    except (FileNotFoundError, PermissionError):
        return
    for entry in entries:
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(path)
        elif not entry.is_symlink():
            try:
                yield path, entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue


def find_exposed(data: Path) -> str:
    """What of a data folder others may read, or belongs to somebody else, with the command that mends it; "" if none.

    What waits in the inbox is its sender's until it is taken in; the folder around it is looked at.
    """
    roots = list_roots(data)
    found = [(path, state) for root in roots for path, state in _walk(root) if path.parent != data / "inbox"]
    owner = os.geteuid() or roots[0].stat().st_uid  # root looks on behalf of whoever works there
    places = " ".join(shlex.quote(str(root)) for root in roots)
    problems = []
    if foreign := [path for path, state in found if state.st_uid != owner]:
        problems.append(f"{_name(foreign, data)}: not owned by {_name_user(owner)}: chown -R {owner} {places}")
    if exposed := [path for path, state in found if state.st_mode & OTHERS]:
        problems.append(f"{_name(exposed, data)}: open to others: chmod -R go-rwx {places}")
    return "; ".join(problems)


def find_exposed_secrets(files: Iterable[Path]) -> str:
    """Which of the files that hold a key or a secret somebody else may read or change, with the command; "" if none.

    A file of root's that only our group may read is as closed as an orchestrator can hand one to us.
    """
    problems = []
    for file in files:
        try:
            state = file.stat()
        except OSError as error:
            problems.append(f"{file} cannot be looked at ({error.strerror}): name another, or give it to this user")
            continue
        allowed = stat.S_IRGRP if state.st_uid == 0 else 0
        quoted = shlex.quote(str(file.resolve()))
        if state.st_uid not in (0, os.geteuid()):
            problems.append(f"{file} belongs to {_name_user(state.st_uid)}: chown {os.geteuid()} {quoted}")
        if state.st_mode & OTHERS & ~allowed:
            problems.append(f"{file} is open to others: chmod go-rwx {quoted}")
    return "; ".join(problems)


def _name(paths: list[Path], data: Path) -> str:
    shown = [str(path.relative_to(data) if path.is_relative_to(data) and path != data else path) for path in paths[:3]]
    return ", ".join(shown) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")


def _name_user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
