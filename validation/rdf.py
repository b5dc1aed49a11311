"""Validates RDF by the shapes of a release, and by the checks of its project, together with what it refers to.

What has a class in the data is described by them: it takes the place of what the release says of it. Of what they
otherwise speak of or refer to, the release's triples are added, and its vocabulary. Checks, which are about all data,
have those of the whole release.
"""

from __future__ import annotations

import re
from contextlib import chdir
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.errors import InputError
from core.namespaces import RDF_TYPE, RDFS, SH
from core.problems import Place, Problem, Severity
from core.rdf import parse_term, serialize
from core.validation import ShaclOutcome
from mapping.checks import read_checks
from release import rdf_reader
from release.build import shacl_problems
from release.nquads import sort
from release.rdf_reader import RdfFile
from release.validation import validate
from validation.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from core.rdf import Node, Term
    from core.validation import ValidationResult
    from release.manifest import Manifest

_PLACED = re.compile(r"(?P<file>[^:\n]+)(?::(?P<line>\d+))?(?::(?P<column>\d+))?: (?P<message>.*)", re.DOTALL)
_DEFAULT = ox.DefaultGraph()
_SHAPE_CLASSES = tuple(ox.NamedNode(SH + name) for name in ("NodeShape", "PropertyShape"))
_SHAPES = Path("shapes.nt")
MOST_CHECKED = 200_000  # triples of a release, up to which there is time for what is about all of them


class NoShapesError(Exception):
    """The release has no shapes."""


class RdfValidation:
    """The validation of RDF by what a release has."""

    def __init__(self, manifest: Manifest, store: ox.Store, project: Path | None, work: Path) -> None:
        """manifest, store: of the release. project: whose checks are made too. work: an empty folder."""
        self._manifest, self._store, self._project, self._work = manifest, store, project, work
        self._base = manifest.base

    def outcome(self, data: bytes, extension: str) -> Outcome:
        """The problems of data in the format with the extension.

        Raises NoShapesError, or InputError if the shapes cannot be used.
        """
        with chdir(self._work):  # names of files in problems are relative
            shapes = list(_shapes(self._store, self._manifest.shapes))
            if not shapes:
                raise NoShapesError
            _SHAPES.write_bytes(serialize(shapes, ox.RdfFormat.N_TRIPLES))
            file = RdfFile(Path(f"posted.{extension}"), self._base, extension)
            file.path.write_bytes(data)
            try:
                lines = _lines(file)
            except InputError as error:
                return Outcome.of(self._base, dict.fromkeys(_syntax_problems(str(error), file.path)))
            return self._validated(file, lines)

    def _validated(self, file: RdfFile, lines: list[bytes]) -> Outcome:
        own = [quad.triple for quad in ox.parse(b"".join(lines), ox.RdfFormat.N_TRIPLES)]
        described: set[Term] = {triple.subject for triple in own if triple.predicate.value == RDF_TYPE}
        around = list(dict.fromkeys(_around(self._store, own, described, self._manifest.ontology)))
        data = Path("triples.nt")
        sort([*lines, *serialize(around, ox.RdfFormat.N_TRIPLES).splitlines(keepends=True)], data)
        shacl = validate(data, _SHAPES, self._base, _silent, second_opinion=0)
        told = {triple.subject for triple in own}  # what the problems are about: this, and what nothing is known of
        told |= {triple.object for triple in own if not self._is_known(triple.object)}
        checked = self._check(own, described)
        results = dict.fromkeys([*shacl.results, *checked])
        kept = tuple(result for result in results if parse_term(result.focus) in told)
        remarks = tuple(remark for remark in shacl.remarks if not remark.focus)
        problems = shacl_problems(ShaclOutcome(kept, remarks), data, (file, RdfFile(_SHAPES, self._base)))
        return Outcome.of(self._base, dict(zip(problems, [*kept, *(None for _ in remarks)], strict=True)))

    def _is_known(self, term: Term) -> bool:
        """Whether the release says anything of it."""
        if not isinstance(term, ox.NamedNode):
            return False
        return next(self._store.quads_for_pattern(term, None, None, _DEFAULT), None) is not None

    def _check(self, own: Iterable[ox.Triple], described: set[Term]) -> Iterator[ValidationResult]:
        """The results of the project's checks; none where the release is too large for them."""
        if self._project is None or self._manifest.counts.triples > MOST_CHECKED:
            return
        store = ox.Store()
        others = self._store.quads_for_pattern(None, None, None, _DEFAULT)
        store.extend(quad for quad in others if quad.subject not in described)
        store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in own)
        for check in read_checks(self._project / "ontology" / "checks"):
            yield from check.run(store)


