"""Joins what is split: the documents of one article, and the records of one entity of the registry.

Files and lines are how people and programs divide their work. What is mapped is one document for each article and
one record for each entity, so that the division makes no difference to a release.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.problems import Place, Problem, Severity
from mapping.documents import Document, Passage
from mapping.source import Items, Map

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mapping.source import Value


def join_documents(documents: Iterable[Document]) -> list[Document]:
    """One document for each article, in the order of their first parts.

    Two passages of one name are a problem of the document.
    """
    parts: dict[str | Place, list[Document]] = {}
    for document in documents:
        parts.setdefault(document.article or document.place, []).append(document)
    return [found[0] if len(found) == 1 else _joined(found) for found in parts.values()]


def _joined(parts: list[Document]) -> Document:
    passages: dict[str, Passage] = {}
    problems = [problem for part in parts for problem in part.problems]
    for name, found in (entry for part in parts for entry in part.passages.items()):
        known = passages.setdefault(name, found)
        if (known.start, known.end, known.digest) != (found.start, found.end, found.digest):
            message = f"the passage '{name}' of {found.article} is another one at {known.place}"
            problems.append(Problem(found.place, Severity.VIOLATION, "duplicate", message, "give it another name"))
    records = [record for part in parts for record in part.records]
    exemptions = tuple(exemption for part in parts for exemption in part.exemptions)
    return Document(parts[0].place, records, parts[0].article, passages, exemptions, tuple(problems))


def join_registry(documents: Iterable[Document]) -> list[Document]:
    """The documents with one record for each entity: the parts of a record are merged into the one that has its type.

    A second record with a type is no part but another entity under the same id: it is left out, with a problem. The
    records given are changed.
    """
    documents = list(documents)
    whole: dict[str, Map] = {}
    for record in (record for document in documents for record in document.records):
        if record.get("id") and "type" in record:
            whole.setdefault(str(record["id"]), record)
    return [_with_whole_records(document, whole) for document in documents]


def _with_whole_records(document: Document, whole: Mapping[str, Map]) -> Document:
    """The document without the parts of records, which are merged into the whole ones, and without second ones."""
    records, problems = [], list(document.problems)
    for record in document.records:
        first = whole.get(str(record.get("id", "")))
        if first is None or first is record:
            records.append(record)
        elif "type" in record:
            message = f"'{record['id']}' is in the registry already, at {first.place}"
            problems.append(Problem(record.place, Severity.VIOLATION, "duplicate", message, "merge the two records"))
        else:
            _add(record, first)
    return replace(document, records=records, problems=tuple(problems))


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
