"""The page of the query editor: a plain form, which a script turns into an editor."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import pyoxigraph as ox
from flask import Blueprint, Response, request

from core.formats import HTML, JSON
from core.namespaces import TEXT_QUERY
from core.saved_queries import bind, term
from core.wording import date_words
from server.http.context import current_release, links
from server.http.languages import chosen_language, gettext, language, languages
from server.http.responses import answer, chosen, to_json
from server.pages.charts import class_of, source
from server.pages.page import page, presenter, text_of
from server.pages.saved_queries import grouped
from server.query.responder import GRAPHS, RESULTS
from server.semantics.negotiation import NegotiatedFormat
from server.semantics.problem import HTTPProblem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.saved_queries import Parameter, SavedQuery
    from server.pages.presentation import Presenter

_NAMED = 100  # resources whose names one request may ask for
_TERMS = 1500  # classes, and as many properties, that a reader may complete without asking the server

_FIRST = """
SELECT ?class (COUNT(?thing) AS ?things)
WHERE { ?thing a ?class }
GROUP BY ?class
ORDER BY DESC(?things)
"""

blueprint = Blueprint("editor", __name__)


@blueprint.get("/query")
def editor() -> Response:
    """The editor, with the query of the address in it if there is one."""
    given = request.args.get("query", "")
    response = answer(chosen((HTML,)), lambda: _page(given))
    response.vary.add("Accept")
    return response


@blueprint.get("/names")
def names() -> Response:
    """What resources are called in the reader's language, and what they are, by their IRIs: `iri=`, repeated."""
    asked = request.args.getlist("iri")
    if not 0 < len(asked) <= _NAMED:
        detail = gettext("Give 'iri' once for each resource, at most %(most)s times.", most=_NAMED)
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, detail)
    try:
        nodes = [ox.NamedNode(iri) for iri in asked]
    except ValueError as error:
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, gettext("Every 'iri' has to be an absolute IRI.")) from error
    response = answer(NegotiatedFormat.of(JSON), lambda: to_json(_names(nodes)), *languages())
    if not chosen_language():
        response.vary.add("Accept-Language")
    return response


def _names(nodes: Iterable[ox.NamedNode]) -> dict[str, dict[str, str]]:
    """IRI → its name with the language, and the IRI and the name of its class, empty where it has none."""
    show, found = presenter(), {}
    for node in nodes:
        name, class_ = show.name(node), class_of(node)
        class_name = show.name(ox.NamedNode(class_)).text if class_ else ""
        found[node.value] = {"name": name.text, "language": name.language, "class": class_, "classLabel": class_name}
    return found


def _page(given: str) -> str:
    return page(
        "editor.html",
        title=gettext("Query"),
        query=given or _first(),
        groups=grouped(current_release().queries.values()),
        results=RESULTS,
        graphs=GRAPHS,
        data=_data(),
    )


def _first() -> str:
    """The query in the editor when the address has none: a saved one of the home page, else one about classes."""
    shown = next((query for query in current_release().queries.values() if query.place == "home"), None)
    if shown is not None:
        return _text(shown)
    prefixes = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in current_release().manifest.prefixes.items())
    return prefixes + _FIRST


def _data() -> dict[str, object]:
    """The data of the script: addresses, prefixes, and the terms that it completes."""
    release, show = current_release(), presenter()
    counts = release.manifest.counts
    return {
        "endpoint": release.urls.file("sparql"),
        "search": release.urls.file("search"),
        "names": links().path("names"),
        "completion": links().path("completion"),
        "documents": links().path("doc"),
        "source": source("sparql"),
        "base": release.manifest.base,
        "prefixes": {"text": TEXT_QUERY.removesuffix("query"), **release.manifest.prefixes},
        "classes": _terms(counts.classes, show),
        "properties": _terms(counts.properties, show),
        "hasAllTerms": max(len(counts.classes), len(counts.properties)) <= _TERMS,
        "results": [[f.extension, f.label, f.media_type] for f in RESULTS if f is not HTML],
        "graphs": [[f.extension, f.label, f.media_type] for f in GRAPHS if f is not HTML],
        "dateWords": date_words(language()),
        "saved": {name: _text(query) for name, query in release.queries.items()},
        "views": {name: query.view for name, query in release.queries.items()},
    }


def _terms(counts: Mapping[str, int], show: Presenter) -> list[tuple[str, str, int]]:
    """IRI, name for the reader and number of uses, the most used first."""
    most = sorted(counts, key=lambda iri: (-counts[iri], iri))[:_TERMS]
    return [(iri, show.name(ox.NamedNode(iri)).text, counts[iri]) for iri in most]


def _value(parameter: Parameter) -> str | None:
    return parameter.default or (parameter.example if parameter.required else None)


def _text(query: SavedQuery) -> str:
    """The text of a saved query with its title, and with the default or example of each parameter that has one."""
    manifest = current_release().manifest
    values: dict[str, ox.NamedNode | ox.Literal] = {}
    for parameter in query.parameters:
        value = _value(parameter)
        if value is not None:
            values[parameter.name] = term(parameter, value, manifest.base, manifest.prefixes)
    title = text_of(query.titles)
    return f"# {title.text if title else query.name}\n{bind(query.text, values).strip()}\n"
