"""The bearer token of SASL/OAUTHBEARER: a file that whoever issues tokens keeps fresh (a sidecar, Kubernetes).

It is read again at every login, since a token lives for minutes and a worker for weeks.
"""

import re
from pathlib import Path

from kafka.net.sasl.oauth import AbstractTokenProvider

from connectors.config_files import read_config
from schemas.errors import ConfigurationError

TOKEN_BYTES_MAX = 65_536
TOKEN = re.compile(rb"[A-Za-z0-9._~+/-]+=*")  # RFC 6750, 2.1


def read_token(path: Path) -> str:
    """The token that a file holds, without the blanks around it. Raises ConfigurationError, which never shows it."""
    content = read_config(path, TOKEN_BYTES_MAX)
    if content is None:
        raise ConfigurationError(f"kafka_token_file {path} is not there: have the issuer write it, or name another")
    token = content.strip()
    if not TOKEN.fullmatch(token):
        raise ConfigurationError(f"kafka_token_file {path} holds no bearer token: it is one line of base64 or a JWT")
    return token.decode()


class TokenFile(AbstractTokenProvider):  # type: ignore[misc]
    """kafka-python's way to ask for it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def token(self) -> str:
        """As it stands now. Raises ConfigurationError."""
        return read_token(self.path)
