"""One installation for one set of brokers and one store: a second one is refused by name, before it reads anything.

An installation is its workers' key (`Settings.installation_id`): in the name of its consumer group, and in its store.
"""

import re

from connectors.kafka.offsets import has_messages
from connectors.kafka.topics import connect_admin
from connectors.settings import Settings
from connectors.stores.common import SqlStore
from schemas.errors import RefusedError
from streams.pipeline import FROM_EHR, TOPICS

GROUP = re.compile(r"revcycle(-[0-9a-f]{12})?")  # the former name of all, and now
BUSY = ("STABLE", "PREPARING_REBALANCE", "COMPLETING_REBALANCE")  # states of a group that has members
OPEN_TOPICS = frozenset(body.topic for body in FROM_EHR)


def name_group(settings: Settings) -> str:
    """The consumer group of an installation's workers."""
    return f"revcycle-{settings.installation_id}"


def require_own_store(store: SqlStore, settings: Settings) -> None:
    """Raises RefusedError when the store is another installation's."""
    owner = store.claim_for(settings.installation_id)
    if owner != settings.installation_id:
        raise RefusedError(
            f"the store {settings.store_label} belongs to the installation {owner}, and this data folder, by its "
            f"workers' key, to {settings.installation_id}: name the store of this one, or the data folder "
            "(REVCYCLE_DATA) or key (REVCYCLE_WORKERS_KEY_FILE) of that one. If the key was changed on purpose, stop "
            "all and give `revcycle topics rebuild`"
        )


def require_own_brokers(store: SqlStore, settings: Settings) -> None:
    """Raises RefusedError when another installation works on these brokers, or did before this one began."""
    own = name_group(settings)
    with connect_admin(settings.kafka, settings.kafka_security) as client:
        busy = {each["group_id"] for each in client.list_groups(states_filter=BUSY)}
    others = sorted(group for group in busy if GROUP.fullmatch(group) and group != own)
    if others:
        raise RefusedError(
            f"another installation works on {settings.kafka} (consumer group {others[0]}, ours is {own}): one set of "
            "brokers is for one installation; name brokers of its own for this one, or stop that one"
        )
    inner = [topic for topic in TOPICS if topic not in OPEN_TOPICS]
    if not store.read_topics() and not store.has_any_event() and has_messages(settings, inner):
        raise RefusedError(
            f"the topics on {settings.kafka} hold events of another installation, and the store {settings.store_label} "
            "is empty: name brokers or the store of this one. If the store was lost, `revcycle topics rebuild` makes "
            "the topics this one's, from what came from outside"
        )
