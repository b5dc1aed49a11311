"""The vocabulary of the release: whole at `/ontology`, and each of its terms below that address."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import pyoxigraph as ox
from flask import Blueprint, Response

from core.formats import HTML
from core.namespaces import RDFS
from core.wording import gettext_noop
from server.http.context import current_release
from server.http.languages import gettext
from server.http.responses import answer, chosen, see_other
from server.model.vocabulary_versions import names_in, newest
from server.pages.graphs import OFFERS, graph_answer
from server.pages.page import page
from server.pages.vocabulary import VocabularyPages
from server.routes.releases import current, versions
from server.semantics.problem import HTTPProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_DEFINED_BY = ox.NamedNode(RDFS + "isDefinedBy")

blueprint = Blueprint("vocabulary", __name__)


@blueprint.get("/ontology")
def ontology() -> Response:
    """The vocabulary: in RDF what its graph says of its own terms, or a page of all of them."""
    graph, missing = current_release().manifest.ontology, gettext_noop("This release has no vocabulary of its own.")
    return _answer(graph, "ontology", missing, lambda: page("ontology.html", **VocabularyPages().overview()), _own)


@blueprint.get("/ontology/shapes")
def shapes() -> Response:
    """The shapes: every triple of their graph in RDF, or a page of their constraints class by class."""
    graph, missing = current_release().manifest.shapes, gettext_noop("This release has no shapes.")
    return _answer(graph, "ontology/shapes", missing, lambda: page("shapes.html", **VocabularyPages().shapes()))


@blueprint.get("/ontology/<path:name>")
def term(name: str) -> Response:
    """The page about one term, for machines 303 to the document about it; or 303 to the vocabulary of a version."""
    release = current_release()
    found = release.vocabulary.by_anchor.get(name)
    if found is None:
        return _version(name)
    choice = chosen(OFFERS)
    if choice.format is HTML:
        response = answer(choice, lambda: page("term.html", **VocabularyPages().term(found)))
    else:
        response = see_other(release.urls.document(found.iri))
    response.vary.add("Accept")
    return response


def _version(name: str) -> Response:
    """303 to the vocabulary of that version, at the address of a release, where it never changes."""
    release = current_release()
    if name in names_in(release.store, release.manifest):
        return see_other(release.urls.of_release(release.manifest.id, "ontology"))
    known = newest(current().history.folder, versions()) if release.manifest.ontology else {}
    if name not in known:
        detail = gettext("The vocabulary has no term '%(term)s'.", term=name)
        raise HTTPProblem(HTTPStatus.NOT_FOUND, detail, versions=sorted(known))
    return see_other(release.urls.of_release(known[name], "ontology"))


def _own(triples: Sequence[ox.Triple]) -> Sequence[ox.Triple]:
    """Those about terms of the vocabulary itself: not of others, by their rdfs:isDefinedBy, which it only names."""
    release = current_release()
    about = release.vocabulary.about
    own = {iri.rstrip("#/") for iri in (release.manifest.ontology, about.iri if about else None) if iri}
    by = [
        (t.subject, t.object.value)
        for t in triples
        if t.predicate == _DEFINED_BY and isinstance(t.object, ox.NamedNode)
    ]
    others = {subject for subject, _ in by} - {subject for subject, iri in by if iri.rstrip("#/") in own}
    return [triple for triple in triples if triple.subject not in others]


def _answer(
    graph: str | None,
    path: str,
    missing: str,
    html: Callable[[], str],
    choose: Callable[[Sequence[ox.Triple]], Sequence[ox.Triple]] = list,
) -> Response:
    """choose: those of the graph's triples that are told in RDF."""
    if graph is None:
        raise HTTPProblem(HTTPStatus.NOT_FOUND, missing)
    find, name = current_release().store.quads_for_pattern, ox.NamedNode(graph)
    return graph_answer(lambda: choose([quad.triple for quad in find(None, None, None, name)]), html, path)
