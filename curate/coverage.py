"""Computes which stretches of an article's text no fact is based on."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from core.problems import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mapping.documents import Document, Exemption, Passage
    from mapping.evidence import Texts
    from mapping.mapper import Fact
    from mapping.project import Project

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Use:
    """A passage and the facts based on it. names: its names in the document."""

    passage: Passage
    names: tuple[str, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Stretch:
    """A run of text that no fact is based on, and the curator's reason for it, if one is given.

    start, end: from the first letter or digit to after the last one, in characters from 0. letters: number of letters
    and digits.
    """

    start: int
    end: int
    wording: str
    letters: int
    exemption: Exemption | None


@dataclass(frozen=True)
class Coverage:
    """How much of one article's text the facts of the dataset are based on.

    letters: letters and digits of the text. covered: those under a passage that a fact or a spelling is based on; a
    stretch with a reason is not covered. stale: reasons that apply to no stretch.
    """

    document: Document
    text: str
    uses: tuple[Use, ...]
    stretches: tuple[Stretch, ...]
    letters: int
    covered: int
    stale: tuple[Exemption, ...]

    @property
    def share(self) -> float:
        """Percentage of letters and digits that are covered; 100 for a text without any."""
        return 100 * self.covered / self.letters if self.letters else 100.0

    @property
    def used(self) -> list[Use]:
        """The passages that a fact is based on."""
        return [use for use in self.uses if use.facts]

    @property
    def unused(self) -> list[Use]:
        """The passages that no fact is based on."""
        return [use for use in self.uses if not use.facts]

    @property
    def facts(self) -> list[Fact]:
        """The facts and spellings based on the text, each once, in the order of their passages."""
        return list({id(fact): fact for use in self.uses for fact in use.facts}.values())

    @property
    def unexplained(self) -> list[Stretch]:
        """The stretches without a reason."""
        return [stretch for stretch in self.stretches if stretch.exemption is None]

    @property
    def exempt(self) -> list[tuple[Exemption, list[Stretch]]]:
        """Each reason that applies, with its stretches, in the order of the document."""
        found = (
            (exemption, [s for s in self.stretches if s.exemption == exemption])
            for exemption in self.document.exemptions
        )
        return [(exemption, stretches) for exemption, stretches in found if stretches]


@dataclass
class Report:
    """The coverage of each article. slugs: all articles that were asked for. problems: why some are missing."""

    articles: list[Coverage] = field(default_factory=list)
    slugs: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    @property
    def letters(self) -> int:
        """Letters and digits of all texts."""
        return sum(article.letters for article in self.articles)

    @property
    def covered(self) -> int:
        """Covered letters and digits of all texts."""
        return sum(article.covered for article in self.articles)

    def below(self, minimum: float) -> list[Coverage]:
        """The articles of which less than `minimum` percent is covered."""
        return [article for article in self.articles if article.share < minimum]


def report(project: Project, texts: Texts, slugs: Iterable[str] = ()) -> Report:
    """The coverage of a project's articles, or of those with the slugs, in the order of their files.

    An article without its text, or with a text of another digest, is left out and reported as a problem. Memory: all
    facts of the project.
    """
    wanted = set(slugs)
    documents: list[Document] = []
    resting: dict[str, list[Fact]] = defaultdict(list)
    passages: dict[str, Passage] = {}
    for document, facts in project.facts():
        if document.article is not None and (not wanted or document.slug in wanted):
            documents.append(document)
        for fact in facts:
            for passage in fact.evidence:
                passages.setdefault(passage.id, passage)
                resting[passage.id].append(fact)
    result = Report(slugs={document.slug for document in documents}, problems=list(project.problems))
    for document in documents:
        file_name = document.own_record.get("textFile")
        problems = texts.check(document) if file_name else [_no_text(document)]
        result.problems += problems
        if not problems:
            own = [passage for passage in passages.values() if passage.article == document.article]
            uses = list(_uses(document, own, resting))
            result.articles.append(measure(document, texts.whole(str(file_name)), uses))
    return result


def measure(document: Document, text: str, uses: list[Use]) -> Coverage:
    """The coverage of one text."""
    covered = bytearray(len(text))
    for use in uses:
        if use.facts:
            start, end = use.passage.start, min(use.passage.end, len(text))
            covered[start:end] = bytes([True]) * (end - start)
    stretches = tuple(_stretches(text, covered, document.exemptions))
    given = {stretch.exemption for stretch in stretches}
    return Coverage(
        document,
        text,
        tuple(uses),
        stretches,
        letters=sum(map(str.isalnum, text)),
        covered=sum(letter.isalnum() for letter, here in zip(text, covered, strict=True) if here),
        stale=tuple(exemption for exemption in document.exemptions if exemption not in given),
    )


def _no_text(document: Document) -> Problem:
    fix = "give 'textFile' and 'textDigest' in the record about the article"
    return Problem(document.place, Severity.VIOLATION, "evidence", "the document does not name its text", fix)


def _uses(document: Document, named: Iterable[Passage], resting: dict[str, list[Fact]]) -> Iterator[Use]:
    names: dict[str, list[str]] = defaultdict(list)
    passages = {passage.id: passage for passage in named}
    for name, passage in document.passages.items():
        names[passage.id].append(name)
        passages.setdefault(passage.id, passage)
    for passage in sorted(passages.values(), key=lambda p: (p.start, -p.end)):
        yield Use(passage, tuple(names[passage.id]), tuple(resting.get(passage.id, ())))


def _stretches(text: str, covered: bytearray, exemptions: Iterable[Exemption]) -> Iterator[Stretch]:
    """The uncovered runs with at least one letter or digit, split where a reason begins or ends."""
    reasons: list[Exemption | None] = [None] * len(text)
    by_words = {}
    for exemption in exemptions:
        if exemption.passage is not None:
            start, end = exemption.passage.start, exemption.passage.end
            reasons[start:end] = [exemption] * (end - start)
        by_words.update({words(wording): exemption for wording in exemption.words})
    for (done, reason), group in groupby(range(len(text)), key=lambda at: (covered[at], reasons[at])):
        run = [at for at in group if text[at].isalnum()]
        if run and not done:
            wording = text[run[0] : run[-1] + 1]
            yield Stretch(run[0], run[-1] + 1, wording, len(run), reason or by_words.get(words(wording)))


def words(wording: str) -> tuple[str, ...]:
    """The words of a text without case and punctuation, for comparing."""
    return tuple(_WORD.findall(wording.casefold()))
