"""Validation by focus finds what one run over the whole data finds, in bounded memory.

In: random data and shapes with every constraint, path and target, and data with nodes that very many refer to. Out: the
same results in the same order, whatever the size of the blocks, and what is told of shapes that need the whole data.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from core.errors import InputError
from core.rdf import nquads
from core.reach import read_reach
from core.shacl_validator import Validator
from core.shapes_file import ShapesFile
from core.validation import ValidationResult, described, in_order, read_results
from release.shacl_process import reports
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BASE = "http://e/"
PREFIXES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://e/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
"""
PROPERTIES = ("ex:p", "ex:q", "ex:r", "rdfs:subClassOf")
CLASSES = ("ex:C", "ex:D", "ex:E")
NODES = ("ex:a", "ex:b", "ex:c", "ex:d", "_:x", "_:y", *CLASSES)
NAMES = tuple(f"ex:S{number}" for number in range(5))


class Made:
    """Random shapes and data about the same few nodes and properties; the same for a seed each time."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - the same each time

    def _one(self, *choices: str) -> str:
        return self._chance.choice(choices)

    def _likely(self, share: float) -> bool:
        return self._chance.random() < share

    def data(self) -> str:
        literals = ("1", "01", '"a"', '"a"@en', "2.0")
        lines = [f"{self._one(*CLASSES)} rdfs:subClassOf {self._one(*CLASSES)} ."]
        lines += [f"{self._one(*NODES)} a {self._one(*CLASSES)} ." for _ in range(self._chance.randrange(9))]
        for _ in range(self._chance.randrange(3, 25)):
            value = self._one(*NODES) if self._likely(0.8) else self._one(*literals)
            lines.append(f"{self._one(*NODES)} {self._one(*PROPERTIES)} {value} .")
        return PREFIXES + "\n".join(lines)

    def shapes(self) -> str:
        found = [PREFIXES, '<http://e/o> sh:declare [ sh:prefix "ex" ; sh:namespace "http://e/" ] .']
        for name in NAMES:
            targets = " ; ".join(self._target() for _ in range(self._chance.randrange(1, 3)))
            found.append(f"{name} a sh:NodeShape ; {targets} ; {self._constraints(0, of_property=False)} .")
        return "\n".join(found)

    def _target(self) -> str:
        return self._one(
            f"sh:targetClass {self._one(*CLASSES)}",
            f"sh:targetNode {self._one('ex:a', 'ex:none', '1', 'ex:C')}",
            f"sh:targetSubjectsOf {self._one(*PROPERTIES)}",
            f"sh:targetObjectsOf {self._one(*PROPERTIES)}",
            "sh:name 'without a target'",
        )

    def _path(self, depth: int = 0) -> str:
        if depth > 1 or self._likely(0.4):
            return self._one(*PROPERTIES, "rdf:type")
        parts = self._path(depth + 1), self._path(depth + 1)
        return self._one(
            f"[ sh:inversePath {parts[0]} ]",
            f"( {parts[0]} {parts[1]} )",
            f"[ sh:alternativePath ( {parts[0]} {parts[1]} ) ]",
            f"[ sh:{self._one('zeroOrMorePath', 'oneOrMorePath', 'zeroOrOnePath')} {parts[0]} ]",
        )

    def _shape(self, depth: int) -> str:
        if depth > 2 or self._likely(0.2):
            return self._one(*NAMES)
        constraints = self._constraints(depth, of_property=False)
        return f"[ {constraints} ]" if self._likely(0.5) else self._property(depth)

    def _property(self, depth: int) -> str:
        return f"[ sh:path {self._path()} ; {self._constraints(depth, of_property=True)} ]"

    def _constraints(self, depth: int, *, of_property: bool) -> str:
        """One constraint or two of different kinds."""
        kinds = ["class", "node", "not", "list", "pair", "closed", "sparql", "nodeKind", "hasValue", "in"]
        kinds += ["property"] * 3 if depth < 3 else []
        kinds += ["count", "qualified"] if of_property else []
        chosen = dict.fromkeys(self._chance.sample(kinds, self._chance.randrange(1, 3)))
        return " ; ".join(self._constraint(kind, depth) for kind in chosen)

    def _constraint(self, kind: str, depth: int) -> str:
        def shape() -> str:
            return self._shape(depth + 1)

        make: dict[str, Callable[[], str]] = {
            "class": lambda: f"sh:class {self._one(*CLASSES)}",
            "node": lambda: f"sh:node {shape()}",
            "not": lambda: f"sh:not {shape()}",
            "list": lambda: f"sh:{self._one('and', 'or', 'xone')} ( {shape()} {shape()} )",
            "pair": lambda: f"sh:{self._one('equals', 'disjoint')} {self._one(*PROPERTIES)}",
            "closed": lambda: "sh:closed true ; sh:ignoredProperties ( rdf:type ex:p )",
            "sparql": lambda: f"sh:sparql [ sh:prefixes <http://e/o> ; sh:select '''{self._query()}''' ]",
            "nodeKind": lambda: f"sh:nodeKind sh:{self._one('IRI', 'Literal', 'BlankNode')}",
            "hasValue": lambda: f"sh:hasValue {self._one('ex:a', '1', 'ex:C')}",
            "in": lambda: "sh:in ( ex:a ex:b 1 )",
            "property": lambda: f"sh:property {self._property(depth + 1)}, {self._property(depth + 1)}",
            "count": lambda: f"sh:{self._one('minCount 1', 'minCount 2', 'maxCount 0', 'maxCount 1')}",
            "qualified": lambda: (
                f"sh:qualifiedValueShape {shape()} ; sh:qualifiedMinCount 1 ; "
                f"sh:qualifiedValueShapesDisjoint {self._one('true', 'false')}"
            ),
        }
        return make[kind]()

    def _query(self) -> str:
        first = f"$this {self._one('ex:p', 'ex:q', '^ex:r')} ?x . " if self._likely(0.8) else ""
        if self._likely(0.15):
            return f"SELECT $this (COUNT(?x) AS ?value) {{ {first}{self._pattern(0)} }} GROUP BY $this"
        return f"SELECT DISTINCT $this {self._one('', '?value')} {{ {first}{self._pattern(0)} }}"

    def _pattern(self, depth: int) -> str:
        variables = ("$this", "?x", "?x", "?y", "?value")
        paths = ("ex:p", "ex:q", "a", "^ex:p", "ex:q/ex:r", "ex:p|ex:r", "ex:p+", "ex:q*", "ex:r?", "!ex:p", "?any")
        triple = f"{self._one(*variables)} {self._one(*paths)} {self._one(*variables, 'ex:C', '1')} . "
        if depth > 1 or self._likely(0.4):
            return triple
        within = self._pattern(depth + 1)
        return triple + self._one(
            f"OPTIONAL {{ {within} }}",
            f"{{ {within} }} UNION {{ {self._pattern(depth + 1)} }}",
            f"FILTER EXISTS {{ {within} }}",
            f"FILTER NOT EXISTS {{ {within} }}",
            f"{{ {within} }}",
            "FILTER(?x != $this)",
            f"{{ SELECT $this ?x {{ {within} }} }}",
            f"BIND(?x AS ?same) ?same ex:q ?other . {within}",
            within,
        )


def written(folder: Path, shapes: str, data: str, rdf_format: ox.RdfFormat = ox.RdfFormat.TURTLE) -> ShapesFile:
    (folder / "shapes.ttl").write_text(shapes, encoding="utf-8")
    lines = nquads(ox.parse(data.encode(), rdf_format)).splitlines(keepends=True)
    (folder / "data.nt").write_bytes(b"".join(sorted(set(lines))))
    return ShapesFile.read(folder / "shapes.ttl", BASE)


def by_focus(shapes: ShapesFile, data: Path, size: int) -> list[ValidationResult]:
    said = described(shapes.ntriples())
    found = (part["report"] for part in reports(shapes, data, size=size) if "report" in part)
    return in_order(result for report in found for result in read_results(report, said))


def at_once(shapes: ShapesFile, data: Path) -> list[ValidationResult]:
    report, _ = Validator(shapes.ntriples()).validate(data.read_bytes())
    return in_order(read_results(report.decode(), described(shapes.ntriples())))


def test_random_shapes_find_the_same_in_blocks_as_at_once(tmp_path: Path) -> None:
    """Some are ill-formed, and refused; of the others most shapes are validated by focus."""
    groups = unbounded = results = 0
    for seed in range(40):
        made = Made(seed)
        text, data = made.shapes(), made.data()
        try:
            shapes = written(tmp_path, text, data)
            expected = at_once(shapes, tmp_path / "data.nt")
        except (InputError, ValueError):
            continue
        for size in (1, 400):
            assert by_focus(shapes, tmp_path / "data.nt", size) == expected, f"{text}\n# of data\n{data}"
        reach = read_reach(shapes.triples)
        groups, unbounded, results = (
            groups + len(reach.groups),
            unbounded + len(reach.unbounded),
            results + len(expected),
        )
    assert groups > unbounded > 5
    assert results > 200


HUB = """
ex:S sh:targetClass ex:Hub ; sh:property [ sh:path [ sh:inversePath ex:code ] ; sh:minCount 7 ; sh:message "few" ] .
ex:T sh:targetSubjectsOf ex:code ; sh:property [ sh:path ex:code ; sh:maxCount 1 ; sh:message "many" ] .
"""


@pytest.mark.parametrize("links", [300, 60_000])
def test_a_node_that_very_many_refer_to(links: int, tmp_path: Path) -> None:
    """A shape that reaches more than 50,000 triples from one node is validated at once, and the others by focus."""
    triples = [f"<http://e/n{number:06}> <http://e/code> <http://e/hub> ." for number in range(links)]
    triples += ["<http://e/n000007> <http://e/code> <http://e/other> ."]
    hub = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://e/Hub> ."
    triples += [f"<http://e/{name}> {hub}" for name in ("hub", "other")]
    shapes = written(tmp_path, PREFIXES + HUB, "\n".join(triples), ox.RdfFormat.N_TRIPLES)
    expected = at_once(shapes, tmp_path / "data.nt")
    assert [(result.focus, result.message) for result in expected] == [
        ("<http://e/n000007>", "many"),
        ("<http://e/other>", "few"),
    ]
    assert by_focus(shapes, tmp_path / "data.nt", 1 << 16) == expected
    told = [part["progress"] for part in reports(shapes, tmp_path / "data.nt") if "progress" in part]
    if links < 1000:
        assert told == []
    else:
        why = "<http://e/hub> reaches more than 50000 triples, by <http://e/hub> <http://e/code> at last"
        assert told[0] == f"<http://e/S> cannot be validated node by node: {why}"
        assert told[1].startswith(f"validating {links + 3} triples at once in at most ")


def peak_memory(arguments: list[str], output: Path) -> int:
    """Run Python with its output in a file; the most memory that it has had, in bytes."""
    # a process counts the memory of the one that has started it, so that is a small one
    starter = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[2:], stdout=open(sys.argv[1], 'wb'), check=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    command = [sys.executable, "-c", starter, str(output), sys.executable, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return int(done.stdout) * (1 if sys.platform == "darwin" else 1024)


def test_memory_does_not_grow_with_the_data(tmp_path: Path) -> None:
    """In: 200,000 triples. Out: the results of all of them, in little more memory than without any data."""
    (tmp_path / "shapes.ttl").write_text(
        f"{PREFIXES} ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:next ; sh:class ex:C ; sh:minCount 1 ] .",
        encoding="utf-8",
    )
    with (tmp_path / "data.nt").open("w") as file:
        for number in range(50_000):
            node = f"<http://e/{number:06}>"
            print(f"{node} <http://e/next> <http://e/{(number * 7919 + 1) % 50_021:06}> .", file=file)
            print(f'{node} <http://e/text> "{"text " * 10}"@en .', file=file)
            print(f'{node} <http://e/title> "Number {number}" .', file=file)
            print(f"{node} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://e/C> .", file=file)
    command = ["-m", "release.shacl_process", "shacl", str(tmp_path / "shapes.ttl"), BASE, str(tmp_path / "data.nt")]
    peak = peak_memory(command, tmp_path / "output")
    lines = (tmp_path / "output").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line).get("report", "") for line in lines]
    assert sum(report.count("#focusNode>") for report in found) == 21
    assert peak < 100 << 20
