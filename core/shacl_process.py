"""Runs a SHACL validator as a process of its own: `python -m core.shacl_process VALIDATOR SHAPES BASE DATA [by-graph]`.

What a validator does not survive (all memory, recursion without end) ends this process and not the build. Standard
output gets JSON objects, one a line: the shapes, then a report for each graph that was validated, both as N-Triples.
The last line of standard error is a JSON object with an `error`, if there was one.
"""

from __future__ import annotations

import json
import resource
import sys
from contextlib import redirect_stdout
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import shacl

from core.errors import InputError
from core.limits import limit_memory
from core.rdf import blank_nodes_in, serialize
from core.shapes_file import ShapesFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from core.rdf import Term

MOST_VIOLATIONS = 10_000  # that are looked for: data with one are not published
PYSHACL_SECONDS = 120  # of processor time
_DATA_LABEL = "0_b"  # what the validator's labels of blank nodes of the data begin with


def graphs(data: Path) -> Iterator[tuple[str, list[bytes]]]:
    """Name and triples of each graph; data: lines of a name, a tab and a triple, sorted by the names."""
    with data.open("rb") as lines:
        for name, group in groupby(lines, key=lambda line: line.partition(b"\t")[0]):
            yield name.decode(), [line.partition(b"\t")[2] for line in group]


def fast(shapes: ShapesFile) -> Callable[[bytes], bytes]:
    """The validator `shacl`: a function from data to their report, both N-Triples."""
    compiled = shacl.Shapes.from_text(shapes.ntriples(), format="ntriples")
    offset = len({term for triple in shapes.triples for term in blank_nodes_in(triple)})

    def validate(data: bytes) -> bytes:
        # warnings that are allowed do not count as what stops the run
        report = compiled.validate_text(
            data.decode(), format="ntriples", inference="none", max_results=MOST_VIOLATIONS, allow_warnings=True
        )
        return _with_labels_of(data, report.serialize("ntriples").encode(), offset)

    return validate


def pyshacl(shapes: ShapesFile) -> Callable[[bytes], bytes]:
    """The validator `pyshacl`: a function from data to their report, both N-Triples."""
    import rdflib  # noqa: PLC0415 - a second of time, which the other validator does not need
    from pyshacl import validate as run  # noqa: PLC0415

    rdflib.NORMALIZE_LITERALS = False
    shapes_graph = rdflib.Graph().parse(data=shapes.ntriples(), format="nt")

    def validate(data: bytes) -> bytes:
        graph = rdflib.Graph().parse(data=data.decode(), format="nt")
        _, report, text = run(graph, shacl_graph=shapes_graph, advanced=True, inference="none")
        if not isinstance(report, rdflib.Graph):
            raise InputError(text)
        return report.serialize(format="nt", encoding="utf-8")

    return validate


VALIDATORS = {"shacl": fast, "pyshacl": pyshacl}


def _with_labels_of(data: bytes, report: bytes, offset: int) -> bytes:
    """The report with the data's labels of blank nodes. The validator numbers them in their order, from the offset."""
    triples = [quad.triple for quad in ox.parse(report, ox.RdfFormat.N_TRIPLES)]
    wanted = {term.value for triple in triples for term in blank_nodes_in(triple) if term.value.startswith(_DATA_LABEL)}
    if not wanted:
        return report
    with_label = b"".join(line for line in data.splitlines(keepends=True) if b"_:" in line)
    quads = ox.parse(with_label, ox.RdfFormat.N_TRIPLES)
    labels = dict.fromkeys(term for quad in quads for term in blank_nodes_in(quad.triple))
    named: dict[Term, ox.BlankNode] = {
        ox.BlankNode(label): term
        for number, term in enumerate(labels, offset)
        if (label := f"{_DATA_LABEL}{number}") in wanted
    }
    renamed = (ox.Triple(named.get(t.subject, t.subject), t.predicate, named.get(t.object, t.object)) for t in triples)
    return serialize(renamed, ox.RdfFormat.N_TRIPLES)


def _outcomes(validator: str, shapes: Path, base: str, data: Path, *, by_graph: bool) -> Iterable[dict[str, object]]:
    read = ShapesFile.read(shapes, base)
    validate = VALIDATORS[validator](read)
    yield {"shapes": read.ntriples(), "problems": [asdict(problem) for problem in read.problems]}
    if by_graph:
        for name, lines in graphs(data):
            yield {"graph": name, "report": validate(b"".join(lines)).decode()}
    else:
        yield {"graph": "", "report": validate(data.read_bytes()).decode()}


def main(validator: str, shapes: str, base: str, data: str, *options: str) -> int:
    """Write the outcome to standard output; the exit code is 1 if the shapes or the validator failed."""
    limit_memory()
    if validator == "pyshacl":
        resource.setrlimit(resource.RLIMIT_CPU, (PYSHACL_SECONDS, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    output, error = sys.stdout, ""
    try:
        with redirect_stdout(sys.stderr):  # what validators print is no outcome
            for outcome in _outcomes(validator, Path(shapes), base, Path(data), by_graph="by-graph" in options):
                output.write(f"{json.dumps(outcome)}\n")
            output.flush()
    except InputError as failure:
        error = str(failure)
    except MemoryError:
        error = "validation takes more than half of this machine's memory"
    except BaseException as failure:  # noqa: BLE001 - a validator of others may raise anything, its panics included
        error = f"{shapes}: {failure}"
    sys.stderr.write(f"\n{json.dumps({'error': error})}\n")
    return bool(error)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
