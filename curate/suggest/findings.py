"""Runs all recognisers over one article, with the registry and ontology of a project."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from core.errors import InputError
from curate.suggest import amounts, concepts, dates, names, speech, unknown
from curate.suggest.lexicon import lexicon
from curate.suggest.text import Article, language, read
from mapping.context import Context
from mapping.documents import Document, data_files, read_documents
from mapping.ontology import Ontology

if TYPE_CHECKING:
    from pathlib import Path

UNITS, MEASURES, EVENTS, AGREEMENTS = "units", "measures", "eventKinds", "agreementKinds"


@dataclass(frozen=True)
class Findings:
    """What was recognised in an article, each kind in the order of the text. unknown: names that are not known."""

    article: Article
    mentions: list[names.Mention]
    unknown: list[unknown.Unknown]
    dates: dates.Dates
    amounts: list[amounts.Amount]
    utterances: list[speech.Utterance]


@dataclass(frozen=True)
class Recogniser:
    """The registry, ontology and context of a project, with which texts are read."""

    registry: tuple[Document, ...]
    ontology: Ontology
    context: Context

    @classmethod
    def of(cls, root: Path, base: str) -> Recogniser:
        """Read a project folder; InputError if it holds no project, or its registry has problems."""
        if not (root / "mapping" / "context.jsonld").is_file():
            raise InputError(f"{root} holds no project: there is no mapping/context.jsonld in it")
        registry = tuple(read_all(root, "registry"))
        problems = [problem for document in registry for problem in document.problems]
        if problems:
            message = (
                f"the registry has {len(problems)} problems; parkgraph check lists them. The first:\n{problems[0]}"
            )
            raise InputError(message)
        ontology = Ontology.read(root / "ontology", base)
        return cls(registry, ontology, Context.read(root / "mapping" / "context.jsonld"))

    @cached_property
    def finder(self) -> names.Finder:
        """The finder of all names of the registry."""
        return names.Finder(names.names(self.registry))

    def findings(self, article: Article, finder: names.Finder | None = None) -> Findings:
        """Everything recognised in the article. finder: for other names than the registry's."""
        named = (finder or self.finder).find(article)
        mentions = [mention for mention in named if mention.longer is None]
        found = dates.find(article)
        counted: list[amounts.Amount] = []
        if article.lexicon is not None:
            units = self.vocabulary(UNITS, article.lexicon.language)
            words = [word for sentence in article.sentences for word in article.words(sentence)]
            counted = list(amounts.find(article, units, dates.taken(found, words)))
        spoken = speech.find(article, mentions)
        speakers = [one.speaker.name for one in spoken if one.speaker is not None and one.speaker.new]
        others = unknown.find(article, mentions, speakers)
        return Findings(article, mentions, others, found, counted, spoken)

    def labels(self, scheme: str, tag: str) -> dict[str, list[str]]:
        """Local name → labels of a scheme's concepts, in the language."""
        return concepts.labels(self.ontology, scheme, self.context.vocab, tag)

    def vocabulary(self, scheme: str, tag: str) -> concepts.ConceptWords:
        """The words for a scheme's concepts, in a language that has a lexicon."""
        known = lexicon(tag)
        assert known is not None  # noqa: S101 - asked for with an article's lexicon only
        return concepts.ConceptWords(self.labels(scheme, tag), known, known.words.get(scheme))


def article(path: Path, slug: str, tag: str | None = None) -> Article:
    """Read a text; without a language tag its language is detected."""
    text = read(path)
    found = tag or language(text)
    return Article(slug, text, found, lexicon(found))


def read_all(root: Path, folder: str) -> list[Document]:
    """The documents of a folder of data/."""
    return [
        document
        for path in data_files(root / "data" / folder)
        for document in read_documents(path, path.relative_to(root).as_posix())
    ]
