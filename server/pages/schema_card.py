"""The schema card as a page: the properties of the members of each class, and what values they have."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from core.formats import HTML
from server.http.context import current_release, links
from server.http.languages import gettext
from server.pages.page import names_apart, page, shown
from server.semantics.problem import HTTPProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.formats import Format
    from release.search_index import SearchIndex
    from server.pages.values import ShownValue

_ROWS = 300  # properties of a page, which has whole classes


class _Use(NamedTuple):
    """A class or datatype of values, and how many there are."""

    iri: str
    term: ShownValue
    uses: int


class _Property(NamedTuple):
    """A property of the members of a class; uses: its triples."""

    iri: str
    term: ShownValue
    uses: int
    values: list[_Use]


class _Class(NamedTuple):
    """A class; href: the list of its members, if there is one."""

    iri: str
    term: ShownValue
    members: int
    href: str | None
    properties: list[_Property]


def schema_card_page(after: str | None, offers: Sequence[Format]) -> str:
    """A page of the classes, those first that the shapes are for; after: the last class of the page before."""
    classes = _classes()
    if after and after not in classes:
        detail = gettext("This release has no <%(iri)s> to go on after.", iri=after)
        raise HTTPProblem(HTTPStatus.NOT_FOUND, detail)
    start = classes.index(after) + 1 if after else 0
    found: list[_Class] = []
    rows = 0
    for iri in classes[start:]:
        number = current_release().index.class_number(iri)
        used = current_release().index.properties_of(number) if number is not None else []
        rows += len(used)
        if found and rows > _ROWS:
            break
        found.append(_class(iri, number or 0, used))
    end, urls = start + len(found), links()
    properties = [property_ for one in found for property_ in one.properties]
    return page(
        "schema_card.html",
        title=gettext("Schema card"),
        classes=found,
        class_names=names_apart(
            [*(one.iri for one in found), *(value.iri for one in properties for value in one.values)]
        ),
        property_names=names_apart(one.iri for one in properties),
        total=len(classes),
        start=start,
        first=urls.path("schema-card") if start else None,
        following=urls.path("schema-card", after=classes[end - 1]) if end < len(classes) else None,
        offers=[offer for offer in offers if offer is not HTML],
    )


def _classes() -> list[str]:
    release = current_release()
    return [*dict.fromkeys([*(term.iri for term in release.index.main_classes), *release.manifest.counts.classes])]


def _class(iri: str, number: int, used: Sequence[tuple[str, int]]) -> _Class:
    index, members = current_release().index, current_release().manifest.counts.classes.get(iri, 0)
    href = links().listing(("class", iri)) if index.uses("class", iri) else None
    properties = [
        _Property(property_, shown(property_), uses, _values(index, number, property_)) for property_, uses in used
    ]
    return _Class(iri, shown(iri), members, href, properties)


def _values(index: SearchIndex, class_: int, property_: str) -> list[_Use]:
    """The classes and the datatypes of the values that members of a class have of a property."""
    number = index.term("property", property_)
    if number is None:
        return []
    found = [*index.classes_of_values(class_, number), *index.datatypes_of_values(class_, number)]
    return [_Use(iri, shown(iri), uses) for iri, uses in found]
