"""Saved queries as addresses: `/query/<name>?parameter=value`, in every format their answers come in."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from core.formats import CITATIONS, CSVW, GEOJSON, HTML, JSON, RESULTS_CSV, XLSX
from core.labels import Name
from core.saved_queries import ParameterError, Type, bind
from core.wording import gettext_noop
from server.http.context import current_release, links
from server.http.languages import chosen_language, gettext
from server.http.queries import ask, complete
from server.http.responses import add_link, answer, chosen, chosen_or_named, describe_service, see_other, to_json
from server.model.urls import LANGUAGE
from server.pages.citations import citation_answer, cite, forms
from server.pages.csv_metadata import csv_metadata
from server.pages.graphs import certain
from server.pages.page import page, text_of
from server.pages.parameters import UnclearNameError, names_of, resolve_names, to_value
from server.pages.presentations import presentation
from server.pages.results import read
from server.pages.saved_queries import for_reader, grouped, page_address, remedy, saved_page, sentence, terms
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
    from server.query.requests import Presentation
    from server.semantics.citation import Citation

_LONGEST = 100  # characters of an unknown name that are compared with the known ones
FORMAT, TIMEOUT = "format", "timeout"
_DESCRIBED = (XLSX, GEOJSON)  # formats that say what they are, in the reader's language
_OFFERS = {"results": RESULTS, "boolean": RESULTS, "graph": GRAPHS}

blueprint = Blueprint("saved_queries", __name__)


@blueprint.get("/queries")
def index() -> Response:
    """The saved queries of the release."""
    choice = chosen((JSON, HTML))
    release, found = current_release(), current_release().queries.values()
    if choice.format is HTML:
        response = answer(choice, lambda: page("queries.html", title=gettext("Saved queries"), groups=grouped(found)))
    else:
        response = answer(choice, lambda: to_json([_to_json(query, release.urls) for query in found]))
    response.vary.add("Accept")
    return describe_service(response)


@blueprint.get("/openapi.json")
def description() -> Response:
    """The OpenAPI description, for programs that write clients (https://spec.openapis.org/oas/v3.1.0)."""
    release = current_release()
    return answer(NegotiatedFormat.of(JSON), lambda: to_json(openapi(release.manifest, release.urls, release.queries)))


@dataclass(frozen=True)
class Asked:
    """What a request asks of a saved query.

    given: values of its parameters, as they came. names: whether resources have names. unclear: a name in place of an
    IRI that is not enough.
    """

    query: SavedQuery
    given: Mapping[str, str]
    choice: NegotiatedFormat
    seconds: float | None
    names: bool
    unclear: UnclearNameError | None


@blueprint.get("/query/<name>")
def run(name: str) -> Response:
    """The answer to a saved query; a format at the end of the name, as `.csv`, is that of a fixed address."""
    query, extension = _find(name)
    arguments = sparql_protocol.from_address(request.environ)
    given = _given(query, arguments, {LANGUAGE, TIMEOUT, NAMES} | (set() if extension else {FORMAT}))
    offers = _OFFERS[query.form]
    choice = chosen_or_named(_formats(query), extension or sparql_protocol.formats(arguments))
    names = sparql_protocol.asks_for_names(arguments, default=choice.format in {HTML, *_DESCRIBED})
    meant, unclear = _meant(query, given)
    if meant != given:
        return _moved(name, arguments, meant)
    asked = Asked(query, given, choice, sparql_protocol.seconds(arguments), names, unclear)
    response = _RESPONSES.get(choice.format, _data)(asked)
    if not extension:
        response.vary.add("Accept")
    if choice.format is RESULTS_CSV and not names:
        add_link(response, _address(query, given, CSVW), "describedby", type=CSVW.media_type)
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
                "membersOf": parameter.members_of,
                "required": parameter.required,
                "default": parameter.default,
                "example": parameter.example,
                "description": parameter.descriptions,
            }
            for parameter in query.parameters
        ],
        "view": query.view,
        "place": query.place,
        "group": query.group,
        "query": query.text,
    }


