"""Sorts the N-Quads from which a release is made, in bounded memory.

Lines are canonical N-Quads (https://www.w3.org/TR/rdf12-n-quads/#canonical-quads), so sorting their bytes gives one
order, and equal content gives equal bytes.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from core import memory, with_parent
from core.errors import InputError
from core.ntriples import split

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_MOST_FILES = 128  # that sort merges at once; by default it is 16, and some systems let a process open 256
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
    with _sorting(_command(folder), lines) as process:
        yield iter(partial(process.stdout.read, _PIECE), b"")  # type: ignore[union-attr] # it is a pipe


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
    with _sorting([*_command(target.parent), *options, "-o", str(target)], lines):
        pass


def _command(folder: Path) -> list[str]:
    """The program that sorts, which spills to the folder and reads what it has spilled once."""
    return ["sort", "-S", f"{memory.current().sort}b", f"--batch-size={_MOST_FILES}", "-T", str(folder)]


@contextmanager
def _sorting(command: list[str], lines: Iterable[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """A process of sort that has been given all lines; InputError if it has failed in the end."""
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(
            with_parent.command(*command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, "LC_ALL": "C"},
        ) as process:
            assert process.stdin is not None  # noqa: S101 - it is a pipe
            try:
                with suppress(BrokenPipeError):  # sort has ended early, its message says why
                    process.stdin.writelines(lines)
                with suppress(BrokenPipeError):  # of what was not written yet
                    process.stdin.close()
                yield process
            except BaseException:
                process.kill()
                with suppress(BrokenPipeError):
                    process.stdin.close()
                raise
        if process.returncode:
            errors.seek(0)
            message = "; ".join(errors.read().decode(errors="replace").splitlines())
            if process.returncode == -signal.SIGKILL:
                message = "sort was killed, perhaps for lack of memory"
            raise InputError(f"sorting the quads failed: {message or process.returncode}")


def with_union(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Blocks of whole lines, and each triple of a named graph in the default graph as well; some come twice."""
    for block in blocks:
        yield block
        yield b"".join(b"%s .\n" % triple for triple in _NAMED.findall(block))
