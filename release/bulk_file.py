"""Writes a release as N-Quads for the bulk loader of another store, which keeps the default graph under a name."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from core.errors import InputError
from core.ntriples import split
from release.other_store import check, listing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from core.named_default_graph import NamedDefaultGraph
    from release.reader import Release


def write(release: Release, file: Path, default_graph: NamedDefaultGraph, progress: Callable[[str], None]) -> int:
    """Write the quads, with each triple of the default graph in the graph of that name; their number.

    file: compressed by gzip if its name ends so; it is there once it is whole. What lists the named graphs comes last.
    Graphs that a blank node names are left out, as when graphs are sent. InputError if the file cannot be written.
    ReleaseError if the release is damaged.
    """
    check(release, default_graph)
    work = file.with_name(f".{file.name}.new")
    progress(f"writing {file}")
    number = 0
    try:
        with gzip.open(work, "wb", compresslevel=6) if file.suffix == ".gz" else work.open("wb") as target:
            for line in _quads(release, default_graph):
                target.write(line)
                number += 1
        work.replace(file)
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror}") from error
    finally:
        work.unlink(missing_ok=True)
    return number


def _quads(release: Release, default_graph: NamedDefaultGraph) -> Iterator[bytes]:
    default, listed = f"<{default_graph.iri}> .\n".encode(), f"<{default_graph.listing}> .\n".encode()
    for line in release.lines():
        graph = split(line)[3]
        if graph is None:
            yield line.removesuffix(b".\n") + default
        elif not graph.startswith(b"_:"):
            yield line
    for triple in listing(release, default_graph):
        yield triple.removesuffix(b".\n") + listed