def _find(name: str) -> tuple[SavedQuery, str | None]:
    """The query, and the name of the format at the end of the address; a 404 problem if there is no such query."""
    known = current_release().queries
    stem, _, extension = name.partition(".")
    query = known.get(stem)
    if query is None:
        near = difflib.get_close_matches(stem[:_LONGEST], known)
        if near:
            detail = gettext(
                "There is no saved query '%(name)s'; near to it: %(near)s.", name=stem, near=", ".join(near)
            )
        else:
            detail = gettext("There is no saved query '%(name)s'; /queries lists them.", name=stem)
        raise HTTPProblem(HTTPStatus.NOT_FOUND, detail, suggestions=[_suggestion(known[name]) for name in near])
    if extension and by_name(extension, _formats(query)) is None:
        offered = ", ".join(offer.extension for offer in _formats(query))
        detail = gettext(
            "'%(name)s' comes as %(offered)s, not as %(asked)s.", name=stem, offered=offered, asked=extension
        )
        raise HTTPProblem(HTTPStatus.NOT_FOUND, detail)
    return query, extension or None


def _suggestion(query: SavedQuery) -> dict[str, str]:
    title = text_of(query.titles) or Name(query.name)
    return {
        "name": query.name,
        "label": title.text,
        "language": title.language,
        "href": links().path(f"query/{query.name}"),
    }


def _given(query: SavedQuery, arguments: MultiDict[str, str], others: set[str]) -> dict[str, str]:
    """The values of the query's parameters; a 400 problem where one is unknown or repeated.

    A form sends what was left empty too: that is no value, except for a text.
    """
    types = {parameter.name: parameter for parameter in query.parameters}
    given = {}
    for name in arguments:
        if name not in types and name not in others:
            suggestions = difflib.get_close_matches(name[:_LONGEST], types)
            fix = gettext_noop("use one of %(known)s") if types else gettext_noop("leave it away")
            if suggestions:
                fix = gettext_noop("did you mean '%(suggestion)s'?")
            variables = {"known": ", ".join(types), "suggestion": next(iter(suggestions), "")}
            message = gettext_noop("'%(query)s' has no parameter '%(parameter)s'")
            raise _problem(ParameterError(name, message, fix, query=query.name, **variables))
        value = sparql_protocol.one(arguments, name) if name != FORMAT else None
        if name in types and value is not None:
            text = types[name].type is Type.STRING and not types[name].optional
            if value or text:
                given[name] = value
    return given


def _problem(error: ParameterError) -> HTTPProblem:
    return HTTPProblem(HTTPStatus.BAD_REQUEST, sentence(error), parameter=error.parameter, fix=remedy(error))


def _formats(query: SavedQuery) -> tuple[Format, ...]:
    """All that an address of the query may be asked for."""
    described = (CSVW,) if query.form == "results" else ()
    return (*_OFFERS[query.form], *CITATIONS, *described)


def _meant(query: SavedQuery, given: Mapping[str, str]) -> tuple[Mapping[str, str], UnclearNameError | None]:
    """The values with IRIs for the names among them; as they are, and why, where one is not enough."""
    try:
        return resolve_names(query, given), None
    except UnclearNameError as error:
        return given, error


def _moved(name: str, arguments: MultiDict[str, str], meant: Mapping[str, str]) -> Response:
    """303 to the address that has the IRIs of what was given by name."""
    parameters = [(key, meant.get(key, value)) for key, value in arguments.items(multi=True)]
    return see_other(current_release().urls.file(f"query/{name}?{urlencode(parameters)}"))


def _bound(asked: Asked) -> str:
    """The query with its values; a problem where one is missing, wrong or not clear."""
    query, error = asked.query, asked.unclear
    if error:
        suggestions = [
            {"iri": iri, "label": name.text, "language": name.language, "href": _address(query, changed)}
            for iri, name, _, changed in _choices(asked.given, error)
        ]
        raise HTTPProblem(HTTPStatus.NOT_FOUND, str(error), parameter=error.parameter, suggestions=suggestions)
    try:
        return bind(query.text, terms(query, asked.given))
    except ParameterError as wrong:
        raise _problem(wrong) from wrong


