"""Runs a SHACL validator as a process of its own.

    python -m release.shacl_process VALIDATOR SHAPES BASE [DATA [by-graph]]

VALIDATOR is `shacl` or `pyshacl` for a file of triples, `blocks` for the task of a build (release/block_validation.py),
and `reach` if that needs to know what the shapes read, of whatever data.

What a validator does not survive (all memory, recursion without end) ends this process and not the build. Standard
output gets JSON objects, one a line: the shapes, sentences of `progress`, and reports with the names of their graphs,
all RDF as N-Triples. The last line of standard error is a JSON object with an `error`, if there was one.
"""

from __future__ import annotations

import base64
import json
import resource
import sys
from contextlib import redirect_stdout
from dataclasses import asdict
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

from core.errors import InputError
from core.focus import FocusValidator, inverse_lines, targets_without_triples
from core.limits import half_of_memory, limit_memory
from core.memory import collect_rarely
from core.reach import read_reach
from core.shacl_validator import MOST_VIOLATIONS, Validator
from core.shapes_file import ShapesFile
from release import block_validation, nquads
from release.sorted_lines import SortedLines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from core.focus import BlockOutcome
    from core.reach import Reach

PYSHACL_SECONDS = 120  # of processor time
BLOCK = 1 << 18  # bytes of the triples that are validated at once, if not those of one subject are more
# of memory, beside copies of the file: measured up to 630, with a million blank nodes and the most violations
_BYTES_PER_TRIPLE, _COPIES = 700, 3
_NODES = 1000  # that are no subjects and are validated at once


def graphs(data: Path) -> Iterator[tuple[str, list[bytes]]]:
    """Name and triples of each graph; data: lines of a name, a tab and a triple, sorted by the names."""
    with data.open("rb") as lines:
        for name, group in groupby(lines, key=lambda line: line.partition(b"\t")[0]):
            yield name.decode(), [line.partition(b"\t")[2] for line in group]


def read_blocks(data: Path, size: int, *, by_graph: bool) -> Iterator[tuple[bytes, bytes]]:
    """Blocks of at least `size` bytes, each with all triples of its subjects, and before it what its lines began with.

    That is nothing, or with by_graph the name of the graph and a tab. ValueError if the lines are not sorted.
    """
    with data.open("rb") as lines:
        block: list[bytes] = []
        length, graph, subject, before = 0, b"", b"", b""
        for line in lines:
            if line < before:
                raise ValueError(f"{data} is not sorted at {line!r}")
            before = line
            name, tab, triple = line.partition(b"\t") if by_graph else (b"", b"", line)
            next_subject = triple[: triple.index(b" ")]
            if block and (name + tab != graph or (length >= size and next_subject != subject)):
                yield graph, b"".join(block)
                block, length = [], 0
            graph, subject = name + tab, next_subject
            block.append(triple)
            length += len(triple)
        if block:
            yield graph, b"".join(block)


class _LinesOfGraph:
    """The lines of one graph, without its name, where a file has those of several."""

    def __init__(self, lines: SortedLines, graph: bytes) -> None:
        self._lines = lines
        self._graph = graph

    def each_beginning(self, prefixes: Iterable[bytes], most: int) -> Iterator[list[bytes]]:
        length = len(self._graph)
        for lines in self._lines.each_beginning((self._graph + prefix for prefix in prefixes), most):
            yield [line[length:] for line in lines]


