"""The files of `data/` as documents: article documents and registry records, see docs/record-format.md."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from core.problems import Place, Problem, Severity, nearest
from mapping.records import ID
from mapping.source import LINES_SUFFIXES, YAML_SUFFIXES, Items, Map, Text, Value, parse, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from mapping.source import Parsed

SUFFIXES = (*YAML_SUFFIXES, *LINES_SUFFIXES)
_DOCUMENT_KEYS = ("article", "passages", "facts", "uncovered")
_PASSAGE_KEYS = ("start", "end", "digest")
_RANGE = frozenset(_PASSAGE_KEYS)
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Passage:
    """A passage of an article's text: its first character, counted from 0, the one after its last, and the SHA-256
    of its UTF-8 in hexadecimal.
    """

    article: str
    start: int
    end: int
    digest: str
    place: Place

    @property
    def slug(self) -> str:
        """The article's name within its type: `002` of `article/002`."""
        return self.article.partition("/")[2]

    @property
    def id(self) -> str:
        return f"evidence/{self.slug}-{self.start}-{self.end}"


@dataclass(frozen=True)
class ArticleText:
    """What evidence in other documents needs of an article: SHA-256, file name and language of its text, and its
    passages by name.
    """

    article: str
    digest: str | None = None
    file: str | None = None
    language: str | None = None
    passages: dict[str, Passage] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The names of the passages in other documents."""
        slug = self.article.partition("/")[2]
        return [f"{slug}/{name}" for name in self.passages]


@dataclass(frozen=True)
class Exemption:
    """The reason why no fact rests on a passage, or on any stretch of text that has one of these wordings."""

    reason: str
    place: Place
    passage: Passage | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """Records that belong together: the facts of one article, or registry records (article is None).

    problems: of reading it; what they are about is left out.
    """

    place: Place
    records: list[Map]
    article: str | None = None
    passages: dict[str, Passage] = field(default_factory=dict)
    exemptions: tuple[Exemption, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def slug(self) -> str:
        """The article's name within its type: `002` of `article/002`; empty for registry records."""
        return (self.article or "").partition("/")[2]

    @property
    def own_record(self) -> Map:
        """The records about the article itself, merged into one; empty if there are none."""
        about = [record for record in self.records if self.article is not None and record.get("id") == self.article]
        own = Map(about[0].place if about else self.place)
        for record in about:
            for key in record.keys() - own.keys():
                own.put(key, record[key], record.key_places[key])
        return own

    @property
    def text(self) -> ArticleText:
        """The text that the article's own record names, and the passages of the document."""
        own = self.own_record
        found = (own.get(key) for key in ("textDigest", "textFile", "inLanguage"))
        digest, file, language = (str(value) if isinstance(value, str) else None for value in found)
        passages = {str(name): passage for name, passage in self.passages.items()}
        return ArticleText(self.article or "", digest, file, language, passages)


def data_files(folder: Path) -> list[Path]:
    """The data files below a folder, in the order of their names."""
    return sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES)


def read_documents(path: Path, name: str) -> Iterator[Document]:
    """The documents of one file. name: of the file, for the places in it."""
    return _documents(read(path, name), name)


def parse_documents(data: bytes, name: str, line: int = 1) -> Iterator[Document]:
    """The documents of a file's bytes, or of some of its lines; name and line as for `source.parse`."""
    return _documents(parse(data, name, line), name)


def _documents(values: Iterable[Parsed], name: str) -> Iterator[Document]:
    for parsed in values:
        value, problems = parsed.value, parsed.problems
        if value is None:
            yield Document(Place(name), [], problems=problems)
        elif isinstance(value, Map) and any(key in value for key in _DOCUMENT_KEYS):
            document = _article_document(value)
            yield replace(document, problems=problems + document.problems)
        elif isinstance(value, Map):
            yield Document(value.place, [value], problems=problems)
        else:
            records, wrong = _records(value)
            yield Document(value.place, records, problems=(*problems, *wrong))


def _article_document(value: Map) -> Document:
    problems: list[Problem] = []
    for key, key_place in value.key_places.items():
        if key not in _DOCUMENT_KEYS:
            hint = nearest(key, _DOCUMENT_KEYS) or "facts go into the list under 'facts'"
            problems.append(_problem("key", key_place, f"a document has no key '{key}'", hint))
    article = value.get("article")
    if not isinstance(article, Text) or not is_article(article):
        fix = "begin the document with the article it is about, as in 'article: article/002'"
        problems.append(_problem("key", value.place, "the document does not name its article", fix))
        return Document(value.place, [], problems=tuple(problems))
    passages, wrong_passages = _passages(value.get("passages"), str(article))
    exemptions, wrong_exemptions = _exemptions(value.get("uncovered"), str(article))
    records, wrong_records = _records(value.get("facts"))
    problems += [*wrong_passages, *wrong_exemptions, *wrong_records]
    return Document(value.place, records, str(article), passages, tuple(exemptions), tuple(problems))


