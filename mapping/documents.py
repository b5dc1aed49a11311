"""The files of `data/` as documents: what docs/record-format.md calls an article document or a registry record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mapping.problems import Place, Problem, Severity, nearest
from mapping.source import Items, Map, Text, Value, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

YAML, LINES = (".yaml", ".yml"), (".jsonl",)
SUFFIXES = (*YAML, *LINES)
_DOCUMENT_KEYS = ("article", "passages", "facts", "uncovered")
_PASSAGE_KEYS = ("start", "end", "digest")


@dataclass(frozen=True)
class Passage:
    """Where a passage stands in the text of an article: characters from 0, end exclusive, SHA-256 of its UTF-8."""

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
class Excuse:
    """Why no fact rests on a stretch of the text: on a passage, or on each stretch that is one of these wordings."""

    reason: str
    place: Place
    passage: Passage | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """Records that belong together: the facts of one article, or registry records (article is None)."""

    place: Place
    records: list[Map]
    article: str | None = None
    passages: dict[str, Passage] = field(default_factory=dict)
    excuses: tuple[Excuse, ...] = ()

    @property
    def slug(self) -> str:
        """The article's name within its type: `002` of `article/002`; empty for registry records."""
        return (self.article or "").partition("/")[2]

    @property
    def own_record(self) -> Map:
        """What the records about the article itself say together; empty where the document has none."""
        about = [record for record in self.records if self.article is not None and record.get("id") == self.article]
        own = Map(about[0].place if about else self.place)
        for record in about:
            for key in record.keys() - own.keys():
                own.put(key, record[key], record.key_places[key])
        return own


def files(folder: Path) -> list[Path]:
    """The data files below a folder, in the order of their names."""
    return sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES)


def documents(path: Path, name: str, problems: list[Problem]) -> Iterator[Document]:
    """The documents of one file; what does not have their form is a problem, and left out."""
    for value in read(path, name, problems):
        if isinstance(value, Map) and any(key in value for key in _DOCUMENT_KEYS):
            document = _article_document(value, problems)
            if document is not None:
                yield document
        elif isinstance(value, Map):
            yield Document(value.place, [value])
        else:
            yield Document(value.place, _records(value, problems))


def _article_document(value: Map, problems: list[Problem]) -> Document | None:
    for key, key_place in value.key_places.items():
        if key not in _DOCUMENT_KEYS:
            hint = nearest(key, _DOCUMENT_KEYS) or "facts go into the list under 'facts'"
            problems.append(_problem("key", key_place, f"a document has no key '{key}'", hint))
    article = value.get("article")
    if not isinstance(article, Text) or not article.startswith("article/"):
        mend = "begin the document with the article it is about, as in 'article: article/002'"
        problems.append(_problem("key", value.place, "the document does not name its article", mend))
        return None
    passages: dict[str, Passage] = {}
    table = value.get("passages")
    if isinstance(table, Map):
        for name, entry in table.items():
            found = passage(entry, str(article), problems)
            if found is not None:
                passages[name] = found
    elif table is not None:
        problems.append(
            _problem("evidence", table.place, "'passages' is not a mapping", "write 'name: {start: …}' lines")
        )
    excuses = _excuses(value.get("uncovered"), str(article), problems)
    return Document(value.place, _records(value.get("facts"), problems), str(article), passages, excuses)


def passage(entry: Value, article: str, problems: list[Problem]) -> Passage | None:
    """Read `{start, end, digest}`; what is wrong with it is a problem."""
    if not isinstance(entry, Map) or sorted(entry) != sorted(_PASSAGE_KEYS):
        mend = "write {start: <characters>, end: <characters>, digest: <SHA-256 in hexadecimal>}"
        problems.append(
            _problem("evidence", entry.place, "a passage needs start, end and digest, and nothing else", mend)
        )
        return None
    start, end, digest = (str(entry[key]) for key in _PASSAGE_KEYS)
    if not (start.isdecimal() and end.isdecimal() and int(start) < int(end)):
        mend = "count characters from 0; the end is the position after the last one"
        problems.append(_problem("evidence", entry.place, f"{start} to {end} is not a range of characters", mend))
        return None
    if len(digest) != 64 or set(digest) - set("0123456789abcdef"):  # noqa: PLR2004 - SHA-256 in hexadecimal
        mend = "give the SHA-256 of the passage's UTF-8 bytes, 64 lower-case hexadecimal digits"
        problems.append(_problem("evidence", entry.place, f"'{digest}' is not a SHA-256 digest", mend))
        return None
    return Passage(article, int(start), int(end), digest, entry.place)


def _excuses(value: Value | None, article: str, problems: list[Problem]) -> tuple[Excuse, ...]:
    if value is None:
        return ()
    if not isinstance(value, Items):
        problems.append(_problem("uncovered", value.place, "'uncovered' is not a list", "begin each entry with '- '"))
        return ()
    read_ = (_excuse(entry, article, problems) for entry in value)
    return tuple(excuse for excuse in read_ if excuse is not None)


def _excuse(entry: Value, article: str, problems: list[Problem]) -> Excuse | None:
    """Read `{start, end, digest, reason}` or `{words, reason}`; what is wrong with it is a problem."""
    if not isinstance(entry, Map) or set(entry) not in ({*_PASSAGE_KEYS, "reason"}, {"words", "reason"}):
        mend = "write {start: …, end: …, digest: …, reason: …} or {words: …, reason: …}"
        message = "what is uncovered is a passage or words, with a reason, and nothing else"
        problems.append(_problem("uncovered", entry.place, message, mend))
        return None
    words = entry.get("words", Items(entry.place))
    texts = [entry["reason"], *(words if isinstance(words, Items) else [words])]
    if not all(isinstance(text, Text) and text for text in texts):
        mend = "write the reason, and the words, as text"
        problems.append(_problem("uncovered", entry.place, "'reason' or 'words' has no plain value", mend))
        return None
    reason, *wordings = map(str, texts)
    if "words" in entry:
        return Excuse(reason, entry.place, words=tuple(wordings))
    where = Map(entry.place)
    where.update({key: entry[key] for key in _PASSAGE_KEYS})
    found = passage(where, article, problems)
    return Excuse(reason, entry.place, passage=found) if found is not None else None


def _records(value: Value | None, problems: list[Problem]) -> list[Map]:
    if not isinstance(value, Items):
        if value is not None:
            problems.append(
                _problem("syntax", value.place, "this is not a list of records", "begin each record with '- '")
            )
        return []
    records = []
    for item in value:
        if isinstance(item, Map):
            records.append(item)
        else:
            problems.append(_problem("syntax", item.place, "this is not a record", "write 'key: value' lines"))
    return records


def _problem(code: str, place: Place, message: str, mend: str) -> Problem:
    return Problem(place, Severity.VIOLATION, code, message, mend)