class _ByFocus:
    """The validation of a file by focus; a context manager that closes its files."""

    def __init__(self, reach: Reach, data: Path, size: int, folder: Path, *, by_graph: bool) -> None:
        """size: of blocks. folder: for the lines that are looked up by their objects."""
        self._reach = reach
        self._validator = Validator(reach.by_focus)
        self._blocks = partial(read_blocks, data, size, by_graph=by_graph)
        inverse = folder / "inverse"
        blocks = self._blocks() if reach.inverse else ()
        found = ((graph, inverse_lines(block.splitlines(), reach.inverse)) for graph, block in blocks)
        nquads.sort((graph + line for graph, lines in found for line in lines), inverse)
        self._triples, self._inverse = SortedLines(data), SortedLines(inverse)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._triples.close()
        self._inverse.close()

    def outcomes(self) -> Iterator[tuple[bytes, BlockOutcome]]:
        """The outcomes of blocks and of nodes that are no subjects, with what the lines of their graphs begin with."""
        for graph, blocks in groupby(self._blocks(), key=lambda pair: pair[0]):
            lines = _LinesOfGraph(self._triples, graph), _LinesOfGraph(self._inverse, graph)
            validator = FocusValidator(self._reach, self._validator, *lines)
            for _, block in blocks:
                yield graph, validator.validate_block(block.splitlines())
            inverse = (line[len(graph) :] for line in self._inverse.beginning(graph))
            rest = targets_without_triples(self._reach, lines[0], inverse)
            while nodes := dict(islice(rest, _NODES)):
                yield graph, validator.validate_nodes(nodes)


def reports(shapes: ShapesFile, data: Path, *, by_graph: bool = False, size: int = BLOCK) -> Iterator[dict[str, str]]:
    """The reports of `shacl` about a file of sorted triples, and sentences about what is validated at once.

    size: of the blocks that are validated by focus (core/focus.py), in bytes. InputError if the shapes that are not
    need too much memory.
    """
    reach, found = _by_focus(_reach(shapes), data, size, by_graph=by_graph)
    for graph, outcome in found:
        yield from ({"graph": _name(graph), "report": report.decode()} for report in outcome.reports)
    if reach.unbounded:
        yield from _reports_over_all(reach, data, by_graph=by_graph)


def _reach(shapes: ShapesFile) -> Reach:
    Validator(shapes.ntriples())  # what it cannot do is said of the shapes as they are
    try:
        return read_reach(shapes.triples)
    except RecursionError:
        raise InputError(f"{shapes.path}: the shapes are nested too deeply") from None


def _by_focus(reach: Reach, data: Path, size: int, *, by_graph: bool) -> tuple[Reach, list[tuple[bytes, BlockOutcome]]]:
    """The outcomes of blocks with the beginnings of their lines, and the reach, without groups that read too much."""
    while reach.groups:
        with (
            TemporaryDirectory(dir=data.parent) as folder,
            _ByFocus(reach, data, size, Path(folder), by_graph=by_graph) as by_focus,
        ):
            found: list[tuple[bytes, BlockOutcome]] = []
            violations, excess = 0, None
            for graph, outcome in by_focus.outcomes():
                found.append((graph, outcome))
                violations += outcome.violations
                excess = outcome.excess
                if excess or violations >= MOST_VIOLATIONS:
                    break
        if excess is None:
            return reach, found
        reach = reach.without(*excess)
    return reach, []


def _reports_over_all(reach: Reach, data: Path, *, by_graph: bool) -> Iterator[dict[str, str]]:
    """The reports of the shapes that are validated over the whole data, or over the properties that they name."""
    validator, properties, first = Validator(reach.over_all), reach.properties, reach.unbounded[0]
    others = f" and {len(reach.unbounded) - 1} others" if len(reach.unbounded) > 1 else ""
    why = f"{first.shape}{others} cannot be validated node by node: {first.reason}"
    yield {"progress": why}
    if by_graph:
        for name, lines in graphs(data):
            report, _ = validator.validate(b"".join(_of_properties(lines, properties)))
            yield {"graph": name, "report": report.decode()}
        return
    count, size = 0, 0
    with data.open("rb") as file:
        for line in _of_properties(file, properties):
            count += 1
            size += len(line)
    yield {"progress": f"validating {count} triples at once in at most {_memory(count, size, why) >> 20} MiB of memory"}
    with data.open("rb") as file:
        report, _ = validator.validate(b"".join(_of_properties(file, properties)))
    yield {"graph": "", "report": report.decode()}