def _lines(file: RdfFile) -> list[bytes]:
    """The triples of all graphs as N-Triples, each once; InputError names the place of what is not RDF."""
    blocks = (part for part in rdf_reader.read([file]) if isinstance(part, bytes))
    quads = ox.parse(b"".join(blocks), ox.RdfFormat.N_QUADS)
    triples = dict.fromkeys(quad.triple for quad in quads)
    return serialize(triples, ox.RdfFormat.N_TRIPLES).splitlines(keepends=True)


def _syntax_problems(errors: str, path: Path) -> Iterator[Problem]:
    for error in errors.split("\n"):
        found = _PLACED.fullmatch(error)
        if found and found["file"] == str(path):
            place = Place(found["file"], int(found["line"] or 1), int(found["column"] or 1))
            yield Problem(place, Severity.VIOLATION, "syntax", found["message"], "")
        else:
            yield Problem(Place(str(path)), Severity.VIOLATION, "syntax", error, "")


def _around(
    store: ox.Store, own: Sequence[ox.Triple], described: set[Term], vocabulary: str | None
) -> Iterator[ox.Triple]:
    """What the release says of what the data speak of but do not describe, of what both refer to, and of classes."""
    spoken_of = {triple.subject for triple in own} - described
    added = list(_about(store, spoken_of))
    mentioned = {triple.object for triple in (*own, *added)} - described - spoken_of
    of_classes = [*_triples(store.quads_for_pattern(None, ox.NamedNode(RDFS + "subClassOf"), None, _DEFAULT))]
    if vocabulary:
        of_classes += _triples(store.quads_for_pattern(None, None, None, ox.NamedNode(vocabulary)))
    yield from added
    yield from _about(store, mentioned)
    yield from (triple for triple in of_classes if triple.subject not in described)


def _about(store: ox.Store, nodes: Iterable[Term]) -> Iterator[ox.Triple]:
    """The triples of the release with these subjects, if they are IRIs."""
    for node in sorted((node for node in nodes if isinstance(node, ox.NamedNode)), key=str):
        yield from _triples(store.quads_for_pattern(node, None, None, _DEFAULT))


def _shapes(store: ox.Store, graph: str | None) -> Iterator[ox.Triple]:
    """The shapes graph of the release; without one the shapes that are in its data, with what they are made of."""
    if graph:
        yield from _triples(store.quads_for_pattern(None, None, None, ox.NamedNode(graph)))
        return
    type_ = ox.NamedNode(RDF_TYPE)
    ahead: list[Node | ox.Triple] = [
        quad.subject for class_ in _SHAPE_CLASSES for quad in store.quads_for_pattern(None, type_, class_, _DEFAULT)
    ]
    seen = set(ahead)
    while ahead:
        node = ahead.pop()
        for triple in _triples(store.quads_for_pattern(node, None, None, _DEFAULT)):
            yield triple
            if isinstance(triple.object, ox.BlankNode) and triple.object not in seen:
                seen.add(triple.object)
                ahead.append(triple.object)


def _triples(quads: Iterable[ox.Quad]) -> Iterator[ox.Triple]:
    return (quad.triple for quad in quads)


def _silent(_sentence: str) -> None:
    """Tell nothing of the progress."""
