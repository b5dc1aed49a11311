"""Names blank nodes after what is said about them, so that they keep their names where that is the same: `BlankNodes`.

Blank nodes that quads link make a component. The nodes of a component are numbered by colour refinement (Weisfeiler and
Leman, as in Hogan, Canonical Forms for Isomorphic and Equivalent RDF Graphs, 2017, https://doi.org/10.1145/3068333):
each node gets the digest of the quads it is in, with the digests of its neighbours, until no more nodes can be told
apart. RDFC-1.0 takes time in the cube of a list's length for that. A name is the digest of the component's quads with
its numbers, and the number.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_NODE = re.compile(rb"_:([0-9a-zA-Z]+)")
_DIGEST = 16  # bytes of a colour
_NAME = 16  # hexadecimal digits of a component's digest in a name
_STEPS = 1_000_000  # quads looked at, beyond those for every quad
_STEPS_OF_QUAD = 50


@dataclass(frozen=True, eq=False)
class _Quad:
    """A line of canonical N-Quads as the texts around its blank nodes, and these in their order."""

    texts: tuple[bytes, ...]
    nodes: tuple[bytes, ...]
    digest: bytes

    def line(self, names: dict[bytes, bytes]) -> bytes:
        """The line with the names of its nodes."""
        parts = [self.texts[0]]
        for node, text in zip(self.nodes, self.texts[1:], strict=True):
            parts += (b"_:", names[node], text)
        return b"".join(parts)


class BlankNodes:
    """Gives the blank nodes of a dataset names. `add` takes the quads of a file, `lines` gives them, for each file.

    What the quads of a file say decides on the names, not their order or the names that the nodes have in them.
    """

    def __init__(self) -> None:
        self._lines: dict[bytes, list[bytes]] = {}  # node → lines that it alone is in
        self._links: list[tuple[tuple[bytes, ...], bytes]] = []  # nodes and line
        self._parents: dict[bytes, bytes] = {}  # node → another of its component
        self._copies: Counter[bytes] = Counter()  # digest of a component → components that have it

    def add(self, nodes: Collection[bytes], line: bytes) -> None:
        """Take a line of canonical N-Quads with these blank nodes, whose labels no other text of the line has."""
        for node in nodes:
            self._lines.setdefault(node, [])
        first, *others = nodes
        if not others:
            self._lines[first].append(line)
            return
        self._links.append((tuple(nodes), line))
        root = self._root(first)
        for node in others:
            self._parents[self._root(node)] = root

    def _root(self, node: bytes) -> bytes:
        while (parent := self._parents.get(node, node)) != node:
            self._parents[node] = self._parents.get(parent, parent)
            node = parent
        return node

    def lines(self) -> Iterator[bytes]:
        """The lines of the file with their names, component by component. InputError if they are too hard to name."""
        links: dict[bytes, list[bytes]] = defaultdict(list)
        for nodes, line in self._links:
            links[self._root(nodes[0])].append(line)
        linked: dict[bytes, list[bytes]] = defaultdict(list)
        for node, lines in self._lines.items():
            root = self._root(node)
            if root in links:
                linked[root] += lines
            else:
                yield from self._of_one_node(node, lines)
        for root, lines in links.items():
            yield from self._of_many_nodes([*lines, *linked[root]])
        self._lines, self._links, self._parents = {}, [], {}

    def _of_one_node(self, node: bytes, lines: list[bytes]) -> Iterator[bytes]:
        label = b"_:" + node
        lines = list(dict.fromkeys(lines))
        name = self._name(line.replace(label, b"_:0") for line in lines) % 0
        return (line.replace(label, b"_:" + name) for line in lines)

    def _of_many_nodes(self, lines: list[bytes]) -> Iterator[bytes]:
        quads = [self._quad(line) for line in dict.fromkeys(lines)]
        order = _Component(quads).order()
        numbers = {node: b"%d" % number for number, node in enumerate(order)}
        name = self._name(quad.line(numbers) for quad in quads)
        names = {node: name % number for number, node in enumerate(order)}
        return (quad.line(names) for quad in quads)

    def _quad(self, line: bytes) -> _Quad:
        texts, nodes, end = [], [], 0
        for match in _NODE.finditer(line):
            if match[1] in self._lines:
                texts.append(line[end : match.start()])
                nodes.append(match[1])
                end = match.end()
        texts.append(line[end:])
        return _Quad(tuple(texts), tuple(nodes), _digest(texts))

    def _name(self, lines: Iterable[bytes]) -> bytes:
        """The name of a component that says this; %d stands for the number of the node."""
        digest = hashlib.sha256(b"".join(sorted(lines))).hexdigest()[:_NAME].encode()
        self._copies[digest] += 1
        copy = self._copies[digest]
        return b"b%sn%%d" % digest + (b"c%d" % copy if copy > 1 else b"")


class _Component:
    """Quads that link blank nodes, whose order it finds: the same for quads that differ in labels and order alone."""

    def __init__(self, quads: list[_Quad]) -> None:
        self._quads = quads
        self._of: dict[bytes, list[_Quad]] = defaultdict(list)  # node → its quads
        for quad in quads:
            for node in set(quad.nodes):
                self._of[node].append(quad)
        self._steps = _STEPS + _STEPS_OF_QUAD * len(quads)

    def order(self) -> list[bytes]:
        """The nodes; InputError if that takes too many steps."""
        nodes = set(self._of)
        try:
            return self._ordered(nodes, self._refined(dict.fromkeys(nodes, b""), nodes, nodes))
        except RecursionError:
            raise _too_hard() from None

    def _ordered(self, nodes: set[bytes], colours: dict[bytes, bytes]) -> list[bytes]:
        """The nodes by their colours, and those of one colour by the parts that they fall into without the others."""
        sizes = Counter(colours[node] for node in nodes)
        order = sorted((node for node in nodes if sizes[colours[node]] == 1), key=colours.__getitem__)
        parts = self._parts(nodes.difference(order))
        if len(parts) == 1 and not order and len(nodes) > 1:
            return self._least(nodes, colours, sizes)
        orders = [self._ordered(part, colours) for part in parts]
        orders.sort(key=lambda part: self._text(part, colours))
        return order + [node for part in orders for node in part]

    def _parts(self, nodes: set[bytes]) -> list[set[bytes]]:
        """The components of these nodes alone."""
        parts, left = [], set(nodes)
        while left:
            part, ahead = set(), [left.pop()]
            while ahead:
                node = ahead.pop()
                part.add(node)
                near = {other for quad in self._of[node] for other in quad.nodes} & left
                left -= near
                ahead += near
            parts.append(part)
        return parts

    def _least(self, nodes: set[bytes], colours: dict[bytes, bytes], sizes: Counter[bytes]) -> list[bytes]:
        """The order with the least text of those that begin with one of the nodes of the smallest class."""
        _, colour = min((size, colour) for colour, size in sizes.items())
        tried: list[bytes] = []
        orders = []
        for node in nodes:
            if colours[node] != colour or any(self._are_interchangeable(node, other) for other in tried):
                continue
            tried.append(node)
            chosen = colours | {node: _digest([colour, b"first"])}
            orders.append(self._ordered(nodes, self._refined(chosen, self._near([node]) & nodes, nodes)))
        return min(orders, key=lambda order: self._text(order, colours))

    def _are_interchangeable(self, one: bytes, other: bytes) -> bool:
        """Whether the quads stay the same when the two nodes are exchanged."""
        quads = self._of[one] + self._of[other]
        self._take_steps(len(quads))
        exchanged = {one: other, other: one}
        signs = {(quad.digest, quad.nodes) for quad in quads}
        return all((q.digest, tuple(exchanged.get(node, node) for node in q.nodes)) in signs for q in quads)

    def _text(self, order: list[bytes], colours: dict[bytes, bytes]) -> bytes:
        """The quads of the nodes with their numbers, and the colours of others."""
        names = {node: b"%d" % number for number, node in enumerate(order)}
        quads = {quad: None for node in order for quad in self._of[node]}
        self._take_steps(len(quads))
        signs = [quad.digest + b",".join(names.get(node, colours[node]) for node in quad.nodes) for quad in quads]
        return b"\n".join(sorted(signs))

    def _near(self, nodes: Iterable[bytes]) -> set[bytes]:
        return {near for node in nodes for quad in self._of[node] for near in quad.nodes}

    def _refined(self, colours: dict[bytes, bytes], touched: set[bytes], nodes: set[bytes]) -> dict[bytes, bytes]:
        """Colours that tell more of the nodes apart. touched: those of them whose neighbours have new colours."""
        colours = colours.copy()
        sizes = Counter(colours[node] for node in nodes)
        while touched:
            classes: dict[bytes, dict[bytes, list[bytes]]] = defaultdict(lambda: defaultdict(list))
            for node in touched:
                if sizes[colours[node]] > 1:
                    classes[colours[node]][self._colour(node, colours)].append(node)
            changed = []
            for old, parts in classes.items():
                if old and sum(map(len, parts.values())) == sizes[old]:
                    # The largest part keeps the colour, so that its neighbours need not be looked at again.
                    del parts[max(parts, key=lambda new: (len(parts[new]), new))]
                changed += [(node, new) for new, members in parts.items() for node in members]
            for node, new in changed:
                sizes[colours[node]] -= 1
                sizes[new] += 1
                colours[node] = new
            touched = self._near(node for node, _ in changed) & nodes
        return colours

    def _colour(self, node: bytes, colours: dict[bytes, bytes]) -> bytes:
        """The digest of a node's colour and of the quads that it is in, with the colours of its neighbours."""
        quads = self._of[node]
        self._take_steps(len(quads))
        signs = [quad.digest + b",".join(b"*" if n == node else colours[n] for n in quad.nodes) for quad in quads]
        return _digest([colours[node], *sorted(signs)])

    def _take_steps(self, number: int) -> None:
        self._steps -= number
        if self._steps < 0:
            raise _too_hard()


def _digest(parts: Iterable[bytes]) -> bytes:
    return hashlib.blake2b(b"\0".join(parts), digest_size=_DIGEST).digest()


def _too_hard() -> InputError:
    return InputError("its blank nodes are linked so that they cannot be told apart in bounded time: give them IRIs")
