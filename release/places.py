"""Finds where RDF files describe terms, for messages about them."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from core.errors import InputError
from core.line_numbers import numbered_quads
from core.problems import Place
from release.rdf_formats import BY_EXTENSION, DAMAGED, format_of, open_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from core.line_numbers import NumberedLines
    from core.rdf import Term
    from release.rdf_reader import RdfFile

    Pairs: TypeAlias = frozenset[tuple[ox.NamedNode, Term]]  # predicates and objects of one subject


def find(terms: Iterable[Term], data: Path, files: Iterable[RdfFile]) -> dict[Term, Place]:
    """Term → where it is first the subject of a triple, or else the object; terms that are not found are left out.

    data: N-Quads with the names that the terms have. Blank nodes have other names in the files: one is found by the
    predicates and objects that it has, if these are IRIs and literals. files: in the order that they are looked
    through, each as far as the engine can read it.
    """
    wanted = set(terms)
    blank = {node: pairs for node, pairs in _pairs_of(wanted, data).items() if pairs}
    subjects: dict[Term, Place] = {}
    objects: dict[Term, Place] = {}
    for file in files:
        described: dict[Term, tuple[Place, set[tuple[ox.NamedNode, Term]]]] = {}
        for quad, lines in _quads(file):
            subject, value = quad.subject, quad.object
            if subject in wanted and subject not in subjects:
                subjects[subject] = Place(str(file.path), lines.line_of(subject))
            if value in wanted and value not in objects:
                objects[value] = Place(str(file.path), lines.line_of(value))
            if blank and isinstance(subject, ox.BlankNode):
                _, pairs = described.setdefault(subject, (Place(str(file.path), lines.line_of(subject)), set()))
                if not isinstance(value, ox.BlankNode):
                    pairs.add((quad.predicate, value))
        by_pairs = {frozenset(pairs): place for place, pairs in reversed(described.values())}
        for node, node_pairs in blank.items():
            if node not in subjects and node_pairs in by_pairs:
                subjects[node] = by_pairs[node_pairs]
        if wanted <= subjects.keys():
            break
    return objects | subjects


def _pairs_of(terms: set[Term], data: Path) -> dict[Term, Pairs]:
    """Blank node → its predicates and the objects that are no blank nodes."""
    labels = {str(term).encode(): term for term in terms if isinstance(term, ox.BlankNode)}
    found: dict[Term, Pairs] = {}
    if labels:
        with data.open("rb") as lines:
            described = b"".join(line for line in lines if line.startswith(b"_:") and line.split(b" ", 1)[0] in labels)
        pairs: dict[Term, set[tuple[ox.NamedNode, Term]]] = {term: set() for term in labels.values()}
        for quad in ox.parse(described, ox.RdfFormat.N_QUADS):
            if not isinstance(quad.object, ox.BlankNode):
                pairs[quad.subject].add((quad.predicate, quad.object))
        found = {term: frozenset(of_term) for term, of_term in pairs.items()}
    return found


def _quads(file: RdfFile) -> Iterator[tuple[ox.Quad, NumberedLines]]:
    """The quads of a file as far as the engine can read it."""
    with suppress(SyntaxError, MemoryError, InputError, *DAMAGED), ExitStack() as stack:
        rdf_format = BY_EXTENSION[file.format] if file.format else format_of(file.path)
        if rdf_format.engine is not None:
            yield from numbered_quads(open_file(file.path, stack), rdf_format.engine, file.base)
