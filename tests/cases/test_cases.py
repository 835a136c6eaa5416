"""Every case of the book ends as it says, and in the orders that must not matter as well."""

from pathlib import Path

import pytest

from schemas.reference import Reference
from tests.cases.book import CaseError, list_cases, orders_of, read_case
from tests.cases.running import run_as_told
from tests.cases.telling import describe

CASES = [pytest.param(path, id=path.stem) for path in list_cases()]


def test_the_book_holds_a_hundred_situations() -> None:
    assert len(CASES) >= 100


@pytest.mark.parametrize("path", CASES)
def test_the_case_ends_as_the_book_says(path: Path, tmp_path: Path, reference: Reference) -> None:
    case = read_case(path)
    told, *others = orders_of(case)
    installation = run_as_told(case, told, tmp_path / "told", reference)
    assert describe(case, installation) == case.expected
    settled = describe(case, installation, with_history=False)
    installation.store.close()

    for number, steps in enumerate(others):
        installation = run_as_told(case, steps, tmp_path / str(number), reference)
        assert describe(case, installation, with_history=False) == settled, "another order ends elsewhere"
        installation.store.close()


def test_a_line_that_says_nothing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "wrong.md"
    path.write_text("# Wrong\n\n    R1 2026-13-20 60.00 from NOBODY (PAY1)\n")

    with pytest.raises(CaseError, match=r"wrong\.md:3"):
        read_case(path)
