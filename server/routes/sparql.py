"""The query endpoint: the SPARQL 1.1 Protocol, its query operations (https://www.w3.org/TR/sparql11-protocol/)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from core.formats import HTML, JSON_LD, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE
from server.http.context import current_release, request_context
from server.http.languages import gettext
from server.http.queries import complete, to_problem
from server.http.responses import answer, chosen_or_named, describe_service
from server.pages.graphs import to_document
from server.pages.page import page
from server.pages.results import explanation_page, results_page
from server.query.errors import with_declaration
from server.query.responder import EXPLANATION, GRAPHS, RESULTS, SERVICE
from server.routes.service_description import describe, summary
from server.semantics import sparql_protocol

if TYPE_CHECKING:
    from server.query.answers import QueryResponse

DESCRIPTION = (TURTLE, HTML, N_TRIPLES, RDF_XML, JSON_LD, TRIG, N_QUADS)

blueprint = Blueprint("sparql", __name__)


@blueprint.get("/sparql")
def get() -> Response:
    """Query by GET; without one, the description of the service, for machines or as a page."""
    outcome = _outcome()
    if outcome is not None and outcome.form != SERVICE:
        return _respond(outcome)
    arguments = sparql_protocol.from_address(request.environ)
    choice = chosen_or_named(DESCRIPTION, sparql_protocol.formats(arguments))
    release = current_release()
    limits = release.pool.limits
    if choice.format is HTML:
        response = answer(choice, _page, str(limits))
    else:
        endpoint, asked = _addresses()
        response = answer(
            choice,
            lambda: to_document(describe(release, endpoint, asked), choice.format),
            str(limits),
            asked,
        )
    response.vary.add("Accept")
    response.headers["Accept-Query"] = f"{sparql_protocol.QUERY}, {sparql_protocol.FORM}"
    return describe_service(response)


def _addresses() -> tuple[str, str]:
    """The canonical address of the endpoint, and the one that it is asked at under another host."""
    release = current_release()
    endpoint = f"{release.manifest.base}{release.urls.within}sparql"
    return endpoint, endpoint if request.host in {"", urlsplit(endpoint).netloc} else request.base_url


@blueprint.route("/sparql", methods=["POST", "QUERY"])
def post() -> Response:
    """Query by POST, as a form or directly; or the same by QUERY, which is as safe as GET.

    https://datatracker.ietf.org/doc/draft-ietf-httpbis-safe-method-w-body/
    """
    outcome = _outcome()
    assert outcome is not None  # noqa: S101 - QueryMiddleware hands every one over
    return _respond(outcome)


def _outcome() -> QueryResponse | None:
    """What has come of the query operation, None where there is none; raises the problem that it may be."""
    context = request_context()
    if isinstance(context.outcome, Exception):
        raise with_declaration(to_problem(context.outcome), current_release().manifest.prefixes)
    return context.outcome


def _respond(outcome: QueryResponse) -> Response:
    """The page of what has come of the operation."""
    return _explanation(outcome) if outcome.form == EXPLANATION else complete(outcome, _results)


def _explanation(outcome: QueryResponse) -> Response:
    """What became of the query, with the times that it took, as JSON or as a page: another one each time."""
    assert isinstance(outcome.body, bytes)  # noqa: S101 - made in memory
    explanation = json.loads(outcome.body)
    explanation["milliseconds"] = {name: round(seconds * 1000, 3) for name, seconds in outcome.times.items()}
    is_page = outcome.fields["Content-Type"] == HTML.content_type
    response = Response(explanation_page(explanation, outcome.parameters) if is_page else json.dumps(explanation))
    response.headers.update(outcome.fields)
    response.cache_control.no_store = True
    response.vary.update(("Accept", "Accept-Language"))
    return response


def _results(answer: QueryResponse) -> str:
    offers = GRAPHS if answer.form == "graph" else RESULTS
    names = sparql_protocol.asks_for_names(MultiDict(answer.parameters))
    path = current_release().urls.path("sparql")
    return results_page(answer, gettext("Results"), offers, path, answer.parameters, names=names)


def _page() -> str:
    release = current_release()
    service = summary(release.manifest, release.pool.limits)
    return page("sparql.html", title=gettext("SPARQL endpoint"), results=RESULTS, graphs=GRAPHS, service=service)
