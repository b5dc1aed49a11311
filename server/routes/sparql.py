"""The query endpoint: the SPARQL 1.1 Protocol, its query operations (https://www.w3.org/TR/sparql11-protocol/)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from core.formats import HTML, JSON_LD, N_QUADS, N_TRIPLES, RDF_XML, RESULT_FORMATS, TRIG, TURTLE
from server.http import sparql_protocol
from server.http.context import current_release
from server.http.languages import gettext, languages
from server.http.negotiation import NegotiatedFormat, by_name, negotiate
from server.http.problems import HTTPProblem, not_acceptable
from server.http.queries import Offers, data_response, query_response
from server.http.responses import answer, chosen_or_named, describe_service
from server.pages.graphs import to_document
from server.pages.page import page
from server.pages.results import results_page
from server.query.engine import Request as Query
from server.routes.service_description import describe, summary

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from server.query.answers import Answer

GRAPHS = (TURTLE, N_TRIPLES, RDF_XML, JSON_LD, TRIG, N_QUADS, HTML)
RESULTS = (*RESULT_FORMATS, HTML)
ANSWERS = Offers(RESULTS, GRAPHS)
DESCRIPTION = (TURTLE, HTML, N_TRIPLES, RDF_XML, JSON_LD, TRIG, N_QUADS)

# A request with one of these is a query operation, if perhaps a wrong one; without, it asks about the service.
_OPERATION = frozenset({"query", "update", "default-graph-uri", "named-graph-uri", "timeout"})

blueprint = Blueprint("sparql", __name__)


@blueprint.get("/sparql")
def get() -> Response:
    """Query by GET; without one, the description of the service, for machines or as a page."""
    arguments = sparql_protocol.from_address()
    if _OPERATION & set(arguments):
        return _run(arguments)
    choice = chosen_or_named(DESCRIPTION, sparql_protocol.formats(arguments))
    release = current_release()
    limits = release.pool.limits
    if choice.format is HTML:
        response = answer(choice, _page, str(limits))
    else:
        endpoint, asked = _addresses()
        response = answer(
            choice,
            lambda: to_document(describe(release.manifest, limits, endpoint, asked), choice.format),
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
    return _run(sparql_protocol.from_body())


def _run(arguments: MultiDict[str, str]) -> Response:
    query, results, graph = _query(arguments)
    seconds = sparql_protocol.seconds(arguments)

    def make(answer: Answer) -> Response:
        choice = graph if answer.form == "graph" else results
        if choice is None:
            raise ValueError(f"the answer is a {answer.form}, which is not accepted")
        if choice.format is not HTML:
            return data_response(answer, choice)
        offers = GRAPHS if answer.form == "graph" else RESULTS
        again = [(k, v) for k, v in arguments.items(multi=True) if k != "format"]
        content = results_page(answer, "Results", offers, current_release().urls.path("sparql"), again)
        return Response(content, content_type=choice.content_type)

    may_be_page = HTML in {choice.format for choice in (results, graph) if choice}
    variant = _variant(query, results, graph)
    response = query_response(query, (*variant, *languages()) if may_be_page else variant, make, ANSWERS, seconds)
    response.vary.update(("Accept", "Accept-Language") if may_be_page else ("Accept",))
    return response


def _variant(query: Query, results: NegotiatedFormat | None, graph: NegotiatedFormat | None) -> tuple[str, ...]:
    """What the answer depends on besides the release."""
    graphs = ("\n".join(g) if g is not None else "-" for g in (query.default_graphs, query.named_graphs))
    return (query.query, results.name if results else "", graph.name if graph else "", *graphs)


def _query(arguments: MultiDict[str, str]) -> tuple[Query, NegotiatedFormat | None, NegotiatedFormat | None]:
    """The query of the request, and the accepted formats of results and of graphs."""
    if "update" in arguments:
        sparql_protocol.refuse_update()
    text = sparql_protocol.one(arguments, "query")
    if text is None or not text.strip():
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, gettext("A request has one 'query'; this one has none."))
    results, graph = _formats(sparql_protocol.formats(arguments))
    dataset = {name: tuple(dict.fromkeys(arguments.getlist(f"{name}-graph-uri"))) for name in ("default", "named")}
    given = any(dataset.values())  # then it replaces what the query says of its dataset (Protocol, 2.1.4)
    query = Query(
        text,
        current_release().manifest.base,
        results.format.extension if results else None,
        graph.format.extension if graph else None,
        dataset["default"] if given else None,
        dataset["named"] if given else None,
        reifiers=graph is not None and graph.asks_for_rdf_1_2,
        version=sparql_protocol.version(arguments),
    )
    return query, results, graph


def _formats(name: str | None) -> tuple[NegotiatedFormat | None, NegotiatedFormat | None]:
    if name:
        found = by_name(name, RESULTS), by_name(name, GRAPHS)
        if not any(found):
            raise not_acceptable((*RESULTS, *GRAPHS))
        results, graph = (NegotiatedFormat(f, f.media_type) if f else None for f in found)
        return results, graph
    accept = request.headers.get("Accept")
    results, graph = negotiate(accept, RESULTS), negotiate(accept, GRAPHS)
    if results is None and graph is None:
        raise not_acceptable((*RESULTS, *GRAPHS))
    return results, graph


def _page() -> str:
    release = current_release()
    names: dict[str, Any] = {
        kind: [(f.extension, f.name.removeprefix("SPARQL Results in ")) for f in formats]
        for kind, formats in (("results", RESULTS), ("graphs", GRAPHS))
    }
    return page("sparql.html", title="SPARQL", **names, service=summary(release.manifest, release.pool.limits))
