"""Which codes are evaluation and management visits, by the numbering of CPT; the ranges only, easy to correct."""

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
# Laboratory, pathology and imaging are not face to face.
_NOT_FACE_TO_FACE = (("70000", "89999"),)


def is_evaluation(code: str) -> bool:
    """Whether a code is an evaluation and management visit."""
    return code[:1] == "9" and is_between(code, *_EVALUATION)


def is_face_to_face(code: str) -> bool:
    """Whether a professional service has the patient and the physician in one room."""
    return len(code) == 5 and code.isdecimal() and not is_between(code, *_NOT_FACE_TO_FACE)
