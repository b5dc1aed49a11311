"""`survey` of sorted N-Quads: how many literals a query store changes, and how many quads it makes one.

In: lines with literals of every kind. Out: the numbers and examples of `survey`, compared with a store that has them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from core.namespaces import RDF, XSD
from core.ntriples import split
from release.manifest import LiteralForm, StoredContent
from release.stored import StoredPart, survey
from tests.release.made_parts import made

if TYPE_CHECKING:
    from pathlib import Path

KINDS = {
    "integer": "1 01 +1 -0 9223372036854775807 9223372036854775808 00009223372036854775808 1.5 x",
    "int": "1 01 x",
    "byte": "1 300",
    "nonNegativeInteger": "0 -0 7",
    "decimal": "1 1.0 1.00 .5 0.5 -0.0 1.0000000000000000001 0.10",
    "double": "1 1E0 1.0e0 -0 INF +INF NaN 1e400",
    "float": "1 3.14159265358979 3.1415927",
    "boolean": "true 1 false 0 TRUE",
    "date": "2020-01-01 2020-01-01Z 2020-01-01+00:00 2020-02-30",
    "dateTime": "2020-01-01T00:00:00 2019-12-31T24:00:00 2020-01-01T00:00:00.50Z 2020-01-01T00:00:00.5Z",
    "dateTimeStamp": "2020-01-01T00:00:00Z",
    "time": "12:00:00 24:00:00 12:00:00.000",
    "duration": "P1Y P12M PT24H P1D P1YT0S",
    "dayTimeDuration": "PT24H P1D PT86400S",
    "yearMonthDuration": "P1Y P12M",
    "gYear": "2020 02020 -0001",
    "gMonthDay": "--02-29 --02-30",
    "anyURI": "http://x/",
    "hexBinary": "0A 0a",
}
OTHERS = [
    '"plain"',
    '"colour"@en-GB',
    '"colour"@en-gb',
    '"colour"@EN-gb',
    '"other"@en-GB',
    '"with \\"1\\"^^<x>"@de',
    '"שלום"@HE--rtl',
    '"שלום"@he--rtl',
    f'"<a/>"^^<{RDF}XMLLiteral>',
    '"01"^^<http://x/own>',
    f'<<( <urn:s> <urn:p> "01"^^<{XSD}integer> )>>',
    f'<<( <urn:s> <urn:p> "1"^^<{XSD}integer> )>>',
    f'<<( _:b <urn:p> <<( <urn:s> <urn:p> "1.50"^^<{XSD}decimal> )>> )>>',
    "<urn:o>",
    "_:b",
]
OBJECTS = [f'"{form}"^^<{XSD}{kind}>' for kind, forms in KINDS.items() for form in forms.split()] + OTHERS


TRIPLES = [f"<urn:{subject}> <urn:p> {value}" for subject in "ab" for value in OBJECTS]
GRAPHS = ["", "<urn:g>", "_:g"]


def surveyed(folder: Path, lines: list[str], at_once: int = 1_000) -> tuple[StoredContent, ox.Store]:
    """In: lines without their ends. Out: the result of `survey`, and a store into which they were loaded."""
    quads = [f"{line} .\n".encode() for line in lines]
    store = ox.Store()
    store.bulk_load(b"".join(quads), format=ox.RdfFormat.N_QUADS)
    triples = sum(1 for line in quads if split(line)[3] is None)
    return survey(made(StoredPart(), quads, folder, at_once), triples, len(quads)), store


def stored_form(value: str) -> str:
    """What a store gives back for one object."""
    store = ox.Store()
    store.load(f"<urn:s> <urn:p> {value} .", ox.RdfFormat.N_TRIPLES)
    return (store.dump(format=ox.RdfFormat.N_QUADS) or b"").decode().removeprefix("<urn:s> <urn:p> ")[:-3]


@pytest.mark.parametrize("at_once", [1, 7, 10_000])
def test_numbers_are_those_of_the_store(tmp_path: Path, at_once: int) -> None:
    """However many lines are a block."""
    lines = [f"{triple} {graph}".rstrip() for triple in TRIPLES for graph in GRAPHS]
    found, store = surveyed(tmp_path, lines, at_once)
    assert found.quads == len(store) < len(TRIPLES) * len(GRAPHS)
    assert found.triples == sum(1 for _ in store.quads_for_pattern(None, None, None, ox.DefaultGraph()))
    assert found.triples < len(TRIPLES)
    literals = [value for value in OBJECTS if '"' in value]
    assert found.literals == 2 * len(literals)  # each triple once, however many graphs it is in
    changed = [value for value in literals if "_:" not in value and stored_form(value) != value]
    assert found.changed == 2 * (len(changed) + 1)  # blank nodes get other names: one of these triple terms is changed
    assert len(changed) > 30


def test_examples_are_of_different_kinds(tmp_path: Path) -> None:
    found, _ = surveyed(tmp_path, TRIPLES)
    assert len(found.examples) == 3
    assert len({form.published.partition('"^^')[2] for form in found.examples}) == 3
    assert all(stored_form(form.published) == form.queried for form in found.examples)


def test_a_kind_alone_has_three_examples(tmp_path: Path) -> None:
    numbers = [f'<urn:s> <urn:p> "0{number}"^^<{XSD}integer>' for number in range(9)]
    found, _ = surveyed(tmp_path, numbers)
    assert found.examples == [LiteralForm(f'"0{n}"^^<{XSD}integer>', f'"{n}"^^<{XSD}integer>') for n in range(3)]
    assert (found.literals, found.changed, found.triples) == (9, 9, 9)


def test_a_long_literal_is_cut_in_the_example(tmp_path: Path) -> None:
    found, _ = surveyed(tmp_path, [f'<urn:s> <urn:p> "{"a" * 9_000_000}"@DE'])
    assert [len(form.published) for form in found.examples] == [201]
    assert (found.literals, found.changed) == (1, 1)


def test_without_literals_there_is_nothing_to_say(tmp_path: Path) -> None:
    found, _ = surveyed(tmp_path, ["<urn:s> <urn:p> <urn:o>", "<urn:s> <urn:p> <urn:o> <urn:g>"])
    assert found == StoredContent(triples=1, quads=2, literals=0, changed=0, examples=[])
