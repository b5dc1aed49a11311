"""Sorts the N-Quads from which a release is made, in bounded memory, and counts them in one pass.

Lines are canonical N-Quads (https://www.w3.org/TR/rdf12-n-quads/#canonical-quads), so sorting their bytes gives one
order, and equal content gives equal bytes.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from core.errors import InputError
from core.ntriples import TYPE, decode_iri, encode_iri, features, is_iri, split
from release.manifest import Counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_WORK = "work"
_SORT_MEMORY = "256M"  # beyond that, sort spills to the disk
_PIECE = 1 << 20  # bytes that are read at once
# The triple of a line that has a graph: an object is in front of what closes the line.
_NAMED = re.compile(rb'^([^ \n]+ [^ \n]+ .+) (?:<[^<>"\n]*>|_:[^ "<>\n]+) \.$', re.MULTILINE)


def sort(lines: Iterable[bytes], target: Path) -> None:
    """Write the lines to target, sorted by bytes, without duplicates; memory does not grow with their number.

    GNU or BSD sort does it, spilling to the target's folder. InputError if it fails, as when the disk is full.
    """
    _sort(lines, target, "-u")


@contextmanager
def sorted_pieces(lines: Iterable[bytes], folder: Path) -> Iterator[Iterator[bytes]]:
    """The lines sorted by bytes, with duplicates, in pieces that may end within a line.

    folder: where sort spills to. Memory and errors as for `sort`.
    """
    command = ["sort", "-S", _SORT_MEMORY, "-T", str(folder)]
    with _sorting(command, lines) as process:
        yield iter(partial(process.stdout.read1, _PIECE), b"")  # type: ignore[union-attr] # it is a pipe


def sort_by_key(lines: Iterable[bytes], target: Path) -> None:
    """Write the lines to target, sorted by the text before their first tab; lines with equal keys keep their order.

    Memory and errors as for `sort`.
    """
    _sort(lines, target, "-s", "-t", "\t", "-k", "1,1")


def sort_by_graph(lines: Iterable[bytes], target: Path) -> None:
    """Write sorted N-Quads to target by the names of their graphs, each behind that name and a tab.

    The default graph, whose name is empty, is the first. Memory and errors as for `sort`.
    """
    sort_by_key((b"%s\t%s" % (split(line)[3] or b"", line) for line in lines), target)


def _sort(lines: Iterable[bytes], target: Path, *options: str) -> None:
    command = ["sort", *options, "-S", _SORT_MEMORY, "-T", str(target.parent), "-o", str(target)]
    with _sorting(command, lines):
        pass


@contextmanager
def _sorting(command: list[str], lines: Iterable[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """A process of sort that has been given all lines; InputError if it has failed in the end."""
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, "LC_ALL": "C"},
        ) as process:
            assert process.stdin is not None  # noqa: S101 - it is a pipe
            try:
                with suppress(BrokenPipeError):  # sort has ended early, its message says why
                    process.stdin.writelines(lines)
                    process.stdin.close()
                yield process
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            errors.seek(0)
            message = "; ".join(errors.read().decode(errors="replace").splitlines())
            raise InputError(f"sorting the quads failed: {message or process.returncode}")


def with_union(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Blocks of whole lines, and each triple of a named graph in the default graph as well; some come twice."""
    for block in blocks:
        yield block
        yield b"".join(b"%s .\n" % triple for triple in _NAMED.findall(block))


@dataclass(frozen=True)
class Content:
    """The quads of a release in files of sorted lines, with their digest and counts.

    quads: every quad. default_graph: the triples of the default graph, as N-Triples. digest: SHA-256 of `quads`.
    features: of its terms (core/ntriples.py).
    """

    quads: Path
    default_graph: Path
    digest: str
    counts: Counts
    features: frozenset[str]

    def remove(self) -> None:
        """Delete the files that are still there, and their folder."""
        shutil.rmtree(self.quads.parent)


def sorted_content(lines: Iterable[bytes], base: str, folder: Path) -> Content:
    """Sort the lines into files in a new subfolder of `folder`; memory does not grow with their number.

    base: subjects that begin with this IRI count as entities. InputError if sorting fails.
    """
    work = folder / _WORK
    work.mkdir()
    quads, default_graph = work / "quads.nq", work / "default.nt"
    sort(lines, quads)
    scan = _ContentScan(encode_iri(base)[:-1])
    with quads.open("rb") as everything, default_graph.open("wb") as triples:
        scan.run(everything, triples)
    return Content(quads, default_graph, scan.digest.hexdigest(), scan.counts, frozenset(scan.features))


@dataclass
class _ContentScan:
    """One pass over sorted lines: computes digest and counts, and copies the triples of the default graph."""

    own: bytes
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    features: set[str] = field(default_factory=set)
    _triples: int = 0
    _quads: int = 0
    _entities: int = 0
    _graphs: Counter[bytes] = field(default_factory=Counter)
    _classes: Counter[bytes] = field(default_factory=Counter)
    _properties: Counter[bytes] = field(default_factory=Counter)

    def run(self, lines: Iterable[bytes], default_graph: BinaryIO) -> None:
        """Read all lines, and write those of the default graph to `default_graph`."""
        previous = b""
        for line in lines:
            self.digest.update(line)
            self._quads += 1
            subject, predicate, value, graph = split(line)
            if value[:2] == b"<<" or b"--" in value or b"\\" in value:
                self.features.update(features(value))
            if graph is not None:
                self._graphs[graph] += 1
                continue
            default_graph.write(line)
            self._triples += 1
            self._properties[predicate] += 1
            if predicate == TYPE:
                self._classes[value] += 1
            if subject != previous:
                self._entities += subject.startswith(self.own)
                previous = subject

    @property
    def counts(self) -> Counts:
        """The counts of the lines read so far."""
        return Counts(
            triples=self._triples,
            quads=self._quads,
            entities=self._entities,
            graphs=_named(self._graphs),
            classes=_named(self._classes),
            properties=_named(self._properties),
        )


def _named(counter: Counter[bytes]) -> dict[str, int]:
    """IRI → count, highest first; other terms are left out."""
    rows = sorted(counter.items(), key=lambda row: (-row[1], row[0]))
    return {decode_iri(key): count for key, count in rows if is_iri(key)}
