"""Joins what is split: the documents of one article, and the records of one entity of the registry.

Files and lines are how people and programs divide their work. What is mapped is one document for each article and
one record for each entity, so that the division makes no difference to a release.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mapping.documents import Document, Passage
from mapping.problems import Place, Problem, Severity
from mapping.source import Items, Map, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from mapping.source import Value


def join_documents(documents: Iterable[Document], problems: list[Problem]) -> list[Document]:
    """One document for each article, in the order of their first parts; a passage that is two is a problem."""
    parts: dict[str | Place, list[Document]] = {}
    for document in documents:
        parts.setdefault(document.article or document.place, []).append(document)
    return [found[0] if len(found) == 1 else _joined(found, problems) for found in parts.values()]


def _joined(parts: list[Document], problems: list[Problem]) -> Document:
    passages: dict[str, Passage] = {}
    for name, found in (entry for part in parts for entry in part.passages.items()):
        known = passages.setdefault(name, found)
        if (known.start, known.end, known.digest) != (found.start, found.end, found.digest):
            message = f"the passage '{name}' of {found.article} is another one at {known.place}"
            problems.append(Problem(found.place, Severity.VIOLATION, "duplicate", message, "give it another name"))
    records = [record for part in parts for record in part.records]
    excuses = tuple(excuse for part in parts for excuse in part.excuses)
    return Document(parts[0].place, records, parts[0].article, passages, excuses)


def split_articles(paths: Iterable[Path], held: Iterable[Document]) -> set[str]:
    """Articles of which a document stands in JSON Lines, and another one there too or among those held."""
    seen = {document.article for document in held}
    split = set()
    for path in paths:
        with path.open("rb") as lines:
            for line in lines:
                article = _article(line)
                if article is not None and article in seen:
                    split.add(article)
                seen.add(article)
    return split


def _article(line: bytes) -> str | None:
    try:
        value = json.loads(line) if b'"article"' in line else None
    except ValueError:
        return None  # told where the line is read in earnest
    article = value.get("article") if isinstance(value, dict) else None
    return article if isinstance(article, str) else None


def registry_evidence(registry: Iterable[Document]) -> dict[str, set[str]]:
    """Article → names of those of its passages that the registry rests on; no name where it gives them in full."""
    found: dict[str, set[str]] = {}
    spellings = (record.get("spellings") for document in registry for record in document.records)
    for spelling in (entry for entries in spellings if isinstance(entries, Items) for entry in entries):
        evidence = spelling.get("evidence") if isinstance(spelling, Map) else None
        for item in evidence if isinstance(evidence, Items) else [evidence]:
            if isinstance(item, Text):
                slug, _, name = item.partition("/")
                found.setdefault(f"article/{slug}", set()).add(name)
            elif isinstance(item, Map):
                found.setdefault(str(item.get("article")), set())
    return found


def join_registry(documents: Iterable[Document]) -> Iterator[Problem]:
    """Join the parts of each entity's record into the one that has its type, in place.

    A second record with a type is no part but another entity under the same id: it is dropped, with a problem.
    """
    whole: dict[str, Map] = {}
    for document in (held := list(documents)):
        for record in list(document.records):
            record_id = str(record.get("id", ""))
            if not record_id or "type" not in record:
                continue
            if record_id in whole:
                message = f"'{record_id}' is in the registry already, at {whole[record_id].place}"
                yield Problem(record.place, Severity.VIOLATION, "duplicate", message, "merge the two records")
                document.records[:] = [other for other in document.records if other is not record]
            else:
                whole[record_id] = record
    for document in held:
        kept = []
        for record in document.records:
            if "type" not in record and str(record.get("id", "")) in whole:
                _add(record, whole[str(record["id"])])
            else:
                kept.append(record)
        document.records[:] = kept


def _add(part: Map, whole: Map) -> None:
    for key, value in part.items():
        if key == "id":
            continue
        known = whole.get(key)
        if isinstance(known, Map) and isinstance(value, Map):
            _add(value, known)
        elif known is not None:
            whole[key] = _both(known, value)
        else:
            whole.put(key, value, part.key_places[key])


def _both(first: Value, second: Value) -> Value:
    if first == second:
        return first
    items = Items(first.place)
    for value in (first, second):
        items.extend(value if isinstance(value, Items) else [value])
    return items
