"""The exceptions of revcycle, one tree. What the business refuses is an event, never an exception.

RevcycleError
├── UnreadableMessageError   no schema accepts the bytes: dead letter, then on
├── NewerSchemaError         an internal event from a newer program: the consumer stops
├── TooManySetAsideError     a step fails at one key after the other: it stops, and what it did is committed
├── TransportError           database or broker away: bounded retry, then exit 75
│   └── UnknownOutcomeError  it went away while it committed: look before you do it again
├── PassingConflictError     another transaction was in the way: the same batch again
├── DoubledEntryError        two facts make one journal entry: a bug; nothing is written, the consumer stops
├── NotTakenError            a person's act is recorded, and a step cannot take it now
├── PositionError            the log is not the one that the positions speak of: the consumer stops
├── ConfigurationError       a setting or table of the user's is wrong: what, where, how to mend
├── DocumentError            a statement or letter cannot be made: the others go on
├── RefusedError             a person asked for what cannot be done: what, why, what can be done instead
│   └── ActRefusedError      the steps refused it: the act stands in the log, and moved nothing
└── X12Error                 `schemas.x12.errors`: bytes that are not the X12 they claim to be
"""


class RevcycleError(Exception):
    """Base of everything that revcycle raises on purpose."""


class UnreadableMessageError(RevcycleError):
    """No schema accepts a message. The text never quotes the message: it may hold PHI."""


class NewerSchemaError(RevcycleError):
    """A known type with a schema version that this program does not know yet."""


class TooManySetAsideError(RevcycleError):
    """A step has set so many keys aside that the fault is the program's, not theirs: a person looks first."""


class TransportError(RevcycleError):
    """A database or broker cannot be reached; nothing was acknowledged."""


class UnknownOutcomeError(TransportError):
    """The database broke off while it committed: what was asked for may be done, or not."""


class PassingConflictError(RevcycleError):
    """Another transaction was in the way of this one, which wrote nothing: a second try finds the way clear."""


class DoubledEntryError(RevcycleError):
    """A journal entry that stands in the ledger already was to be posted by another fact: trying again cannot help."""

    def __init__(self, constraint: str) -> None:
        super().__init__(
            f"a journal entry would be posted twice, by two different facts ({constraint}): nothing of this batch was "
            "written, and trying again will not help. It is a bug: keep the store as it is, and report this with the "
            "version of the program"
        )


class NotTakenError(RevcycleError):
    """What a person did stands in the log, but a step has set it aside."""


class PositionError(RevcycleError):
    """A stored position lies outside the log: re-created, truncated or expired."""


class ConfigurationError(RevcycleError):
    """A setting or a table of the user's cannot be used; the text says what, where and how to mend it."""


class DocumentError(RevcycleError):
    """A statement or letter that cannot be made. The text never quotes what was to stand in it: it is PHI."""


class RefusedError(RevcycleError):
    """A person's action that cannot be taken; nothing happened, and the text says what can be done instead."""


class ActRefusedError(RefusedError):
    """A person's act that the steps refused: it stands in the log, nothing was done, and it need not be told again."""