def is_article(name: str) -> bool:
    """Whether this is the id of an article."""
    return name.startswith("article/") and ID.fullmatch(name) is not None


def _passages(table: Value | None, article: str) -> tuple[dict[str, Passage], list[Problem]]:
    if table is None:
        return {}, []
    if not isinstance(table, Map):
        return {}, [_problem("evidence", table.place, "'passages' is not a mapping", "write 'name: {start: …}' lines")]
    read_ = {name: read_passage(entry, article) for name, entry in table.items()}
    passages = {name: found for name, found in read_.items() if isinstance(found, Passage)}
    return passages, [found for found in read_.values() if isinstance(found, Problem)]


def read_passage(entry: Value, article: str) -> Passage | Problem:
    """Read `{start, end, digest}`; the problem if it is no passage."""
    if not isinstance(entry, Map) or entry.keys() != _RANGE:
        fix = "write {start: <characters>, end: <characters>, digest: <SHA-256 in hexadecimal>}"
        return _problem("evidence", entry.place, "a passage needs start, end and digest, and nothing else", fix)
    start, end, digest = (str(entry[key]) for key in _PASSAGE_KEYS)
    if not (start.isdecimal() and end.isdecimal() and int(start) < int(end)):
        fix = "count characters from 0; the end is the position after the last one"
        return _problem("evidence", entry.place, f"{start} to {end} is not a range of characters", fix)
    if not _SHA256.fullmatch(digest):
        fix = "give the SHA-256 of the passage's UTF-8 bytes, 64 lower-case hexadecimal digits"
        return _problem("evidence", entry.place, f"'{digest}' is not a SHA-256 digest", fix)
    return Passage(article, int(start), int(end), digest, entry.place)


def _exemptions(value: Value | None, article: str) -> tuple[list[Exemption], list[Problem]]:
    if value is None:
        return [], []
    if not isinstance(value, Items):
        return [], [_problem("uncovered", value.place, "'uncovered' is not a list", "begin each entry with '- '")]
    read_ = [_exemption(entry, article) for entry in value]
    exemptions = [found for found in read_ if isinstance(found, Exemption)]
    return exemptions, [found for found in read_ if isinstance(found, Problem)]


def _exemption(entry: Value, article: str) -> Exemption | Problem:
    """Read `{start, end, digest, reason}` or `{words, reason}`; the problem if it is neither."""
    if not isinstance(entry, Map) or set(entry) not in ({*_PASSAGE_KEYS, "reason"}, {"words", "reason"}):
        fix = "write {start: …, end: …, digest: …, reason: …} or {words: …, reason: …}"
        message = "what is uncovered is a passage or words, with a reason, and nothing else"
        return _problem("uncovered", entry.place, message, fix)
    words = entry.get("words", Items(entry.place))
    texts = [entry["reason"], *(words if isinstance(words, Items) else [words])]
    if not all(isinstance(text, Text) and text for text in texts):
        fix = "write the reason, and the words, as text"
        return _problem("uncovered", entry.place, "'reason' or 'words' has no plain value", fix)
    reason, *wordings = map(str, texts)
    if "words" in entry:
        return Exemption(reason, entry.place, words=tuple(wordings))
    range_ = Map(entry.place)
    range_.update({key: entry[key] for key in _PASSAGE_KEYS})
    passage = read_passage(range_, article)
    return passage if isinstance(passage, Problem) else Exemption(reason, entry.place, passage=passage)


def _records(value: Value | None) -> tuple[list[Map], list[Problem]]:
    if value is None:
        return [], []
    if not isinstance(value, Items):
        return [], [_problem("syntax", value.place, "this is not a list of records", "begin each record with '- '")]
    fix = "write 'key: value' lines"
    records = [item for item in value if isinstance(item, Map)]
    others = (item for item in value if not isinstance(item, Map))
    return records, [_problem("syntax", item.place, "this is not a record", fix) for item in others]


def _problem(code: str, place: Place, message: str, fix: str) -> Problem:
    return Problem(place, Severity.VIOLATION, code, message, fix)
