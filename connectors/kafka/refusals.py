"""Why the brokers do not let us in: they are away, or TLS or the login is not what they ask for; each with a remedy.

kafka-python's clients try again until their time is up and keep the reason to themselves, so one connection is tried
here whose own error is read. A broker says why and hangs up, and the client may lose the former for the latter.
"""

import re
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from kafka.errors import IllegalSaslStateError, KafkaError, SaslAuthenticationFailedError, UnsupportedSaslMechanismError
from kafka.net.manager import KafkaConnectionManager
from kafka.net.selector import NetworkSelector

from schemas.errors import ConfigurationError

ATTEMPT_MS = 5_000
AWAY = "it is away or slow: start it, or name another in REVCYCLE_KAFKA"
HUNG_UP = "socket disconnected"
TLS_ERROR = re.compile(r"\[SSL: (?P<code>\w+)\] (?P<words>.*) \(_ssl")  # the client quotes it in an error of its own
LOGINS = {
    "OAUTHBEARER": "have the issuer write one into REVCYCLE_KAFKA_TOKEN_FILE that is not expired and that it trusts",
    "SCRAM-SHA-256": "give user and password as it knows them in REVCYCLE_KAFKA_USERNAME and REVCYCLE_KAFKA_PASSWORD",
}
LOGINS["SCRAM-SHA-512"] = LOGINS["SCRAM-SHA-256"]


def explain_refusal(address: str, security: Mapping[str, Any]) -> str:
    """What one more login at `host:port,host:port` meets, and the remedy. Holds no secret."""
    reasons = [_explain(error, security) for each in address.split(",") if (error := _try_login(each, security))]
    return next((reason for reason in reasons if reason != AWAY), AWAY)  # who is there knows more than who is away


def _try_login(address: str, security: Mapping[str, Any]) -> Exception | None:
    with closing(NetworkSelector()) as network:
        manager = KafkaConnectionManager(network, bootstrap_servers=[address], **security)
        (broker,) = manager.cluster.bootstrap_brokers()

        async def log_in() -> None:
            await manager.get_connection(broker.node_id, timeout_ms=ATTEMPT_MS, refresh_metadata_on_err=False)
            await manager.cluster.refresh_metadata(broker.node_id)

        with closing(manager):
            try:
                manager.run(log_in)
            except (KafkaError, ConfigurationError) as error:
                return error
    return None


def _explain(error: Exception, security: Mapping[str, Any]) -> str:
    if isinstance(error, ConfigurationError):  # the token's file
        return str(error)
    tls = TLS_ERROR.search(str(error))
    if tls and tls["code"] == "CERTIFICATE_VERIFY_FAILED":
        return (
            f"its certificate is not trusted ({tls['words']}): name its authority in REVCYCLE_KAFKA_CA_FILE, and the "
            "brokers in REVCYCLE_KAFKA by the names that their certificates have"
        )
    if tls and "ALERT" in tls["code"]:
        return (
            f"it refuses our certificate ({tls['code']}): name one of an authority that it trusts in "
            "REVCYCLE_KAFKA_CERTIFICATE_FILE and REVCYCLE_KAFKA_KEY_FILE"
        )
    if tls:
        return "it does not speak TLS there: name its TLS listener, or leave REVCYCLE_KAFKA_TLS out"
    mechanism = security.get("sasl_mechanism")
    if isinstance(error, UnsupportedSaslMechanismError | IllegalSaslStateError):
        return f"it has no login by {mechanism} there: name a listener that has, or another in REVCYCLE_KAFKA_SASL"
    if not isinstance(error, SaslAuthenticationFailedError) and HUNG_UP not in str(error):
        return AWAY
    if mechanism:
        return f"it refuses our login by {mechanism}, or has no such login there: {LOGINS[mechanism]}"
    return "it hangs up: set REVCYCLE_KAFKA_TLS, a certificate of ours or REVCYCLE_KAFKA_SASL as this listener asks"
