"""Values as templates show them: values with their names and addresses, facts, and what backs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.labels import Name
    from core.rdf import Subject

LONG_NAME = 300  # characters; of a longer name the beginning is shown, but for the one that heads a page


class ShownValue(NamedTuple):
    """One value: its text, where it leads, what is said of it in place, and what backs it.

    href: a page here, or a place on this one. link: an address elsewhere. datatype: IRI, None for plain text. element:
    of HTML that holds the value for machines, `time` or `data`, where `name` says `raw` in words. tooltip: the IRI of
    what `name` names. anchor: by which other places of the page lead to it. items: the members of the list that it is.
    summary: what its class has told beside its name, in pieces. marks: the numbers of the footnotes of the page that
    back it. correction: where to report that it is wrong. node: the resource, of one that points to another. is_open:
    what is said of it stands there at once.
    """

    name: Name
    href: str | None = None
    link: str | None = None
    datatype: str | None = None
    element: str = ""
    raw: str = ""
    tooltip: str = ""
    anchor: str = ""
    items: Sequence[ShownValue] = ()
    nested: Sequence[PropertyValues] = ()
    notes: Sequence[PropertyValues] = ()
    summary: Sequence[ShownValue] = ()
    marks: Sequence[int] = ()
    correction: str = ""
    node: Subject | None = None
    is_open: bool = False


class PropertyValues(NamedTuple):
    """One property and its values; total: how many there are in all, where these are a part; more: their own page.

    is_incoming: it leads from the values to the resource. class_: of which all values are, where those of others are
    told apart.
    """

    name: Name
    href: str
    values: list[ShownValue]
    total: int = 0
    more: str | None = None
    is_incoming: bool = False
    class_: Name | None = None


class StatedFact(NamedTuple):
    """A fact outside of the page of its subject; href: the page of what states it."""

    subject: ShownValue
    property: ShownValue
    value: ShownValue
    href: str | None


class Resting(NamedTuple):
    """What rests on a segment: resources as a whole, single facts, and names, which lead to what bears them.

    is_part: whether there is more.
    """

    resources: list[ShownValue]
    facts: list[StatedFact]
    names: list[ShownValue]
    is_part: bool


class Segment(NamedTuple):
    """A part of a text that says something: its words, where they are at hand, and where it stands.

    name: what it goes by without a kind, or without both words and position. href: its own page. kind: the name of its
    class. position: where in its text it stands, if its words are not at hand. texts: what it is a part of. details:
    all else of it. correction: where to report that something about it is wrong.
    """

    name: Name | None
    href: str | None
    kind: Name | None
    position: str
    quotations: list[Name]
    texts: list[ShownValue]
    details: Sequence[PropertyValues] = ()
    correction: str = ""


class Footnote(NamedTuple):
    """What backs values and is shown once: a segment or, where that is None, a decision by what is said of it.

    authors: who says what rests on the segment and the page tells of. restatements: what says in other words what the
    segment does, where its own are not at hand.
    """

    segment: Segment | None
    authors: Sequence[ShownValue] = ()
    restatements: Sequence[ShownValue] = ()
    facts: Sequence[PropertyValues] = ()


class SegmentList(NamedTuple):
    """A page of the segments of a text; total: of the whole text. start: the number of the first one here, from 0.

    previous, next: the addresses of the pages beside this one.
    """

    name: Name
    href: str
    segments: list[tuple[Segment, Resting]]
    total: int
    start: int
    previous: str | None
    next: str | None
