"""The parts of a release that are its dumps, in two rounds, and their index.

`parts` are those of the first round; `tables` of what these have found is that of the second.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

from core.labels import by_language
from core.shapes import read_graph
from release.dumps import csvw, turtle
from release.dumps.classes import choose
from release.dumps.columns import columns, short_names
from release.dumps.documents import JsonLd, NQuads, NTriples, TriG, Turtle, ZstandardNQuads
from release.dumps.index import DumpIndex
from release.dumps.instances import InstanceNotes, Plan
from release.dumps.quads_table import QuadsTable
from release.dumps.tables import Table, Tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import pyoxigraph as ox

    from release.parts import Part
    from release.source import Source


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
    label = cache(partial(by_language, store))  # tables share most of their columns
    made = []
    for chosen in choice.tables:
        its_columns = columns(chosen.notes, shapes.orders(chosen.classes), names)
        iris = {chosen.classes[0], *(column.iri for column in its_columns)}
        labels = {iri: label(iri) for iri in iris}
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