def _choices(given: Mapping[str, str], error: UnclearNameError) -> list[tuple[str, Name, str | None, dict[str, str]]]:
    """What may be meant: IRI, name, name of its class, and the values with it."""
    return [
        (iri, name, kind, {**given, error.parameter: to_value(iri)}) for iri, name, kind in names_of(error.candidates)
    ]


def _ask(asked: Asked, text: str, table: Presentation | None = None) -> QueryResponse:
    results, graph = (None, asked.choice) if asked.query.form == "graph" else (asked.choice, None)
    question = Request(text, current_release().manifest.base, results, graph, table=table)
    return ask(question, request.environ, asked.seconds)


def _data(asked: Asked) -> Response:
    """The result for programs, spreadsheets and maps."""
    if asked.choice.format not in _DESCRIBED and not (asked.choice.format is RESULTS_CSV and asked.names):
        return complete(_ask(asked, _bound(asked)), str)
    _bound(asked)  # what is wrong with the values that came is said of these
    query, given = asked.query, for_reader(asked.query, asked.given)
    text = bind(query.text, terms(query, given))
    table = presentation(query, given, text, _citation(query, given), names=asked.names)
    response = complete(_ask(asked, text, table), str)
    if not chosen_language():
        response.vary.add("Accept-Language")
    return response


def _page(asked: Asked) -> Response:
    """The form and the result; the form alone, where a value has to be given and none is."""
    query, choice, error = asked.query, asked.choice, asked.unclear
    if error:
        choices = [
            (name, kind, page_address(query, changed)) for _, name, kind, changed in _choices(asked.given, error)
        ]
        return _failed(choice, HTTPStatus.NOT_FOUND, saved_page(query, asked.given, {}, fault=error, choices=choices))
    missing = not asked.given and any(parameter.required for parameter in query.parameters)
    given = for_reader(query, asked.given)
    offers = [offer for offer in _OFFERS[query.form] if offer is not HTML]
    addresses = {offer: _address(query, given, offer) for offer in offers}
    addresses |= {offer: page_address(query, given, offer) for offer in _DESCRIBED if offer in addresses}
    if missing:
        return answer(choice, lambda: saved_page(query, given, addresses))
    try:
        text = bind(query.text, terms(query, given))
    except ParameterError as wrong:
        return _failed(choice, HTTPStatus.BAD_REQUEST, saved_page(query, given, addresses, fault=wrong))

    def make(answered: QueryResponse) -> str:
        lang = {LANGUAGE: tag} if (tag := chosen_language()) else {}
        citation = forms(_citation(query, given), lambda form: _address(query, {**given, **lang}, form))
        return saved_page(query, given, addresses, text, answered, citation=citation, names=asked.names)

    return complete(_ask(asked, text), make)


def _failed(choice: NegotiatedFormat, status: HTTPStatus, body: str) -> Response:
    response = Response(body, status)
    response.content_type = choice.content_type
    response.cache_control.no_store = True
    return response


def _cited(asked: Asked) -> Response:
    """How the answer to these values is cited; a problem where one is missing, wrong or not clear."""
    _bound(asked)
    query = asked.query
    return citation_answer(asked.choice, lambda: _citation(query, for_reader(query, asked.given)))


def _described(asked: Asked) -> Response:
    """What the CSV of the result is, for programs."""
    query, text = asked.query, _bound(asked)
    page_of = replace(asked, choice=NegotiatedFormat.of(HTML))
    table, _ = read(_ask(page_of, text))
    urls = current_release().urls
    address = urls.canonical(_address(query, asked.given, RESULTS_CSV))
    return answer(
        asked.choice, lambda: to_json(csv_metadata(query, asked.given, address, _citation(query, asked.given), table))
    )


_RESPONSES = {HTML: _page, CSVW: _described, **dict.fromkeys(CITATIONS, _cited)}


def _citation(query: SavedQuery, given: Mapping[str, str]) -> Citation:
    title = text_of(query.titles)
    return cite(_address(query, given), title.text if title else query.name)


def _address(query: SavedQuery, given: Mapping[str, str], offer: Format | None = None) -> str:
    """The URL of the answer, negotiated or in one format."""
    extension = f".{offer.extension}" if offer else ""
    parameters = f"?{urlencode(given)}" if given else ""
    return current_release().urls.file(f"query/{query.name}{extension}{parameters}")
