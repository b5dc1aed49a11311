"""Saved queries as addresses: `/query/<name>?parameter=value`, in every format their answers come in."""

from __future__ import annotations

import difflib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from core.formats import CITATIONS, HTML, JSON
from core.saved_queries import ParameterError, Type, bind
from server.http.context import current_release
from server.http.languages import chosen_language, gettext
from server.http.queries import ask, complete
from server.http.responses import add_link, answer, chosen, chosen_or_named, describe_service, to_json
from server.model.urls import LANGUAGE
from server.pages.citations import citation_answer, cite, forms
from server.pages.graphs import certain
from server.pages.page import page, text_of
from server.pages.saved_queries import for_reader, saved_page, sentence, terms
from server.query.requests import Request
from server.query.responder import GRAPHS, RESULTS
from server.routes.openapi import openapi
from server.semantics import sparql_protocol
from server.semantics.negotiation import NegotiatedFormat, by_name
from server.semantics.problem import HTTPProblem
from server.semantics.sparql_protocol import NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.datastructures import MultiDict

    from core.formats import Format
    from core.saved_queries import SavedQuery
    from server.model.urls import Urls
    from server.query.answers import QueryResponse
    from server.semantics.citation import Citation

_LONGEST = 100  # characters of an unknown name that are compared with the known ones
FORMAT, TIMEOUT = "format", "timeout"
_OFFERS = {"results": RESULTS, "boolean": RESULTS, "graph": GRAPHS}

blueprint = Blueprint("saved_queries", __name__)


@blueprint.get("/queries")
def index() -> Response:
    """The saved queries of the release."""
    choice = chosen((JSON, HTML))
    release, found = current_release(), current_release().queries.values()
    if choice.format is HTML:
        response = answer(choice, lambda: page("queries.html", title=gettext("Saved queries"), queries=found))
    else:
        response = answer(choice, lambda: to_json([_to_json(query, release.urls) for query in found]))
    response.vary.add("Accept")
    return describe_service(response)


@blueprint.get("/openapi.json")
def description() -> Response:
    """The OpenAPI description, for programs that write clients (https://spec.openapis.org/oas/v3.1.0)."""
    release = current_release()
    return answer(NegotiatedFormat.of(JSON), lambda: to_json(openapi(release.manifest, release.urls, release.queries)))


@blueprint.get("/query/<name>")
def run(name: str) -> Response:
    """The answer to a saved query; a format at the end of the name, as `.csv`, is that of a fixed address."""
    query, extension = _find(name)
    arguments = sparql_protocol.from_address(request.environ)
    given = _given(query, arguments, {LANGUAGE, TIMEOUT, NAMES} | (set() if extension else {FORMAT}))
    offers = _OFFERS[query.form]
    choice = chosen_or_named((*offers, *CITATIONS), extension or sparql_protocol.formats(arguments))
    seconds, names = sparql_protocol.seconds(arguments), sparql_protocol.asks_for_names(arguments)
    if choice.format in CITATIONS:
        response = _cited(query, given, choice)
    elif choice.format is HTML:
        response = _page(query, given, choice, seconds, names=names)
    else:
        try:
            text = bind(query.text, terms(query, given))
        except ParameterError as error:
            raise _problem(error) from error
        response = complete(_ask(query, text, choice, seconds), str)
    if not extension:
        response.vary.add("Accept")
    for offer in certain(offers):
        add_link(response, _address(query, given, offer), "alternate", type=offer.media_type)
    return describe_service(response)


def _to_json(query: SavedQuery, urls: Urls) -> dict[str, Any]:
    """A saved query for programs: all that its file says of it, and its address."""
    names = ",".join(parameter.name for parameter in query.parameters)
    address = urls.file(f"query/{query.name}")
    return {
        "name": query.name,
        "title": query.titles,
        "description": query.descriptions,
        "address": address,
        "template": f"{address}{{?{names}}}" if names else address,
        "form": query.form,
        "columns": query.columns,
        "columnTitles": query.column_titles,
        "parameters": [
            {
                "name": parameter.name,
                "type": parameter.type,
                "required": parameter.required,
                "default": parameter.default,
                "example": parameter.example,
                "description": parameter.descriptions,
            }
            for parameter in query.parameters
        ],
        "view": query.view,
        "place": query.place,
        "query": query.text,
    }


