"""Valid examples conform; each invalid one is found by the one shape or check that it names, by both validators."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
import shacl
from rdflib import RDF, SH, Graph, URIRef

from mapping.checks import read_checks
from mapping.derivation import Rules

ROOT = Path(__file__).parents[2]
ONTOLOGY, EXAMPLES = ROOT / "ontology", ROOT / "ontology/examples"
SHAPES = Graph().parse(ONTOLOGY / "shapes.ttl")
SHAPE = "https://w3id.org/parkgraph/ontology/shapes#"
IDS = "http://example.org/id/"
IN_SCHEME = ox.NamedNode("http://www.w3.org/2004/02/skos/core#inScheme")
CONCEPT = ox.NamedNode("http://www.w3.org/2004/02/skos/core#Concept")

KNOWN = [quad for name in ("vocabulary", "concepts") for quad in ox.parse(path=ONTOLOGY / f"{name}.ttl")]
CHECKS = {check.name: check for check in read_checks(ONTOLOGY / "checks")}
VALID = {path.stem: path for path in sorted(EXAMPLES.glob("valid/*.ttl"))}
INVALID = {path.stem: path for path in sorted(EXAMPLES.glob("invalid/*.ttl"))}


def header(path: Path, key: str) -> str | None:
    found = re.search(rf"^# {key}: (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else None


def stated(path: Path) -> list[ox.Quad]:
    """The triples of an example and of the one that it extends."""
    extended = header(path, "extends")
    return [*(stated(EXAMPLES / extended) if extended else []), *ox.parse(path=path)]


def _apart(quad: ox.Quad, name: str) -> ox.Quad:
    """The quad with the resources of one example told apart from those of the others."""

    def move(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> ox.NamedNode | ox.Literal:
        assert isinstance(term, ox.NamedNode | ox.Literal)
        return ox.NamedNode(term.value.replace(IDS, f"{IDS}{name}/")) if isinstance(term, ox.NamedNode) else term

    subject, value = move(quad.subject), move(quad.object)
    assert isinstance(subject, ox.NamedNode)
    return ox.Quad(subject, quad.predicate, value)


@cache
def everything() -> ox.Store:
    """All examples side by side, with what follows from them and the concepts: one graph, so that SHACL runs once."""
    examples = VALID | INVALID
    quads = [_apart(quad, name) for name, path in examples.items() for quad in stated(path)]
    store = ox.Store()
    store.extend(quads)
    triples = ox.serialize((quad.triple for quad in (*KNOWN, *quads)), format=ox.RdfFormat.N_TRIPLES)
    derived = Rules.read(ROOT / "mapping/rules").derive(triples or b"")
    store.load(b"".join(derived), ox.RdfFormat.N_TRIPLES)
    store.extend(quad for quad in KNOWN if quad.predicate == IN_SCHEME or quad.object == CONCEPT)
    return store


@cache
def by_owner() -> dict[str, list[ox.Quad]]:
    """Example → the triples about its resources, stated and derived."""
    found: dict[str, list[ox.Quad]] = {name: [] for name in VALID | INVALID}
    for quad in everything():
        assert isinstance(quad.subject, ox.NamedNode)
        if quad.subject.value.startswith(IDS):
            found[quad.subject.value.removeprefix(IDS).partition("/")[0]].append(quad)
    return found


@cache
def ntriples() -> str:
    return (everything().dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph()) or b"").decode()


def by_example(results: list[tuple[str, str]]) -> dict[str, set[str]]:
    """Example → local names of the shapes that found something; of (focus node, shape) pairs."""
    found: dict[str, set[str]] = {}
    for focus, shape in results:
        assert focus.startswith(IDS), f"{shape} is about {focus}, which is of no example"
        found.setdefault(focus.removeprefix(IDS).partition("/")[0], set()).add(shape.removeprefix(SHAPE))
    return found


@cache
def judged_by_pyshacl() -> dict[str, set[str]]:
    data = Graph().parse(data=ntriples(), format="nt")
    _, report, _ = pyshacl.validate(data, shacl_graph=SHAPES, inference="none")
    assert isinstance(report, Graph)
    results = list(report.objects(None, SH.result))
    return by_example([(str(report.value(r, SH.focusNode)), str(report.value(r, SH.sourceShape))) for r in results])


@cache
def judged_by_shacl() -> dict[str, set[str]]:
    found = shacl.Shapes.from_file(str(ONTOLOGY / "shapes.ttl")).validate_text(ntriples(), format="ntriples")
    return by_example([(r.focus_node.strip("<>"), (r.source_shape or "").strip("<>")) for r in found.results])


@cache
def checked(name: str) -> dict[str, int]:
    """Check → findings, for an example alone: checks are about a whole dataset, and each example is one."""
    store = ox.Store()
    store.extend(KNOWN)
    store.extend(_apart(quad, name) for quad in stated((VALID | INVALID)[name]))
    store.extend(by_owner()[name])
    return {check.name: len(found) for check in CHECKS.values() if (found := check.run(store))}


def ruling() -> set[str]:
    """Local names of the shapes that hold data to something: those of the classes, and rules about a resource.

    Those that are deactivated only say how pages show something.
    """
    targeted = {
        shape
        for predicate in (SH.targetClass, SH.targetSubjectsOf)
        for shape in SHAPES.subjects(predicate)
        if isinstance(shape, URIRef)
    }
    of_classes = {prop for shape in targeted for prop in SHAPES.objects(shape, SH.property)}
    rules = {shape for shape in targeted if not any(SHAPES.objects(shape, SH.property))}
    shown = set(SHAPES.subjects(SH.deactivated))
    return {str(shape).removeprefix(SHAPE) for shape in (of_classes | rules) - shown}


def test_names_are_unique() -> None:
    assert not set(VALID) & set(INVALID)


def test_every_shape_and_check_has_an_invalid_example() -> None:
    assert {header(path, "breaks") for path in INVALID.values()} == ruling() | set(CHECKS)


def test_every_class_has_a_valid_example() -> None:
    used = {quad.object for path in VALID.values() for quad in stated(path) if quad.predicate.value == str(RDF.type)}
    classes = {ox.NamedNode(str(target)) for target in SHAPES.objects(None, SH.targetClass)}
    assert classes <= used


@pytest.mark.parametrize("name", VALID)
def test_valid_example(name: str) -> None:
    assert judged_by_pyshacl().get(name) is None
    assert judged_by_shacl().get(name) is None
    assert checked(name) == {}


@pytest.mark.parametrize("name", INVALID)
def test_invalid_example(name: str) -> None:
    broken = header(INVALID[name], "breaks")
    expected = set() if broken in CHECKS else {broken}
    assert judged_by_pyshacl().get(name, set()) == expected
    assert judged_by_shacl().get(name, set()) == expected
    assert set(checked(name)) == ({broken} if broken in CHECKS else set())


def test_a_passage_has_one_node_whatever_its_place() -> None:
    """Pairs of places, small ones and those that no number stands for: the second node of each place is found."""
    places = ["0", "1", "2", "-1", "1.5", "99999999999999999", '"x"', '"2001-01-01"^^xsd:date']
    lines = [
        f"<urn:{start}-{end}-{number}> pg:article <urn:article> ; oa:start {first} ; oa:end {last} ."
        for start, first in enumerate(places)
        for end, last in enumerate(places)
        for number in range(1 + (start + end) % 2)
    ]
    prefixes = ["@prefix pg: <https://w3id.org/parkgraph/ontology#> .", "@prefix oa: <http://www.w3.org/ns/oa#> ."]
    xsd = "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> ."
    store = ox.Store()
    store.load("\n".join([*prefixes, xsd, *lines]).encode(), ox.RdfFormat.TURTLE)
    found = [result.message.split(" are ")[0] for result in CHECKS["one-node-per-passage"].run(store)]
    twice = (f"{start}-{end}" for start in range(8) for end in range(8) if (start + end) % 2)
    assert found == [f"urn:{place}-0 and urn:{place}-1" for place in twice]
