"""Medical necessity for Medicare: which diagnoses cover a procedure, by the contractor's coverage articles."""

from collections.abc import Iterator

from processors.coding.edits.case import MEDICARE, Check, Edit, EditedEncounter, Line
from schemas.codesets import Article, CoverageGroup
from schemas.findings import Finding

_LIABILITY_MODIFIERS = frozenset(["GA", "GX", "GY", "GZ"])
_ACT = "Social Security Act s. 1862(a)(1)(A); Medicare Program Integrity Manual ch. 13"

NOT_COVERED = Edit(
    "necessity_not_covered", "hold", "coder",
    "No diagnosis that the line points to covers {code} (article {articles}).",
    "Point to a documented diagnosis that covers it, or have the patient sign an ABN and add GA, or GZ without one.",
    _ACT,
    MEDICARE,
    is_policy=True,
)  # fmt: skip
EXCLUDED = Edit(
    "necessity_diagnosis_excluded", "hold", "coder",
    "{diagnosis} is among the diagnoses for which article {articles} never covers {code}.",
    "Point to another documented diagnosis, or have the patient sign an ABN and add GA.",
    _ACT,
    MEDICARE,
    is_policy=True,
)  # fmt: skip
NO_ARTICLE = Edit(
    "necessity_no_article", "warn", "coder",
    "Coverage articles on {code} exist, none of them for this contractor.",
    "Check the contractor's own policy; this line was not judged for necessity.",
    _ACT,
    MEDICARE,
)  # fmt: skip


def check_coverage(case: EditedEncounter) -> Iterator[Finding]:
    """Each line of a Medicare claim against the articles of its contractor."""
    first = min(case.encounter.coverages, key=lambda coverage: coverage.priority, default=None)
    contractor = first.payer_id if first else ""
    for line in case.lines:
        articles = case.codesets.articles(line.code, line.on)
        if not articles or not _LIABILITY_MODIFIERS.isdisjoint(line.modifier_set):
            continue
        own = [article for article in articles if not article.contractors or contractor in article.contractors]
        if own:
            yield from _judge_line(line, own)
        else:
            yield NO_ARTICLE.breach(line.where, code=line.code)


def _judge_line(line: Line, articles: list[Article]) -> Iterator[Finding]:
    names = ", ".join(article.article_id for article in articles)
    excluded = [code for article in articles for code in line.diagnoses if code in article.not_covered]
    listing = [article for article in articles if article.covered]
    if listing and not any(_covers(article, line.diagnoses) for article in listing):
        yield NOT_COVERED.breach(line.where, code=line.code, articles=names)
    elif excluded and not listing:
        yield EXCLUDED.breach(line.where, code=line.code, diagnosis=excluded[0], articles=names)


def _covers(article: Article, diagnoses: list[str]) -> bool:
    """Whether one group is met, with every group that it needs beside it."""
    groups = {group.number: group for group in article.covered}
    return any(
        _is_met(group, diagnoses)
        and all(_is_met(groups[number], diagnoses) for number in group.also_groups if number in groups)
        for group in article.covered
    )


def _is_met(group: CoverageGroup, diagnoses: list[str]) -> bool:
    return not group.codes.isdisjoint(diagnoses)


CHECKS = (Check(check_coverage, (NOT_COVERED, EXCLUDED, NO_ARTICLE), ("lcd_articles",)),)