def _of_properties(lines: Iterable[bytes], properties: frozenset[bytes] | None) -> Iterable[bytes]:
    if properties is None:
        return lines
    return (line for line in lines if line.split(b" ", 2)[1] in properties)


def _memory(triples: int, size: int, why: str) -> int:
    """Bytes of memory that so many triples take at once, at most; InputError if there are not so many for it."""
    needed, allowed = triples * _BYTES_PER_TRIPLE + size * _COPIES, half_of_memory()
    if needed > allowed:
        raise InputError(
            f"validation by SHACL may take {needed / 1e9:.1f} GB of memory for {triples} triples, and half of this "
            f"machine's is {allowed / 1e9:.1f} GB; {why}: change the shapes, or validate on a larger machine"
        )
    return needed


def _name(graph: bytes) -> str:
    return graph.rstrip(b"\t").decode()


def _pyshacl(shapes: ShapesFile) -> Callable[[bytes], bytes]:
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


def reports_of_pyshacl(shapes: ShapesFile, data: Path, *, by_graph: bool = False) -> Iterator[dict[str, str]]:
    """The reports of `pyshacl` about a file of triples."""
    validate = _pyshacl(shapes)
    parts = graphs(data) if by_graph else [("", [data.read_bytes()])]
    for name, lines in parts:
        yield {"graph": name, "report": validate(b"".join(lines)).decode()}


def reports_of_blocks(shapes: ShapesFile, task: Path, **_: bool) -> Iterator[Mapping[str, object]]:
    """The reports of `shacl` about the default graph of a release, and the outcomes of blocks that are to be kept.

    task: file of a Task. After `excess` the reports do not count: there are shapes that cannot be validated so.
    """
    with block_validation.BlockValidation(_reach(shapes), block_validation.Task.read(task)) as validation:
        for outcome, number in validation.outcomes():
            if outcome.excess:
                yield {"excess": True}
            if number is not None:
                yield {"block": number, "outcome": base64.b64encode(block_validation.to_bytes(outcome)).decode()}
            yield from ({"graph": "", "report": report.decode()} for report in outcome.reports)


def read_by_shapes(shapes: ShapesFile, _data: Path, **_: bool) -> Iterator[dict[str, object]]:
    """Facts about the shapes that a build needs before it validates blocks.

    bounded: whether they can be. inverse: the properties of triples that are looked up by their objects.
    """
    reach = _reach(shapes)
    yield {"bounded": not reach.unbounded, "inverse": sorted(name.decode() for name in reach.inverse)}


VALIDATORS: dict[str, Callable[..., Iterator[Mapping[str, object]]]] = {
    "shacl": reports,
    "pyshacl": reports_of_pyshacl,
}
_OF_BUILDS: dict[str, Callable[..., Iterator[Mapping[str, object]]]] = {
    "blocks": reports_of_blocks,
    "reach": read_by_shapes,
}


def _written(validator: str, shapes: Path, base: str, data: Path, *, by_graph: bool) -> Iterator[Mapping[str, object]]:
    read = ShapesFile.read(shapes, base)
    yield {"shapes": read.ntriples(), "problems": [asdict(problem) for problem in read.problems]}
    yield from (VALIDATORS | _OF_BUILDS)[validator](read, data, by_graph=by_graph)


def main(validator: str, shapes: str, base: str, data: str = "", *options: str) -> int:
    """Write what is found to standard output; the exit code is 1 if the shapes or the validator failed."""
    limit_memory()
    collect_rarely()
    if validator == "pyshacl":
        resource.setrlimit(resource.RLIMIT_CPU, (PYSHACL_SECONDS, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    output, error = sys.stdout, ""
    try:
        with redirect_stdout(sys.stderr):  # what validators print is no outcome
            for written in _written(validator, Path(shapes), base, Path(data), by_graph="by-graph" in options):
                output.write(f"{json.dumps(written)}\n")
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