def _find(name: str) -> tuple[SavedQuery, str | None]:
    """The query, and the name of the format at the end of the address; a 404 problem if there is no such query."""
    known = current_release().queries
    stem, _, extension = name.partition(".")
    query = known.get(stem)
    if query is None:
        suggestions = difflib.get_close_matches(stem[:_LONGEST], known)
        if suggestions:
            detail = gettext(
                "There is no saved query '%(name)s'; near to it: %(near)s.", name=stem, near=", ".join(suggestions)
            )
        else:
            detail = gettext("There is no saved query '%(name)s'; /queries lists them.", name=stem)
        raise HTTPProblem(HTTPStatus.NOT_FOUND, detail, suggestions=suggestions)
    if extension and by_name(extension, (*_OFFERS[query.form], *CITATIONS)) is None:
        offered = ", ".join(offer.extension for offer in (*_OFFERS[query.form], *CITATIONS))
        detail = gettext(
            "'%(name)s' comes as %(offered)s, not as %(asked)s.", name=stem, offered=offered, asked=extension
        )
        raise HTTPProblem(HTTPStatus.NOT_FOUND, detail)
    return query, extension or None


def _given(query: SavedQuery, arguments: MultiDict[str, str], others: set[str]) -> dict[str, str]:
    """The values of the query's parameters; a 400 problem where one is unknown or repeated.

    A form sends what was left empty too: that is no value, except for a text.
    """
    types = {parameter.name: parameter for parameter in query.parameters}
    given = {}
    for name in arguments:
        if name not in types and name not in others:
            suggestions = difflib.get_close_matches(name[:_LONGEST], types)
            known = f"use one of {', '.join(types)}" if types else "leave it away"
            fix = f"did you mean '{suggestions[0]}'?" if suggestions else known
            raise _problem(ParameterError(name, f"'{query.name}' has no parameter '{name}'", fix))
        value = sparql_protocol.one(arguments, name) if name != FORMAT else None
        if name in types and value is not None:
            text = types[name].type is Type.STRING and not types[name].optional
            if value or text:
                given[name] = value
    return given


def _problem(error: ParameterError) -> HTTPProblem:
    return HTTPProblem(HTTPStatus.BAD_REQUEST, sentence(error), parameter=error.parameter, fix=error.fix)


def _ask(query: SavedQuery, text: str, choice: NegotiatedFormat, seconds: float | None) -> QueryResponse:
    results, graph = (None, choice) if query.form == "graph" else (choice, None)
    return ask(Request(text, current_release().manifest.base, results, graph), request.environ, seconds)


def _page(
    query: SavedQuery, given: Mapping[str, str], choice: NegotiatedFormat, seconds: float | None, *, names: bool
) -> Response:
    """The form and the result; the form alone, where a value has to be given and none is."""
    missing = not given and any(parameter.required for parameter in query.parameters)
    given = for_reader(query, given)
    offers = [offer for offer in _OFFERS[query.form] if offer is not HTML]
    addresses = {offer: _address(query, given, offer) for offer in offers}
    if missing:
        return answer(choice, lambda: saved_page(query, given, addresses))
    try:
        text = bind(query.text, terms(query, given))
    except ParameterError as error:
        response = Response(saved_page(query, given, addresses, fault=error), HTTPStatus.BAD_REQUEST)
        response.content_type = choice.content_type
        response.cache_control.no_store = True
        return response

    def make(answered: QueryResponse) -> str:
        asked = {LANGUAGE: tag} if (tag := chosen_language()) else {}
        citation = forms(_citation(query, given), lambda form: _address(query, {**given, **asked}, form))
        return saved_page(query, given, addresses, text, answered, citation=citation, names=names)

    return complete(_ask(query, text, choice, seconds), make)


def _cited(query: SavedQuery, given: Mapping[str, str], choice: NegotiatedFormat) -> Response:
    """How the answer to these values is cited; a 400 problem where one is missing or wrong."""
    try:
        terms(query, given)
    except ParameterError as error:
        raise _problem(error) from error
    return citation_answer(choice, lambda: _citation(query, for_reader(query, given)))


def _citation(query: SavedQuery, given: Mapping[str, str]) -> Citation:
    title = text_of(query.titles)
    return cite(_address(query, given), title.text if title else query.name)


def _address(query: SavedQuery, given: Mapping[str, str], offer: Format | None = None) -> str:
    """The URL of the answer, negotiated or in one format."""
    extension = f".{offer.extension}" if offer else ""
    parameters = f"?{urlencode(given)}" if given else ""
    return current_release().urls.file(f"query/{query.name}{extension}{parameters}")
