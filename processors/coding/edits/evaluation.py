"""Which codes are evaluation and management visits, by the numbering of CPT; the ranges only, easy to correct."""

from collections.abc import Collection
from functools import lru_cache

from schemas.code_ranges import is_between

NEW_PATIENT = (("92002", "92004"), ("99202", "99205"), ("99341", "99345"), ("99381", "99387"))
OFFICE = (("99202", "99215"),)
HOSPITAL = (("99221", "99239"),)
EMERGENCY = (("99281", "99285"),)
NURSING_FACILITY = (("99304", "99318"),)
HOME = (("99341", "99350"),)
_EVALUATION = (
    ("92002", "92014"), *OFFICE, *HOSPITAL, ("99242", "99255"), *EMERGENCY, ("99291", "99292"), *NURSING_FACILITY,
    *HOME, ("99381", "99397"), ("99468", "99480"),
)  # fmt: skip
# NCCI modifiers that set an evaluation apart from what is done beside it; 59, X{EPSU} and anatomic ones do not.
MODIFIERS_OF_EVALUATIONS = frozenset(["24", "25", "27", "57"])
# Who has done one of these has met the patient: surgery and the care after it, psychotherapy, manipulation, Medicare's
# preventive visits. Reading a test does not count, nor does what staff give (CPM 12 s. 30.6.7.A).
_FACE_TO_FACE = (
    ("10004", "69990"), ("90785", "90899"), ("98925", "98943"), ("99024", "99024"), ("99406", "99409"),
    ("99483", "99498"), ("G0101", "G0101"), ("G0402", "G0402"), ("G0438", "G0439"),
)  # fmt: skip
_ONLY_READ = frozenset(["26", "TC"])


@lru_cache(maxsize=20_000)
def is_evaluation(code: str) -> bool:
    """Whether a code is an evaluation and management visit."""
    return code[:1] == "9" and is_between(code, *_EVALUATION)


def is_face_to_face(code: str, modifiers: Collection[str]) -> bool:
    """Whether a professional service has the patient and the physician in one room."""
    return _ONLY_READ.isdisjoint(modifiers) and (is_evaluation(code) or is_between(code, *_FACE_TO_FACE))
