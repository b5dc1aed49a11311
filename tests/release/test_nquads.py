"""Lines of canonical N-Quads go in, and come out sorted, or with the triples of named graphs in the default graph."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.errors import InputError
from release.nquads import sort, with_union
from tests.conftest import wait_until
from tests.growth import assert_linear

if TYPE_CHECKING:
    from collections.abc import Iterator

S, P, G = "<http://x/s>", "<http://x/p>", "<http://x/g>"
OBJECTS = [
    "<http://x/o>",
    "_:b",
    '"a text"',
    '"<a> <b> ."',
    '"\\" <http://x/g> .\\n"',
    '"a _:b"@en',
    '"1"^^<http://www.w3.org/2001/XMLSchema#integer>',
    f"<<( {S} {P} <http://x/o> )>>",
    f'<<( {S} {P} <<( _:b {P} "<a> <b>" )>> )>>',
]


@pytest.mark.parametrize("subject", [S, "_:s"])
@pytest.mark.parametrize("object_", OBJECTS)
@pytest.mark.parametrize("graph", [G, "_:g"])
def test_each_triple_of_a_named_graph_is_in_the_default_graph_too(subject: str, object_: str, graph: str) -> None:
    triple = f"{subject} {P} {object_}"
    named, default = f"{triple} {graph} .\n".encode(), f"{triple} .\n".encode()
    assert b"".join(with_union([named])).splitlines() == [named.rstrip(), default.rstrip()]
    assert b"".join(with_union([default])) == default
    assert b"".join(with_union([default + named, default])).splitlines().count(default.rstrip()) == 3


@pytest.mark.parametrize("text", [" <a", " <a>", " _:b", '\\"', "a "])
def test_a_long_line_takes_linear_time(text: str) -> None:
    def line(length: int) -> str:
        literal = text * (length // (2 * len(text)))
        return f'{S} {P} "{literal}" .\n{S} {P} "{literal}" {G} .\n'

    assert_linear(lambda lines: list(with_union([lines.encode()])), line, 1 << 20)


def is_killed(word: str) -> bool:
    """Kill the process that this thread has started with the word in its command line; whether there is one."""
    for pid in Path("/proc/thread-self/children").read_text(encoding="utf-8").split():
        if word in Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8"):
            os.kill(int(pid), signal.SIGKILL)
            return True
    return False


@pytest.mark.parametrize("number", [1, 100_000])
def test_a_sort_that_is_killed_is_told(tmp_path: Path, number: int) -> None:
    def lines() -> Iterator[bytes]:
        yield b"b\n"
        wait_until(lambda: is_killed(str(tmp_path)))  # while it begins it has no command line for a moment
        yield from [b"a\n"] * number

    with pytest.raises(InputError, match="sorting the quads failed: sort was killed, perhaps for lack of memory"):
        sort(lines(), tmp_path / "sorted")
