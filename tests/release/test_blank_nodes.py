"""Names of blank nodes: the same for equal quads in any order, other ones only where something else is said.

In: lines of N-Quads as patterns with numbers for blank nodes. Out: the lines with their names, and the time it takes.
"""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest

from core.errors import InputError
from release.blank_nodes import BlankNodes

if TYPE_CHECKING:
    from collections.abc import Iterable

NODE = re.compile(r"_:(\w+)")
P = "<http://e/p>"


def quad(*terms: object) -> str:
    """A line; numbers and pairs stand for blank nodes."""
    return " ".join(f"_:n{term}" if isinstance(term, int) else str(term) for term in terms) + " .\n"


def named(lines: Iterable[str]) -> list[str]:
    """The lines with their names, after the labels and the order have been changed by chance."""
    labels: dict[str, str] = {}
    texts = [NODE.sub(lambda m: "_:" + labels.setdefault(m[1], f"{random.getrandbits(128):x}"), text) for text in lines]
    random.shuffle(texts)
    nodes = BlankNodes()
    for text in filter(NODE.search, texts):
        nodes.add(tuple(dict.fromkeys(label.encode() for label in NODE.findall(text))), text.encode())
    return sorted([line.decode() for line in nodes.lines()] + [text for text in texts if not NODE.search(text)])


def cycle(length: int, first: int = 0) -> list[str]:
    return [quad(first + n, P, first + (n + 1) % length) for n in range(length)]


def clique(size: int) -> list[str]:
    return [quad(a, P, b) for a in range(size) for b in range(size) if a != b]


def tree(width: int, depth: int, root: int = 1) -> list[str]:
    if not depth:
        return []
    children = [root * width + n for n in range(1, width + 1)]
    return [part for child in children for part in (quad(root, P, child), *tree(width, depth - 1, child))]


PETERSEN = (
    [(n, (n + 1) % 5) for n in range(5)] + [(n, n + 5) for n in range(5)] + [(5 + n, 5 + (n + 2) % 5) for n in range(5)]
)
SHAPES: dict[str, list[str]] = {
    "one": [quad("<http://e/s>", P, 1), quad(1, P, '"_:n1 \\"_:n2\\""')],
    "chain": [quad(n, P, n + 1) for n in range(2000)],
    "list": [quad(n, P, n + 1) for n in range(500)] + [quad(n, "<http://e/first>", '"x"') for n in range(500)],
    "star": [quad(0, P, n) for n in range(1, 2000)],
    "cycle": cycle(50),
    "two cycles": cycle(20) + cycle(20, 100),
    "clique": clique(20),
    "tree": tree(3, 5),
    "petersen": [part for a, b in PETERSEN for part in (quad(a, P, b), quad(b, P, a))],
    "graphs": [quad(n, P, n + 1, 10) for n in range(4)] + [quad("<http://e/s>", P, '"x"', 10)],
    "triple terms": [
        quad("<http://e/s>", P, f"<<( _:n1 {P} <<( _:n2 {P} _:n3 )>> )>>"),
        quad(1, P, 1),
        quad(3, P, '"x"'),
    ],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_names_depend_on_what_is_said_alone(shape: str) -> None:
    lines = SHAPES[shape]
    found = named(lines)
    assert found == named(lines) == named(lines + lines)
    assert len(set(found)) == len(set(lines))
    assert len({name for line in found for name in NODE.findall(NODE.sub(r"_:\1", line))}) >= 1
    assert (
        sorted(NODE.sub("_:", line) for line in found) == sorted(NODE.sub("_:", line) for line in set(lines))
        or shape == "one"
    )


def test_equal_components_stay_as_many() -> None:
    found = named([quad(n, P, '"x"') for n in range(3)] + [quad(9, P, '"y"')])
    assert len({line.partition(" ")[0] for line in found}) == len(found) == 4
    assert len(named(cycle(3) + cycle(3, 10) + cycle(6, 20))) == 12


def test_names_stay_where_the_same_is_said() -> None:
    before = [quad(f"<http://e/{n}>", P, n) for n in range(20)] + [quad(n, P, f'"{n}"') for n in range(20)]
    added = [quad("<http://e/0>", P, '"x"'), quad("<http://e/new>", P, 50), quad(50, P, '"new"')]
    assert len(set(named(before + added)) - set(named(before))) == len(added)
    assert set(named(before)) <= set(named(before + added))


def test_different_quads_have_different_names() -> None:
    names = [
        line.partition(" ")[0]
        for lines in (cycle(3), cycle(4), [quad(1, P, 2)], [quad(1, P, 1)], [quad(1, P, '"1"')], [quad(1, P, '"2"')])
        for line in named(lines)
    ]
    assert len({name.partition("n")[0] for name in names}) == 6


def test_what_cannot_be_told_apart_in_bounded_time_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("release.blank_nodes._STEPS", 1000)
    cube = [quad(n, P, n ^ 1 << bit) for n in range(256) for bit in range(8)]
    with pytest.raises(InputError, match="give them IRIs"):
        named(cube)
