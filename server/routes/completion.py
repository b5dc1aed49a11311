"""What may follow in a query: `/completion`, by counts that the build made (release/property_uses.py)."""

from __future__ import annotations

from collections import Counter
from http import HTTPStatus
from typing import TYPE_CHECKING

import pyoxigraph as ox
from flask import Blueprint, Response, request

from core.formats import JSON
from release.property_uses import ANY
from server.http.context import current_release
from server.http.languages import chosen_language, gettext, languages
from server.http.responses import answer, to_json
from server.pages.page import presenter
from server.semantics.negotiation import NegotiatedFormat
from server.semantics.problem import HTTPProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from release.search_index import SearchIndex

    # IRIs and how often they are used
    Uses = list[tuple[str, int]]

_CLASSES = 20  # that one request may name
_MOST = 100  # of each kind in an answer

blueprint = Blueprint("completion", __name__)


@blueprint.get("/completion")
def completion() -> Response:
    """The properties of members of classes; with a property its values, their classes, and the classes that have it."""
    named = request.args.getlist("class")
    if len(named) > _CLASSES:
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, gettext("Give 'class' at most %(most)s times.", most=_CLASSES))
    for name in ("class", "property", "resource"):
        _check(name)
    response = answer(NegotiatedFormat.of(JSON), lambda: to_json(_completion(named)), *languages())
    if not chosen_language():
        response.vary.add("Accept-Language")
    return response


def _check(name: str) -> None:
    for iri in request.args.getlist(name):
        try:
            ox.NamedNode(iri)
        except ValueError as error:
            detail = gettext("'%(name)s' has to be an absolute IRI.", name=name)
            raise HTTPProblem(HTTPStatus.BAD_REQUEST, detail) from error


def _completion(named: list[str]) -> dict[str, object]:
    index = current_release().index
    property_, resource = request.args.get("property"), request.args.get("resource")
    known = [number for iri in named if (number := index.class_number(iri)) is not None]
    if resource:
        known += _classes_of(index, resource)
    found: dict[str, Uses]
    if property_ is None:
        found = {
            "properties": _any(index.properties_of, known),
            "incoming": _any(index.properties_to, known),
        }
    else:
        number = index.term("property", property_)
        found = {"values": [], "classes": [], "subjects": []}
        if number is not None:
            of = known if named or resource else [ANY]
            found = {
                "values": _any(lambda class_: index.values_of(class_, number), of),
                "classes": _any(lambda class_: index.classes_of_values(class_, number), of),
                "subjects": index.classes_with(number),
            }
    return {name: _shown(uses) for name, uses in found.items()}


def _classes_of(index: SearchIndex, iri: str) -> list[int]:
    """The class that says best what a resource is, if it has one."""
    number = index.number(iri)
    found = [] if number is None else index.resources([number])
    return [resource.class_ for resource in found if resource.class_ is not None]


def _any(uses_of: Callable[[int], Uses], classes: Iterable[int]) -> Uses:
    """What any of the classes has, the most used first; members of several classes are not counted twice."""
    most: Counter[str] = Counter()
    for class_ in dict.fromkeys(classes):
        for iri, uses in uses_of(class_):
            most[iri] = max(most[iri], uses)
    return sorted(most.items(), key=lambda row: (-row[1], row[0]))


def _shown(uses: Uses) -> list[dict[str, object]]:
    show = presenter()
    shown = [(iri, show.name(ox.NamedNode(iri)), count) for iri, count in uses[:_MOST]]
    return [{"iri": iri, "name": name.text, "language": name.language, "uses": count} for iri, name, count in shown]
