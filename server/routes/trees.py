"""Hierarchies as trees: `/tree?of=<IRI>` of what is below a resource, `/tree?class=<IRI>` of the members of a class."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, request

from core.formats import HTML
from server.http.context import current_release, links
from server.http.languages import gettext
from server.http.responses import answer, chosen
from server.model.lists import CLASS
from server.pages.list_views import tree_views
from server.pages.page import page, shown
from server.pages.trees import below, list_beside, part, trail, tree
from server.semantics.problem import HTTPProblem

if TYPE_CHECKING:
    from flask import Response
    from pyroaring import BitMap

blueprint = Blueprint("trees", __name__)

_OF = "of"


@blueprint.get("/tree")
def hierarchy() -> Response:
    """The page of a tree, a part of its top at a time."""
    choice = chosen((HTML,))
    given = [(name, iri) for name in (_OF, CLASS) if (iri := request.args.get(name))]
    if len(given) != 1:
        detail = gettext("Say what the tree is of: /tree?of=<IRI> or /tree?class=<IRI>.")
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, detail)
    ((name, iri),) = given
    top = below(iri) if name == _OF else current_release().hierarchies.roots(iri)
    if not top:
        detail = gettext("The data of this release have no hierarchy of <%(iri)s>.", iri=iri)
        raise HTTPProblem(HTTPStatus.NOT_FOUND, detail)
    after = _after(request.args.get("after"))
    response = answer(choice, lambda: _html(name, iri, top, after))
    response.vary.add("Accept")
    return response


def _after(iri: str | None) -> int | None:
    number = current_release().index.number(iri) if iri else None
    if iri and number is None:
        detail = gettext("This release has no <%(iri)s> to go on after.", iri=iri)
        raise HTTPProblem(HTTPStatus.NOT_FOUND, detail)
    return number


def _html(name: str, iri: str, top: BitMap, after: int | None) -> str:
    numbers, last = part(top, after)
    branches, urls = tree(numbers), links()
    following = last and next(one.iri for one in current_release().index.resources([last]))
    value = shown(iri)
    return page(
        "tree.html",
        title=value.name,
        of=value,
        trail=trail(iri) if name == _OF else None,
        branches=branches,
        total=len(top),
        start=top.rank(after) if after is not None else 0,
        first=urls.tree((name, iri)) if after is not None else None,
        following=urls.tree((name, iri), ("after", following)) if following else None,
        views=tree_views(urls.listing((CLASS, iri)) if name == CLASS else list_beside(iri)),
    )
