"""The parts of a release that are its dumps, in two rounds, and their index.

`parts` are those of the first round; `tables` of what these have found is that of the second.
"""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING

from core.labels import by_language
from core.shapes import read_graph
from release import pipeline
from release.blocks import Block, BlockLines, divide, subject_of_last
from release.dumps import csvw, turtle
from release.dumps.classes import choose
from release.dumps.columns import columns, short_names
from release.dumps.documents import JsonLd, NQuads, NTriples, TriG, Turtle, ZstandardNQuads
from release.dumps.index import FOLDER, DumpIndex
from release.dumps.instances import InstanceNotes, Plan
from release.dumps.quads_table import QuadsTable
from release.dumps.tables import Table, Tables
from release.memo import Memo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pyoxigraph as ox

    from release.nquads import Content
    from release.parts import Part
    from release.source import Source

_READ = 1 << 20  # bytes of lines that are read at once


def parts(prefixes: Mapping[str, str]) -> list[Part]:
    """The documents, the table of all quads, and last what `tables` are made by."""
    usable = turtle.usable(prefixes)
    documents = (NQuads(), ZstandardNQuads(), NTriples(), JsonLd(), TriG(usable), Turtle(usable))
    return [*documents, QuadsTable(), InstanceNotes()]


def tables(found: bytes, source: Source, store: ox.Store) -> Tables:
    """The tables of the classes, and their description.

    found: what the last of the `parts` returned; store: has the content, and is asked for its labels and shapes.
    """
    plan, shapes = Plan.unpacked(found), read_graph(store, source.shapes)
    own = source.ontology.rstrip("#/") if source.ontology else None
    names = short_names({note.iri for row in plan.combinations for note in row.notes}, source.prefixes)
    choice = choose(plan.combinations, set(shapes.by_class), own)
    made = []
    for chosen in choice.tables:
        its_columns = columns(chosen.notes, shapes.orders(chosen.classes), names)
        iris = {chosen.classes[0], *(column.iri for column in its_columns)}
        labels = {iri: by_language(store, iri) for iri in iris}
        about = csvw.table(chosen.classes, its_columns, labels, is_unique=chosen.is_unique)
        made.append(Table(chosen.name, chosen.classes, its_columns, about))
    return Tables(made, choice.parts, plan.divided)


def write_index(outcomes: Iterable[bytes], folder: Path) -> DumpIndex:
    """Write the index into the release's folder. outcomes: what the parts returned, in any order."""
    found = [DumpIndex.from_json(outcome) for outcome in outcomes]
    dumps = sorted((dump for one in found for dump in one.dumps), key=lambda dump: dump.path)
    index = DumpIndex(tuple(dumps), {class_: names for one in found for class_, names in one.classes.items()})
    index.write(folder)
    return index


def write(content: Content, source: Source, store: ox.Store, folder: Path) -> DumpIndex:
    """Write all dumps below the release's folder in this process, and their index.

    store: the content, loaded.
    """
    (folder / FOLDER).mkdir()
    first = parts(source.prefixes)
    *outcomes, found = _made(first, content, folder)
    return write_index([*outcomes, *_made([tables(found, source, store)], content, folder)], folder)


def _made(made: Sequence[Part], content: Content, folder: Path) -> list[bytes]:
    """What the parts return."""
    with Memo(content.quads.with_name("results.sqlite")) as memo, content.quads.open("rb") as lines:
        found: list[Block] = []
        last = b""
        for data in divide(iter(partial(lines.read, _READ), b"")):
            block = Block(0, len(data), hashlib.sha256(data).digest(), data.startswith(last + b" "))
            found.append(block)
            last = subject_of_last(data)
            of_block = BlockLines(data, continues=block.continues)
            for part in made:
                memo.put(pipeline.key(part, block), part.of_block(of_block))
        return [part.write(_results(part, found, memo), folder) for part in made]


def _results(part: Part, found: Iterable[Block], memo: Memo) -> Iterator[tuple[Block, bytes]]:
    for block in found:
        result = memo.get(pipeline.key(part, block))
        if result is not None:
            yield block, result
