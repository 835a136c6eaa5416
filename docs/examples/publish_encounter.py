"""Publishes encounters to revcycle: one JSON object a line, as docs/encounters.md describes it.

REVCYCLE_KAFKA=host:port python publish_encounter.py encounters.ndjson
"""

import hashlib
import hmac
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from kafka import KafkaProducer

SECRET = os.environ.get("EHR_KEY_SECRET", "only-for-trying-it-out").encode()  # yours, and the same for ever


def opaque(*parts: str) -> str:
    """The same parts give the same name, and nobody without the secret gets from the name to the patient."""
    return hmac.new(SECRET, "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()[:32]


producer = KafkaProducer(bootstrap_servers=os.environ["REVCYCLE_KAFKA"].split(","), acks="all")
sent = []
for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
    encounter = json.loads(line)
    who = encounter["source_system"]
    headers = {
        "ce_specversion": "1.0",
        "ce_id": opaque(who, encounter["source_id"], encounter["version"]),  # one id a version, however often sent
        "ce_source": who,
        "ce_type": "rcm.encounter",
        "ce_time": datetime.now(UTC).isoformat(),
        "content-type": "application/json",
    }
    key = opaque(who, encounter["patient"]["id"]).encode()  # one key for each patient: their order is kept
    pairs = [(name, text.encode()) for name, text in headers.items()]
    sent.append(producer.send("rcm.encounter.v1", key=key, value=line.encode(), headers=pairs))
producer.flush()
for future in sent:
    future.get()  # raises if the brokers have not taken it
print(f"{len(sent)} encounters published")
