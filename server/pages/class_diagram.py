"""Classes and the properties between them as a drawing: boxes in layers, and an arrow from each property to its values.

Every box lists its properties, each on a line of its own, from which its arrows go right, to classes in later layers.
Where a property leads to a class that is no further right, its line names that class instead. The layers follow from a
feedback arc set (Eades, Lin and Smyth 1993) and longest paths; the order within a layer is by barycentres (Sugiyama
and others 1981). The same input gives the same drawing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WIDTH, HEAD, LINE, FOOT = 180, 30, 22, 6  # of a box, in units of the drawing
_ACROSS, _DOWN = 108, 22  # between boxes
_LANE = 14  # height of the way that arrows take past a layer
_LAYERS = 4
_SWEEPS = 8

Link: TypeAlias = tuple[str, str, str]  # a class, its property, and a class of the values


@dataclass
class Box:
    """One class: its place, and its properties, each with the classes that its line names."""

    class_: str
    x: float = 0
    y: float = 0
    lines: dict[str, list[str]] = field(default_factory=dict)

    @property
    def height(self) -> int:
        return HEAD + LINE * len(self.lines) + (FOOT if self.lines else 0)


@dataclass(frozen=True)
class Arrow:
    """The way from a property to a class, as the data of an SVG path."""

    source: str
    property: str
    target: str
    path: str


@dataclass(frozen=True)
class Diagram:
    """Sizes are in the same units as the places of the boxes. common: properties that most classes share, not drawn."""

    width: float
    height: float
    boxes: list[Box]
    arrows: list[Arrow]
    common: list[tuple[str, list[str]]]


def draw(classes: Sequence[str], links: Iterable[Link]) -> Diagram:
    """The drawing of these classes; links to or from others are left out."""
    links = sorted({link for link in links if {link[0], link[2]} <= set(classes)})
    common = _common(classes, links)
    drawn = [link for link in links if link[1] not in dict(common)]
    connected = {class_ for source, _, target in drawn for class_ in (source, target)}
    classes = [class_ for class_ in classes if class_ in connected] or list(classes)
    layer_of = _layers(classes, {(source, target) for source, _, target in drawn if source != target})
    boxes = {class_: Box(class_) for class_ in classes}
    forward = []
    for source, property_, target in drawn:
        line = boxes[source].lines.setdefault(property_, [])
        if layer_of[source] < layer_of[target]:
            forward.append((source, property_, target))
        else:
            line.append(target)
    return _place(boxes, layer_of, forward, common)


def _common(classes: Sequence[str], links: Sequence[Link]) -> list[tuple[str, list[str]]]:
    """Properties that more than half of the classes have, with the classes of their values."""
    sources: dict[str, set[str]] = defaultdict(set)
    targets: dict[str, list[str]] = defaultdict(list)
    for source, property_, target in links:
        sources[property_].add(source)
        if target not in targets[property_]:
            targets[property_].append(target)
    many = max(3, len(classes) // 2)
    return [(property_, targets[property_]) for property_ in sorted(sources) if len(sources[property_]) > many]


def _layers(classes: Sequence[str], edges: set[tuple[str, str]]) -> dict[str, int]:
    """A layer for each class, so that as many edges as may be go to a later one; at most so many layers."""
    place = {class_: number for number, class_ in enumerate(_sequence(classes, edges))}
    forward = {(source, target) for source, target in edges if place[source] < place[target]}
    to_end: dict[str, int] = {}
    for class_ in sorted(classes, key=lambda c: -place[c]):
        to_end[class_] = max((to_end[target] + 1 for source, target in forward if source == class_), default=0)
    deepest = min(max(to_end.values(), default=0), _LAYERS - 1)
    return {class_: max(0, deepest - to_end[class_]) for class_ in classes}


def _sequence(classes: Sequence[str], edges: set[tuple[str, str]]) -> list[str]:
    """An order in which few edges go back."""
    left, start, end = list(classes), list[str](), list[str]()
    while left:
        inside = [(source, target) for source, target in edges if source in left and target in left]
        out, into = ({c: sum(edge[side] == c for edge in inside) for c in left} for side in (0, 1))
        sink = next((c for c in left if not out[c]), None)
        chosen = sink or next((c for c in left if not into[c]), None) or max(left, key=lambda c: out[c] - into[c])
        left.remove(chosen)
        if sink:
            end.insert(0, chosen)
        else:
            start.append(chosen)
    return start + end


@dataclass
class _Lane:
    """The way past a layer of all arrows to one class."""

    target: str
    y: float = 0
    height: int = _LANE


def _place(
    boxes: dict[str, Box], layer_of: Mapping[str, int], links: Sequence[Link], common: list[tuple[str, list[str]]]
) -> Diagram:
    number = max(layer_of.values(), default=0) + 1
    layers: list[list[Box | _Lane]] = [[] for _ in range(number)]
    for class_, box in boxes.items():
        layers[layer_of[class_]].append(box)
    lanes: dict[tuple[int, str], _Lane] = {}
    for source, _, target in links:
        for between in range(layer_of[source] + 1, layer_of[target]):
            if (between, target) not in lanes:
                lanes[between, target] = _Lane(target)
                layers[between].append(lanes[between, target])
    _order(layers, links, boxes)
    height = max(sum(item.height + _DOWN for item in layer) for layer in layers) - _DOWN if boxes else 0
    for column, layer in enumerate(layers):
        y = (height - sum(item.height + _DOWN for item in layer) + _DOWN) / 2
        for item in layer:
            item.y = y
            y += item.height + _DOWN
            if isinstance(item, Box):
                item.x = column * (WIDTH + _ACROSS)
    for box in boxes.values():
        box.lines = dict(sorted(box.lines.items(), key=lambda line: _aim(box, line[0], links, boxes, lanes, layer_of)))
    arrows = [Arrow(*link, _path(link, boxes, lanes, layer_of)) for link in links]
    width = number * (WIDTH + _ACROSS) - _ACROSS
    return Diagram(width, height, list(boxes.values()), arrows, common)


def _order(layers: list[list[Box | _Lane]], links: Sequence[Link], boxes: Mapping[str, Box]) -> None:
    """Sort each layer by where the neighbours of its items are, to and fro, so that few arrows cross."""
    column = {id(item): number for number, layer in enumerate(layers) for item in layer}
    at: dict[tuple[int, str], Box | _Lane] = {}
    for number, layer in enumerate(layers):
        for item in layer:
            at[number, item.class_ if isinstance(item, Box) else item.target] = item
    neighbours: dict[int, list[Box | _Lane]] = defaultdict(list)
    for source, _, target in links:
        first, last = column[id(boxes[source])], column[id(boxes[target])]
        way = [boxes[source], *(at[number, target] for number in range(first + 1, last)), boxes[target]]
        for left, right in pairwise(way):
            neighbours[id(left)].append(right)
            neighbours[id(right)].append(left)
    for sweep in range(_SWEEPS):
        for layer in layers if sweep % 2 else reversed(layers):
            rank = {id(item): place / len(other) for other in layers for place, item in enumerate(other)}

            def centre(item: Box | _Lane, rank: dict[int, float] = rank) -> float:
                near = neighbours[id(item)]
                return sum(rank[id(other)] for other in near) / len(near) if near else rank[id(item)]

            layer.sort(key=centre)


def _aim(
    box: Box,
    property_: str,
    links: Sequence[Link],
    boxes: Mapping[str, Box],
    lanes: Mapping[tuple[int, str], _Lane],
    layer_of: Mapping[str, int],
) -> tuple[float, str]:
    """How far down the arrows of a property go, so that those of one box do not cross; those without come first."""
    beside = layer_of[box.class_] + 1
    targets = [target for source, path, target in links if (source, path) == (box.class_, property_)]
    heights = [lanes[beside, target].y if (beside, target) in lanes else boxes[target].y for target in targets]
    return (sum(heights) / len(heights) if heights else -1.0), property_


def _path(
    link: Link, boxes: Mapping[str, Box], lanes: Mapping[tuple[int, str], _Lane], layer_of: Mapping[str, int]
) -> str:
    """From the line of the property, along the lanes, to the head of the other box."""
    source, property_, target = link
    start, end = boxes[source], boxes[target]
    x, y = start.x + WIDTH, start.y + HEAD + LINE * (list(start.lines).index(property_) + 0.5)
    parts = [f"M{x:g} {y:g}"]
    for layer in range(layer_of[source] + 1, layer_of[target]):
        lane_y, left = lanes[layer, target].y + _LANE / 2, layer * (WIDTH + _ACROSS)
        parts += [_curve(x, y, left, lane_y), f"H{left + WIDTH:g}"]
        x, y = left + WIDTH, lane_y
    parts.append(_curve(x, y, end.x, end.y + HEAD / 2))
    return "".join(parts)


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    middle = (x + to_x) / 2
    return f"C{middle:g} {y:g} {middle:g} {to_y:g} {to_x:g} {to_y:g}"
