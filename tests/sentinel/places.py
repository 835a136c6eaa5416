"""Where the words of a patient may stand, exactly: everything else is a leak."""

from tests.sentinel.marking import MARKS

EVERYTHING = frozenset(MARKS)
DOCUMENTED = frozenset({"diagnoses[].description", "services[].description"})  # what a coder reads to code by
# A letter has its sender's address; all postal codes here are one.
PRACTICE = frozenset(path for path in MARKS if path.startswith("billing_provider.") or path.endswith("postal_code"))
PERSONS = frozenset(path for path in MARKS if path.startswith(("patient.", "coverages[]")))
ACTS = frozenset({"why", "question", "answer"})  # what people wrote into the record

# What a command prints; a command that is not named here prints none.
SCREENS = {
    "export": EVERYTHING,  # every event, for analysts: its help says so
    "x12 parse": EVERYTHING,  # what a file says
    "deadletters show": EVERYTHING,  # the bytes of one message
    "claim show": DOCUMENTED | ACTS,
    "claim void": frozenset({"why"}),  # it shows the claim's story; `claim replace` has nothing to replace here
    "explain": DOCUMENTED,
    "deposits show": frozenset({"deposit"}),  # the bank's own words
}
# Columns of the store: bodies of events, what steps remember, and what no table maps.
COLUMNS = {
    "event.body": EVERYTHING,
    "state.value": EVERYTHING,
    "dead_letter.body": EVERYTHING,
    "encounter.source_id": frozenset({"source_id"}),  # people find an encounter by what the EHR calls it
    "deposit.description": frozenset({"deposit"}),
}
# Folders of an installation, by what its files hold.
FOLDERS = {
    "archive": EVERYTHING,
    "outbox": EVERYTHING,
    "inbox": EVERYTHING,
    "statements": PERSONS | PRACTICE | {"services[].description"},
    "appeals": PERSONS | PRACTICE | ACTS,
}
# Commands that are tried elsewhere: they need a broker, run until they are stopped, or know no patient of ours.
UNTRIED = frozenset(
    {"demo", "run", "dev kafka", "dev payer", "topics create", "topics describe", "topics list", "topics rebuild"}
)
