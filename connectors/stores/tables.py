"""The tables, in SQL that SQLite and Postgres both take. Amounts are integer cents.

`event` is every event that was ever made or taken, and the log of the embedded engine; rows are only ever added. On
Kafka `outbox` names those that are committed here and not yet acknowledged by the broker. The tables of PROJECTIONS can
be rebuilt from the events. A changed projection takes the next SCHEMA_VERSION: a store of an earlier one rebuilds them
when it is opened.
"""

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
    # --- projections
    """CREATE TABLE IF NOT EXISTS encounter (
        encounter_id TEXT PRIMARY KEY, account_key TEXT NOT NULL, source_id TEXT NOT NULL, state TEXT NOT NULL,
        revision INTEGER NOT NULL, held_ever INTEGER NOT NULL DEFAULT 0)""",
    """CREATE TABLE IF NOT EXISTS claim (
        claim_id TEXT PRIMARY KEY, account_key TEXT NOT NULL DEFAULT '', encounter_id TEXT NOT NULL DEFAULT '',
        patient_control_number TEXT NOT NULL DEFAULT '', trading_partner TEXT NOT NULL DEFAULT '',
        payer_name TEXT NOT NULL DEFAULT '', revision INTEGER NOT NULL DEFAULT 0,
        charge_cents BIGINT NOT NULL DEFAULT 0, paid_cents BIGINT NOT NULL DEFAULT 0,
        adjusted_cents BIGINT NOT NULL DEFAULT 0, patient_cents BIGINT NOT NULL DEFAULT 0,
        settled TEXT NOT NULL DEFAULT '', withdrawn INTEGER NOT NULL DEFAULT 0,
        submitted INTEGER NOT NULL DEFAULT 0, accepted TEXT NOT NULL DEFAULT '', rejected TEXT NOT NULL DEFAULT '',
        posted INTEGER NOT NULL DEFAULT 0, denied INTEGER NOT NULL DEFAULT 0,
        submitted_on TEXT NOT NULL DEFAULT '', decided_on TEXT NOT NULL DEFAULT '',
        first_remittance_id TEXT NOT NULL DEFAULT '')""",
    """CREATE TABLE IF NOT EXISTS denial (
        claim_id TEXT NOT NULL, line_key TEXT NOT NULL, payer_name TEXT NOT NULL, reason TEXT NOT NULL,
        remittance_id TEXT NOT NULL, denied_on TEXT NOT NULL, denied_cents BIGINT NOT NULL,
        appealed_on TEXT NOT NULL DEFAULT '', appeal_days INTEGER NOT NULL DEFAULT 0,
        concluded_on TEXT NOT NULL DEFAULT '', outcome TEXT NOT NULL DEFAULT '', days INTEGER NOT NULL DEFAULT 0,
        recovered_cents BIGINT NOT NULL DEFAULT 0, PRIMARY KEY (claim_id, line_key))""",
    # Pending: built, and this version of it is neither in an interchange nor waiting for a person (`settled`).
    """CREATE INDEX IF NOT EXISTS claim_pending ON claim (trading_partner, claim_id)
        WHERE patient_control_number <> settled AND withdrawn = 0 AND encounter_id <> ''""",
    "CREATE INDEX IF NOT EXISTS claim_of_encounter ON claim (encounter_id)",
    """CREATE TABLE IF NOT EXISTS remittance (
        remittance_id TEXT PRIMARY KEY, accepted INTEGER NOT NULL DEFAULT 0, held INTEGER NOT NULL DEFAULT 0,
        closed INTEGER NOT NULL DEFAULT 0, payment_cents BIGINT NOT NULL DEFAULT 0,
        posted_cents BIGINT NOT NULL DEFAULT 0, payer_name TEXT NOT NULL DEFAULT '',
        reason TEXT NOT NULL DEFAULT '')""",
    """CREATE TABLE IF NOT EXISTS entry (
        entry_id TEXT PRIMARY KEY, event_id TEXT NOT NULL, claim_id TEXT, encounter_id TEXT, remittance_id TEXT,
        occurred_at TEXT NOT NULL, sha256 TEXT, segment INTEGER)""",
    "CREATE INDEX IF NOT EXISTS entry_of_claim ON entry (claim_id)",
    """CREATE TABLE IF NOT EXISTS entry_line (
        entry_id TEXT NOT NULL, line INTEGER NOT NULL, account TEXT NOT NULL, qualifier TEXT NOT NULL,
        debit_cents BIGINT NOT NULL, credit_cents BIGINT NOT NULL, PRIMARY KEY (entry_id, line))""",
    """CREATE TABLE IF NOT EXISTS work_item (
        item_id TEXT PRIMARY KEY, queue TEXT NOT NULL, owner TEXT NOT NULL, priority INTEGER NOT NULL,
        reason TEXT NOT NULL, category TEXT NOT NULL, claim_id TEXT, encounter_id TEXT, remittance_id TEXT,
        next_action TEXT NOT NULL, deadline TEXT, amount_cents BIGINT, opened_by TEXT NOT NULL,
        opened_at TEXT NOT NULL, state TEXT NOT NULL, assignee TEXT NOT NULL DEFAULT '',
        resolution TEXT NOT NULL DEFAULT '', root_cause TEXT NOT NULL DEFAULT '', edits TEXT NOT NULL DEFAULT '',
        appeal_level INTEGER NOT NULL DEFAULT 0, appeal_name TEXT NOT NULL DEFAULT '')""",
    """CREATE TABLE IF NOT EXISTS patient_balance (
        claim_id TEXT PRIMARY KEY, account_key TEXT NOT NULL, encounter_id TEXT NOT NULL, status TEXT NOT NULL,
        share_cents BIGINT NOT NULL, paid_cents BIGINT NOT NULL, written_off_cents BIGINT NOT NULL,
        refund_cents BIGINT NOT NULL, refunded_cents BIGINT NOT NULL, balance_cents BIGINT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS patient_balance_owed ON patient_balance (account_key) WHERE status = 'owed'",
    """CREATE TABLE IF NOT EXISTS deposit (
        deposit_id TEXT PRIMARY KEY, deposited_on TEXT NOT NULL DEFAULT '', amount_cents BIGINT NOT NULL DEFAULT 0,
        trace_number TEXT NOT NULL DEFAULT '', description TEXT NOT NULL DEFAULT '',
        matched_by TEXT NOT NULL DEFAULT '', remittance_ids TEXT NOT NULL DEFAULT '')""",
    """CREATE TABLE IF NOT EXISTS statement (
        statement_id TEXT PRIMARY KEY, account_key TEXT NOT NULL, issued_on TEXT NOT NULL, due_cents BIGINT NOT NULL,
        claim_ids TEXT NOT NULL, file_name TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS statement_of_account ON statement (account_key, issued_on)",
    """CREATE TABLE IF NOT EXISTS timeline (
        subject TEXT NOT NULL, event_id TEXT NOT NULL, PRIMARY KEY (subject, event_id))""",
)

PROJECTIONS = (
    *("encounter", "claim", "denial", "remittance", "entry", "entry_line", "work_item"),
    *("patient_balance", "deposit", "statement", "timeline"),
)

# The latest state of a claim in one word, from its row: the strongest thing that is known of it wins. A rejection or
# acceptance counts only for the version that stands now. What a payer took back, or only estimated, is with it again;
# a later payer's claim (17 characters) has its amounts on the first payer's.
CLAIM_STATE = """CASE
    WHEN withdrawn = 1 AND submitted = 0 THEN 'withdrawn'
    WHEN paid_cents <> 0 THEN 'paid'
    WHEN posted = 1 AND denied = 1 THEN 'denied'
    WHEN posted = 1 AND (adjusted_cents <> 0 OR patient_cents <> 0 OR length(claim_id) > 16) THEN 'paid'
    WHEN rejected <> '' AND rejected = patient_control_number THEN 'rejected'
    WHEN accepted <> '' AND accepted = patient_control_number THEN 'acknowledged'
    WHEN submitted = 1 THEN 'submitted'
    ELSE 'open' END"""
