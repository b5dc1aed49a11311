"""The drawing of classes as pages show it: named in the reader's language, each text as long as there is room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from server.pages.class_diagram import WIDTH, Box, Diagram, draw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from server.model.labels import Name
    from server.model.vocabulary import Vocabulary
    from server.pages.class_diagram import Link

_MARGIN = 10  # between the edge of a box and its texts, in units of the drawing
_LETTER = 6.4  # width of a Latin letter


@dataclass(frozen=True)
class Reference:
    """A term as a link: to its page, or to where it is defined if that is elsewhere."""

    name: Name
    short: str
    href: str | None


@dataclass(frozen=True)
class Mark:
    """A text in the drawing: as much of it as fits, the whole, and where it leads."""

    text: str
    whole: str
    href: str | None


@dataclass(frozen=True)
class NamedBox:
    """A box with its texts: each property, and the class that its line names where no arrow can lead to it."""

    box: Box
    head: Mark
    lines: list[tuple[Mark, Mark | None]]


@dataclass(frozen=True)
class Drawing:
    """A diagram with its texts; common: properties that most classes share, with the classes of their values."""

    diagram: Diagram
    boxes: list[NamedBox]
    common: list[tuple[Reference, list[Reference]]]
    width: int = WIDTH
    margin: int = _MARGIN


def of_all(vocabulary: Vocabulary, refer: Callable[[str], Reference]) -> Drawing | None:
    """All main classes; None where no property leads from one to another. refer: how an IRI is shown."""
    main = vocabulary.main_classes()
    return _drawing(main, [link for class_ in main for link in _links_from(class_, vocabulary)], refer)


def around(class_: str, vocabulary: Vocabulary, refer: Callable[[str], Reference]) -> Drawing | None:
    """The class, those that its properties lead to, and those whose properties lead to it."""
    own = _links_from(class_, vocabulary)
    pointing = [(other, path, class_) for other, path in vocabulary.pointing(class_)]
    near = {class_, *(link[2] for link in own), *(link[0] for link in pointing)}
    return _drawing([other for other in vocabulary.main_classes() if other in near], [*own, *pointing], refer)


def _links_from(class_: str, vocabulary: Vocabulary) -> list[Link]:
    rules = vocabulary.rules(class_)
    return [(class_, rule.path, kind) for rule in rules for kind in rule.kinds or vocabulary.values(rule.path)]


def _drawing(classes: Sequence[str], links: Iterable[Link], refer: Callable[[str], Reference]) -> Drawing | None:
    diagram = draw(classes, links)
    if not diagram.arrows:
        return None
    boxes = [
        NamedBox(
            box,
            _mark(refer(box.class_), WIDTH - 2 * _MARGIN),
            [_line(path, targets, refer) for path, targets in box.lines.items()],
        )
        for box in diagram.boxes
    ]
    common = [(refer(property_), [refer(class_) for class_ in targets]) for property_, targets in diagram.common]
    return Drawing(diagram, boxes, common)


def _line(path: str, targets: Sequence[str], refer: Callable[[str], Reference]) -> tuple[Mark, Mark | None]:
    room = WIDTH - 2 * _MARGIN
    if not targets:
        return _mark(refer(path), room), None
    return _mark(refer(path), room * 0.5), _mark(refer(targets[0]), room * 0.4)


def _mark(of: Reference, width: float) -> Mark:
    return Mark(_fit(of.name.text, width), of.name.text, of.href)


def _fit(text: str, width: float) -> str:
    """As much of a text as there is room for."""
    used, fitting = 0.0, ""
    for sign in text:
        used += _LETTER * (2 if east_asian_width(sign) in "WF" else 1)
        if used > width:
            return fitting[:-1] + "…"
        fitting += sign
    return fitting
