"""Which version of an encounter is the newer, and what it is called where the EHR does not name it."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from schemas.encounter import Encounter

ORDER_OF_ARRIVAL = "0"  # versions that nothing else orders: the one that comes last is the newest


def order_instant(text: str) -> str:
    """An ISO 8601 instant in UTC with microseconds, so that instants sort as text. Raises ValueError."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an instant needs its offset from UTC")
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def hash_content(values: dict[str, Any]) -> str:
    """sha256 of what was read: an encounter without a version is the same as long as its content is."""
    content = Encounter(**values, version="content").model_dump(mode="json", exclude={"version"})
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
