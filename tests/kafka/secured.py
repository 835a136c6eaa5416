"""A broker that asks who is there: by user and password, by certificate, by token; and what a client shows it."""

import base64
import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from connectors.kafka.local_broker import (
    LocalNode,
    broker_properties,
    find_free_ports,
    find_jars,
    read_cluster_id,
    read_nodes,
)
from connectors.settings import Settings, load_settings

PASSWORD = "correct-horse-9"
SESSION_MS = 6_000  # after which the broker wants a token again
LOGIN = "org.apache.kafka.common.security"


@dataclass(frozen=True)
class SecuredBroker:
    """A broker with a listener for each way to log in, all over TLS; `files` are ours."""

    plain: str  # for us alone
    scram: str
    mutual: str
    token: str
    files: Path
    node: LocalNode

    @property
    def tls(self) -> dict[str, str]:
        """What the environment says of TLS."""
        return {"REVCYCLE_KAFKA_TLS": "true", "REVCYCLE_KAFKA_CA_FILE": str(self.files / "ca.crt")}

    def settings(self, **fields: object) -> Settings:
        return load_settings(self.files, kafka_tls=True, kafka_ca_file=self.files / "ca.crt", **fields)


def start_secured_broker(folder: Path) -> SecuredBroker:
    """The broker, when it answers; `node.stop()` ends it."""
    make_certificates(folder)
    *ports, controller = find_free_ports(5)
    plain, scram, mutual, token = (f"127.0.0.1:{port}" for port in ports)
    properties = broker_properties(1, ports[:1], [controller], "127.0.0.1")
    listeners = f"SCRAM://{scram},MUTUAL://{mutual},TOKEN://{token}"
    properties["listeners"] += f",{listeners}"
    properties["advertised.listeners"] += f",{listeners}"
    properties["listener.security.protocol.map"] += ",SCRAM:SASL_SSL,MUTUAL:SSL,TOKEN:SASL_SSL"
    by_token = f'{LOGIN}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";'
    properties |= {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(folder / "broker.pem"),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(folder / "ca.crt"),
        "listener.name.mutual.ssl.client.auth": "required",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512,OAUTHBEARER",
        "listener.name.scram.sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.scram.scram-sha-512.sasl.jaas.config": f"{LOGIN}.scram.ScramLoginModule required;",
        "listener.name.token.sasl.enabled.mechanisms": "OAUTHBEARER",
        "listener.name.token.oauthbearer.sasl.jaas.config": by_token,
        "listener.name.token.oauthbearer.connections.max.reauth.ms": str(SESSION_MS),
    }
    node = LocalNode(find_jars(), folder, 1, properties, read_cluster_id(folder), {"worker": PASSWORD})
    node.start()
    while not read_nodes(plain):
        assert node.is_running, node.log.read_text()[-2000:]
    return SecuredBroker(plain, scram, mutual, token, folder, node)


def make_certificates(folder: Path) -> None:
    """An authority, a broker for 127.0.0.1, a client, and one of another authority (`other`); the broker wants key and
    certificate in one file."""

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    for name in ("ca", "other"):
        new = ("-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.crt")
        openssl("req", "-x509", *new, "-subj", f"/CN={name}")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    for name in ("broker", "client"):
        openssl(
            "req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", "request", "-subj", f"/CN={name}"
        )
        signed = ("-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names", "-out", f"{name}.crt")
        openssl("x509", "-req", "-in", "request", *signed)
    (folder / "broker.pem").write_text((folder / "broker.key").read_text() + (folder / "broker.crt").read_text())


def make_token(seconds: int) -> str:
    """An unsigned JWT, as the broker takes it where nobody names an issuer; below 0 seconds it has expired."""

    def encode(part: dict[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()

    now = int(time.time())
    claims: dict[str, object] = {"sub": "worker", "iat": now - 60, "exp": now + seconds}
    return f"{encode({'alg': 'none'})}.{encode(claims)}."


def write_token(path: Path, token: str) -> Path:
    """As an issuer replaces it: whole at once."""
    new = path.with_name(f".{path.name}.new")
    new.write_text(token + "\n")
    new.chmod(0o600)
    return new.rename(path)
