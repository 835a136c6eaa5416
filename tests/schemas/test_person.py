"""Two names are two people only where nobody could take one for the other."""

import pytest

from schemas.person import NAME_MAX, find_name_fault, fold_name, is_same_person

OWN = "Kim Lee"


@pytest.mark.parametrize(
    "other",
    [
        "kim lee",
        "KIM LEE",
        " Kim  Lee ",
        "Kim\u00a0Lee",
        "Kim-Lee",
        "Kim Lee.",
        "Kim\u200bLee",  # a space without width
        "Kim\ufeff Lee",
        "\u202eKim Lee",
        "Kim\u00ad Lee",
        "\u039aim Lee",  # Greek kappa
        "K\u0456m Lee",  # Cyrillic i
        "Kim L\u0435\u0435",  # Cyrillic ie, twice
        "Ｋｉｍ Ｌｅｅ",  # noqa: RUF001
        "\U0001d40a\U0001d422\U0001d426 Lee",  # letters of mathematics
        "Kím Lée",
        "Kim Lee\u0301",
        "K1m Lee".replace("1", "\u0131"),  # dotless i
    ],
)
def test_one_person_in_other_letters_is_one_person(other: str) -> None:
    assert is_same_person(OWN, other) and is_same_person(other, OWN)


def test_a_name_wholly_in_another_alphabet_that_looks_the_same_is_the_same() -> None:
    assert is_same_person("Max Cox", "\u041c\u0430\u0445 \u0421\u043e\u0445")  # Cyrillic throughout
    assert is_same_person("Ian Moore", "lan Moore") and is_same_person("OLLO", "0LL0")


@pytest.mark.parametrize("other", ["Pat Moore", "Kim Leigh", "Tim Lee", "Ким Ли", "김 이", "Lee"])
def test_two_people_are_two_people(other: str) -> None:
    assert not is_same_person(OWN, other)
    assert not is_same_person("Ian Moore", "Lan Moore")
    assert not is_same_person("\u0930\u093e\u092e", "\u0930\u092e\u093e")  # Ram and Rama: their vowels are marks


def test_a_name_is_found_however_it_is_typed_but_not_by_a_look_alike() -> None:
    assert fold_name(" Kim\u00a0 LEE ") == fold_name("Ｋim Lee") == "kim lee"  # noqa: RUF001
    assert fold_name("\u039aim Lee") != "kim lee"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "1 to 200"),
        ("x" * (NAME_MAX + 1), "1 to 200"),
        ("Kim\u200bLee", "cannot be seen (U+200B)"),
        ("Kim\u202eLee", "cannot be seen"),
        ("Kim\x1b[2J", "cannot be seen (U+001B)"),
        ("Kim\nLee", "cannot be seen"),
        ("Kim\u00a0Lee", "cannot be seen"),
        ("Kim\u3164Lee", "cannot be seen"),
        ("Kim\ufe0fLee", "cannot be seen"),
        ("Kim\ue000", "cannot be seen"),
        ("\ud800Kim", "cannot be seen"),
        ("K\u0456m Lee", "Cyrillic and Latin"),
        ("\u039aim Lee", "Greek and Latin"),
        ("Kim \u13deee", "Cherokee and Latin"),
        ("\ua4da\ua4d5\ua4f2", "names are written in today"),  # Lisu
        ("...", "has letters"),
        ("12", "has letters"),
    ],
)
def test_a_name_that_hides_something_is_refused_with_a_sentence(name: str, why: str) -> None:
    fault = find_name_fault(name)
    assert fault is not None and why in fault
    assert not name or name not in fault


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Kim Lee",
            "M. Biller",
            "O'Neil-Smith, Pat",
            "p.moore@clinic.example",
            "José Núñez",
            "Łukasz Đặng",
            "ﬁona",
            "Ka\u02bbena",
        ),
        *("Наталія", "Ελένη", "שרה כהן", "محمد", "प्रिया", "สมชาย", "张伟", "山田 花子 さくら サクラー", "김민준 金"),
        *("Արամ", "ნინო", "ꭰꮎ"),
    ],
)
def test_a_name_of_one_script_is_taken(name: str) -> None:
    assert find_name_fault(name) is None
