"""The tables, in SQL that SQLite and Postgres both take. Amounts are integer cents.

`event` is every event that was ever made or taken, and the log of the embedded engine; rows are only ever added. On
Kafka `outbox` names those that are committed here and not yet acknowledged by the broker. The PROJECTIONS can be
rebuilt from the events. A changed projection takes the next SCHEMA_VERSION: a store of an earlier one rebuilds them
when it is opened.
"""

from connectors.stores.projections import PROJECTIONS

SCHEMA_VERSION = 4

TABLES = (
    """CREATE TABLE IF NOT EXISTS event (
        sequence INTEGER PRIMARY KEY, topic TEXT NOT NULL, event_id TEXT NOT NULL UNIQUE, type TEXT NOT NULL,
        schema_version INTEGER NOT NULL, key TEXT NOT NULL, occurred_at TEXT NOT NULL, correlation_id TEXT NOT NULL,
        causation_id TEXT, decided_by TEXT NOT NULL, body BLOB NOT NULL, body_hash BLOB NOT NULL,
        source TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS event_of_topic ON event (topic, sequence)",
    """CREATE TABLE IF NOT EXISTS position (
        step TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, next_offset INTEGER NOT NULL,
        owner TEXT NOT NULL DEFAULT '', PRIMARY KEY (step, topic, partition))""",
    """CREATE TABLE IF NOT EXISTS applied (
        sequence INTEGER PRIMARY KEY, step TEXT NOT NULL, event_id TEXT NOT NULL, key TEXT NOT NULL,
        body_hash BLOB NOT NULL, UNIQUE (event_id, step))""",
    "CREATE TABLE IF NOT EXISTS state (step TEXT NOT NULL, key TEXT NOT NULL, value BLOB, PRIMARY KEY (step, key))",
    """CREATE TABLE IF NOT EXISTS due (
        step TEXT NOT NULL, key TEXT NOT NULL, partition_key TEXT NOT NULL, due_on TEXT, PRIMARY KEY (step, key))""",
    "CREATE INDEX IF NOT EXISTS due_by_date ON due (step, due_on) WHERE due_on IS NOT NULL",
    # The letters of one message are one letter, whichever steps could not read it.
    """CREATE TABLE IF NOT EXISTS dead_letter (
        sequence INTEGER PRIMARY KEY, letter_id TEXT NOT NULL UNIQUE, topic TEXT NOT NULL, partition INTEGER NOT NULL,
        "offset" INTEGER NOT NULL, headers TEXT NOT NULL, body BLOB NOT NULL, reason TEXT NOT NULL,
        retried INTEGER NOT NULL DEFAULT 0)""",
    # What a step could not take, and what waits behind it; `ended` is "taken" or "dropped" when it is so no more.
    """CREATE TABLE IF NOT EXISTS set_aside (
        sequence INTEGER PRIMARY KEY, step TEXT NOT NULL, key TEXT NOT NULL, event_id TEXT NOT NULL,
        topic TEXT NOT NULL, type TEXT NOT NULL, reason TEXT NOT NULL, ended TEXT NOT NULL DEFAULT '',
        UNIQUE (step, key, event_id))""",
    "CREATE INDEX IF NOT EXISTS set_aside_now ON set_aside (step, key) WHERE ended = ''",
    # Kept by the partition that the cause came from: only its owner publishes them, in the order of their making.
    """CREATE TABLE IF NOT EXISTS outbox (
        message_id TEXT PRIMARY KEY, step TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS outbox_of_partition ON outbox (step, topic, partition)",
    # Whose store this is: one row, of the first installation on Kafka that opened it.
    "CREATE TABLE IF NOT EXISTS installation (one INTEGER PRIMARY KEY CHECK (one = 1), installation_id TEXT NOT NULL)",
    # The topics that the positions speak of.
    """CREATE TABLE IF NOT EXISTS topic (
        name TEXT PRIMARY KEY, topic_id TEXT NOT NULL, partitions INTEGER NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS staged (file_name TEXT PRIMARY KEY, staged_name TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS sent_before (
        patient_control_number TEXT PRIMARY KEY, file_name TEXT NOT NULL, sha256 TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS document (
        sha256 TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, outcome TEXT NOT NULL, events INTEGER NOT NULL,
        findings TEXT NOT NULL)""",
    *(statement for projection in PROJECTIONS for statement in projection.ddl),
)
