"""Writes the dumps of a release, and their index."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from core.labels import by_language
from core.shapes import read_graph
from release.dumps import classes, csvw, dataset, tables
from release.dumps.columns import short_names
from release.dumps.files import PART_SIZE
from release.dumps.index import FOLDER, METADATA, Dump, DumpContent, DumpIndex

if TYPE_CHECKING:
    from pathlib import Path

    import pyoxigraph as ox

    from release.nquads import Content
    from release.source import Source


def write(content: Content, source: Source, store: ox.Store, folder: Path, part_size: int = PART_SIZE) -> DumpIndex:
    """Write all dumps below the release's folder, and their index; memory does not grow with the content.

    store: the content, loaded, which is asked for its labels and shapes; part_size: bytes of N-Quads that a part of an
    RDF document is made from.
    """
    target = folder / FOLDER
    dumps = dataset.write(content, source.prefixes, target, part_size)
    chosen, written = _write_tables(content, source, store, target, part_size // tables.PER_PART)
    index = DumpIndex(tuple(sorted([*dumps, *written], key=lambda dump: dump.path)), chosen)
    index.write(folder)
    return index


def _write_tables(
    content: Content, source: Source, store: ox.Store, folder: Path, limit: int
) -> tuple[dict[str, tuple[str, ...]], list[Dump]]:
    """Write a table for each class, and their description; class → names of its tables, and the files."""
    counts = content.counts
    shapes = read_graph(store, source.shapes)
    labels = {iri: by_language(store, iri) for iri in (*counts.classes, *counts.properties)}
    names = short_names(counts.properties, source.prefixes)
    own = source.ontology.rstrip("#/") if source.ontology else None
    choice = classes.choose(content.default_graph, counts.classes, set(shapes.by_class), own)
    work = content.quads.with_name("classes.tsv")
    dumps: list[Dump] = []
    described: list[dict[str, Any]] = []
    regions = classes.sort_by_class(content.default_graph, choice.tables, work)
    for chosen, region in zip(choice.tables, regions, strict=True):
        table = tables.Table(folder, chosen.name, chosen.classes, work, region)
        columns, is_unique = table.columns(shapes.orders(chosen.classes), names)
        about = csvw.table(chosen.classes, columns, labels, is_unique=is_unique)
        written = table.write(columns, json.dumps(about, ensure_ascii=False), limit)
        described += [{"url": tables.url(dump)} | about for dump in written if dump.extension == "csv"]
        dumps += written
    work.unlink()
    if described:
        text = (json.dumps(csvw.document(described), ensure_ascii=False, indent=1) + "\n").encode()
        (folder / METADATA).write_bytes(text)
        dumps.append(Dump(DumpContent.TABLE, "json", METADATA, items=len(described), text_size=len(text)))
    return choice.parts, dumps
