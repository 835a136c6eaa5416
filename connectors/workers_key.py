"""The workers' key: it signs what this installation's own programs say on Kafka, and stands outside the database.

Whoever may write to a topic, or to the store, cannot speak in our name without it.
"""

import os
import secrets
from pathlib import Path

from connectors.config_files import read_config
from connectors.permissions import FOLDER_MODE, open_private
from schemas.errors import ConfigurationError

KEY_FILE = "workers.key"
KEY_BYTES_MAX = 4096
KEY_BYTES = 32  # as many as SHA-256 gives: a longer key is no stronger


def read_key(path: Path) -> bytes:
    """The key that a file holds, without the blanks around it. Raises ConfigurationError."""
    try:
        content = read_config(path, KEY_BYTES_MAX)
    except ConfigurationError as error:
        raise ConfigurationError(f"the workers' key {error}; or name another in workers_key_file") from None
    if content is None:
        raise ConfigurationError(
            f"the workers' key {path} cannot be read (No such file or directory): restore it from the backup, or name "
            "another in workers_key_file"
        )
    key = content.strip()
    if len(key) < KEY_BYTES:
        raise ConfigurationError(
            f"the workers' key {path} has {len(key)} bytes, and needs {KEY_BYTES} or more: restore it from the backup"
        )
    return key


def keep_key(data: Path) -> bytes:
    """The key of a data folder, made on first use. Of workers that start together one makes it, and all have the
    same. Raises ConfigurationError."""
    path = data / KEY_FILE
    if not path.exists():
        data.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        temporary = data / f".{KEY_FILE}.{secrets.token_hex(8)}"
        with open_private(temporary) as file:
            file.write(secrets.token_hex(KEY_BYTES).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)  # never over one that is there
        except FileExistsError:
            pass  # another worker was quicker: its key is ours
        finally:
            temporary.unlink()
    return read_key(path)
