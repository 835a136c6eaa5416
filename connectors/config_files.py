"""Files of the configuration: settings, tables, payer rules, keys.

A link is followed here, because containers mount configuration as links; what it leads to must be a regular file. A
name that is there and cannot be read is refused: without its settings a production folder would pass for a test one.
"""

import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from connectors.files import FileRefusal, read_file, show_name
from schemas.errors import ConfigurationError

TOML_BYTES_MAX = 1_000_000


def list_config(folder: Path, suffix: str) -> list[Path]:
    """The names in a folder that end so, in order, hidden ones left alone; none where there is no such folder.

    Raises ConfigurationError for a name that is there and is no folder that can be read.
    """
    if not _is_named(folder):
        return []
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise _refuse(folder, error.strerror, "put the folder there, readable") from None
    return [folder / name for name in names if name.endswith(suffix) and not name.startswith(".")]


def read_config(path: Path, max_bytes: int) -> bytes | None:
    """What a file of configuration holds; None where there is no such name. Raises ConfigurationError."""
    if not _is_named(path):
        return None
    remedy = f"put the file itself there, whole and readable, of at most {max_bytes:,} bytes"
    try:
        return read_file(Path(os.path.realpath(path, strict=True)), max_bytes)
    except OSError as error:  # a link that leads nowhere, or to itself
        raise _refuse(path, error.strerror, remedy) from None
    except FileRefusal as refusal:
        raise _refuse(path, refusal.what, remedy) from None


def parse_toml(content: bytes, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """TOML in UTF-8, with or without a byte order mark. Raises ValueError."""
    try:
        return tomllib.loads(content.decode("utf-8-sig"), parse_float=parse_float)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def read_toml(path: Path) -> dict[str, Any] | None:
    """A TOML file of at most TOML_BYTES_MAX; None where there is no such name. Raises ConfigurationError."""
    content = read_config(path, TOML_BYTES_MAX)
    if content is None:
        return None
    try:
        return parse_toml(content)
    except ValueError as error:
        raise ConfigurationError(f"{show_name(path)} is not TOML in UTF-8: {error}") from None


def _is_named(path: Path) -> bool:
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _refuse(path, error.strerror, "make the folder around it readable") from None
    return True


def _refuse(path: Path, why: str | None, remedy: str) -> ConfigurationError:
    return ConfigurationError(f"{show_name(path)} cannot be read ({why}): {remedy}")
