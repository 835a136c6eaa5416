"""The brokers' TLS and SASL in the words of aiokafka and of Faust, which differ from kafka-python's in one: who gives
the token of OAUTHBEARER is asked by await."""

import asyncio
from pathlib import Path
from typing import Any

from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import KafkaError
from faust.auth import Credentials, OAuthCredentials, SASLCredentials, SSLCredentials

from connectors.kafka.token_file import read_token
from connectors.settings import Settings
from schemas.errors import ConfigurationError


class AwaitedToken(AbstractTokenProvider):  # type: ignore[misc]
    """The token file as aiokafka asks for it, at every login."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def token(self) -> str:
        """As it stands now. Raises KafkaError: what else comes out of a login would end a task of aiokafka's unseen."""
        try:
            return await asyncio.to_thread(read_token, self.path)
        except ConfigurationError as error:
            raise KafkaError(str(error)) from error


def make_security(settings: Settings) -> dict[str, Any]:
    """The keyword arguments by which aiokafka is told TLS and SASL. Raises ConfigurationError."""
    options = settings.kafka_security
    if settings.kafka_token_file is not None:
        options["sasl_oauth_token_provider"] = AwaitedToken(settings.kafka_token_file)
    return options


def make_credentials(settings: Settings) -> Credentials | None:
    """The same for Faust. Raises ConfigurationError."""
    security = make_security(settings)
    tls = security.get("ssl_context")
    if "sasl_oauth_token_provider" in security:
        return OAuthCredentials(oauth_cb=security["sasl_oauth_token_provider"], ssl_context=tls)
    if "sasl_mechanism" in security:
        return SASLCredentials(
            mechanism=security["sasl_mechanism"],
            username=security["sasl_plain_username"],
            password=security["sasl_plain_password"],
            ssl_context=tls,
        )
    return SSLCredentials(tls) if tls is not None else None
