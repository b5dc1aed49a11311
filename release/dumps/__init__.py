"""The dumps of a release: the same content gives the same bytes; docs/dumps.md has the list."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from release.dumps import classes, csvw, graphs, model
from release.dumps.columns import short_names
from release.dumps.context import Context
from release.dumps.documents import Documents
from release.dumps.files import GZIP, PART_SIZE
from release.dumps.index import FOLDER, Dump, Extent, Index, in_order
from release.dumps.tables import FOLDER as TABLES
from release.dumps.tables import Table
from release.dumps.terms import blocks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import pyoxigraph as ox

    from release.dumps.classes import ClassDump
    from release.dumps.documents import Document
    from release.dumps.terms import Pairs
    from release.nquads import Content
    from release.source import Source

__all__ = ["FOLDER", "write"]

METADATA = f"{TABLES}/csv-metadata.json"
_CLASS_FORMATS = ("ttl", "nt", "jsonld")


def write(content: Content, source: Source, store: ox.Store, folder: Path, part_size: int = PART_SIZE) -> Index:
    """Write all dumps below the release's folder, and their index; memory does not grow with the content.

    store: the content, loaded, for what it says of its own classes and properties; part_size: bytes of text in a file.
    """
    documents = Documents(folder / FOLDER, source.prefixes, Context.read(source.context), part_size)
    written = graphs.write(content, documents, source.collections)
    of_classes = _Classes(content, source, store, documents)
    index = Index(in_order([*written, *of_classes.write()]), of_classes.choice.parts)
    index.write(folder)
    return index


class _Classes:
    def __init__(self, content: Content, source: Source, store: ox.Store, documents: Documents) -> None:
        counts = content.counts
        self._content, self._documents = content, documents
        self._model = model.read(store, source.shapes, [*counts.classes, *counts.properties])
        self._names = short_names(counts.properties, source.prefixes)
        own = source.ontology.rstrip("#/") if source.ontology else None
        self.choice = classes.choose(content.default_graph, counts.classes, self._model.targets, own)

    def write(self) -> list[Dump]:
        work = self._content.quads.with_name("classes.tsv")
        regions = classes.by_class(self._content.default_graph, self.choice, work)
        dumps: list[Dump] = []
        tables: list[dict[str, Any]] = []
        for chosen, (start, end) in zip(self.choice.dumps, regions, strict=True):
            dumps += self._write_class(chosen, work, start, end, tables)
        work.unlink()
        if tables:
            text = json.dumps(csvw.document(tables), ensure_ascii=False, indent=1) + "\n"
            (self._documents.folder / METADATA).write_text(text, encoding="utf-8")
            dumps.append(Dump(Extent.TABLE, "json", path=METADATA, items=len(tables), text_size=len(text.encode())))
        return dumps

    def _write_class(
        self, chosen: ClassDump, work: Path, start: int, end: int, tables: list[dict[str, Any]]
    ) -> list[Dump]:
        kinds = [Dump(Extent.CLASS, format_, chosen.classes) for format_ in _CLASS_FORMATS]
        opened = [self._documents.open(f"classes/{chosen.name}", kind, (GZIP,)) for kind in kinds]
        table = Table(self._documents.folder, chosen.name, chosen.classes, self._documents.limit)
        with work.open("rb") as lines:
            with opened[0], opened[1], opened[2]:
                instances = _copied(blocks(classes.region(lines, start, end)), opened)
                table.read(instances, self._model.order(chosen.classes), self._names)
            about = csvw.table(None, chosen.classes, table.columns, self._model.labels, is_unique=table.is_unique)
            table.write(blocks(classes.region(lines, start, end)), json.dumps(about, ensure_ascii=False))
        for dump in table.dumps:
            if dump.extension == "csv":
                url = dump.path.removeprefix(f"{TABLES}/").removesuffix(f".{GZIP}")
                tables.append({"url": url} | about)
        return [*(dump for document in opened for dump in document.dumps), *table.dumps]


def _copied(instances: Iterable[tuple[bytes, Pairs]], targets: list[Document]) -> Iterator[tuple[bytes, Pairs]]:
    """Hand on the instances, having added each to the documents."""
    for subject, pairs in instances:
        for document in targets:
            document.add(subject, pairs)
        yield subject, pairs
