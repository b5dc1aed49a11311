"""One block of triples, validated by focus: what it needs of other blocks, and which nodes its results depend on.

In: sorted N-Triples cut into blocks, also in the middle of a subject. Out: results of the focus nodes of each block,
and digests of what was looked up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from core.errors import InputError
from core.focus import BlockOutcome, FocusValidator, digest, inverse_lines, inverse_prefix
from core.rdf import nquads
from core.reach import read_reach
from core.shacl_validator import Validator
from core.shapes_file import ShapesFile
from core.validation import described, read_results

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

BASE = "http://e/"
PREFIXES = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <http://e/> . "
PREFIXES += "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . "
SHAPES = """
:S sh:targetClass :Person ; sh:property [ sh:path :knows ; sh:class :Person ], [ sh:path :name ; sh:minCount 1 ],
    [ sh:path [ sh:inversePath :knows ] ; sh:minCount 1 ] .
"""
DATA = """
:ann a :Person ; :knows :bob, :cat ; :name "Ann" .
:bob a :Teacher ; :knows :dog .
:cat a :Cat .
:eve a :Person ; :knows :ann ; :name "Eve" .
:Teacher rdfs:subClassOf :Person .
"""


class Held:
    """Lines in memory."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = sorted(line.rstrip(b"\n") for line in lines)

    def each_beginning(self, prefixes: Iterable[bytes], most: int) -> Iterator[list[bytes]]:
        for prefix in prefixes:
            yield [line for line in self._lines if line.startswith(prefix)][:most]


def lines_of(data: str) -> list[bytes]:
    return sorted(nquads(ox.parse((PREFIXES + data).encode(), ox.RdfFormat.TURTLE)).splitlines())


class Validated:
    """Validates blocks of the data by the shapes."""

    def __init__(self, folder: Path, data: str) -> None:
        (folder / "shapes.ttl").write_text(PREFIXES + SHAPES, encoding="utf-8")
        self._shapes = ShapesFile.read(folder / "shapes.ttl", BASE)
        reach = read_reach(self._shapes.triples)
        assert reach.inverse == {b"<http://e/knows>"}
        self.lines = lines_of(data)
        inverse = Held(inverse_lines(self.lines, reach.inverse))
        self.by_focus = FocusValidator(reach, Validator(reach.by_focus), Held(self.lines), inverse)

    def found(self, outcome: BlockOutcome) -> list[tuple[str, str]]:
        """Focus node and path of each result, sorted."""
        said = described(self._shapes.ntriples())
        results = [result for report in outcome.reports for result in read_results(report.decode(), said)]
        assert outcome.violations == len(results)
        return sorted((result.focus.removeprefix("<http://e/")[:-1], str(result.path)) for result in results)


EXPECTED = [
    ("ann", "<http://e/knows>"),
    ("bob", "<http://e/knows>"),
    ("bob", "<http://e/name>"),
    ("eve", "(^<http://e/knows>)"),
]


def test_each_block_has_the_results_of_its_subjects(tmp_path: Path) -> None:
    validated = Validated(tmp_path, DATA)
    found = []
    for subject in ("Teacher", "ann", "bob", "cat", "eve"):
        block = [line for line in validated.lines if line.startswith(b"<http://e/%b>" % subject.encode())]
        results = validated.found(validated.by_focus.validate_block(block))
        assert {name for name, _ in results} <= {subject}
        found += results
    assert found == EXPECTED


@pytest.mark.parametrize("length", range(1, 8))
def test_blocks_may_end_within_a_subject(length: int, tmp_path: Path) -> None:
    validated = Validated(tmp_path, DATA)
    found, before = [], b""
    lines = validated.lines
    blocks = [lines[start : start + length] for start in range(0, len(lines), length)]
    subjects = [[line.split(b" ")[0] for line in block] for block in blocks]
    for number, block in enumerate(blocks):
        after = subjects[number + 1][0] if number + 1 < len(blocks) else b""
        begun, unfinished = subjects[number][0] == before, subjects[number][-1] == after
        found += validated.found(validated.by_focus.validate_block(block, begun=begun, unfinished=unfinished))
        before = subjects[number][-1]
    assert sorted(found) == EXPECTED


def test_what_was_looked_up_is_told(tmp_path: Path) -> None:
    """A node counts whether there is anything about it, because that may come."""
    validated = Validated(tmp_path, DATA)
    block = [line for line in validated.lines if line.startswith(b"<http://e/ann>")]
    read = validated.by_focus.validate_block(block).read
    names = (b"bob", b"cat", b"Person", b"Cat", b"Teacher")
    who_knows_ann = inverse_prefix(b"<http://e/ann>", b"<http://e/knows>")
    assert read == b"".join(sorted(map(digest, [*(b"<http://e/%b>" % name for name in names), who_knows_ann])))


def test_data_cannot_mark_focus_nodes_themselves(tmp_path: Path) -> None:
    validated = Validated(tmp_path, DATA + ":zoe a :Person ; <urn:x-parkgraph:focus:0> :cat .")
    with pytest.raises(InputError, match="are kept for validation"):
        validated.by_focus.validate_block(validated.lines)


def test_a_shape_that_is_deactivated_reads_nothing(tmp_path: Path) -> None:
    """So what refers to a resource may have a name in the shapes, and the resource is not validated for it."""
    for deactivated, inverse in (("", {b"<http://e/knows>"}), (" ; sh:deactivated true", set())):
        property_ = f"sh:path [ sh:inversePath :knows ] ; sh:qualifiedValueShape [ sh:class :Cat ]{deactivated}"
        path = tmp_path / "shapes.ttl"
        path.write_text(f"{PREFIXES} :S sh:targetClass :Person ; sh:property [ {property_} ] .", encoding="utf-8")
        reach = read_reach(ShapesFile.read(path, BASE).triples)
        assert reach.inverse == inverse
        assert Validator(reach.by_focus).validate(b"<http://e/ann> <http://e/knows> <http://e/bob> .") == (b"", 0)
