"""The query endpoint: the SPARQL 1.1 Protocol, its query operations (https://www.w3.org/TR/sparql11-protocol/)."""

from __future__ import annotations

import os
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import parse_qsl

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict
from werkzeug.wsgi import FileWrapper

from core.formats import (
    HTML,
    JSON_LD,
    N_QUADS,
    N_TRIPLES,
    RDF_XML,
    RESULT_FORMATS,
    TRIG,
    TURTLE,
    Format,
)
from server import guard, pool
from server.graphs import OFFERS as DESCRIPTION_OFFERS
from server.graphs import to_bytes
from server.negotiation import Choice, by_name, negotiate
from server.pages import page, publication
from server.problems import Problem, not_acceptable
from server.service_description import describe
from server.web import answer, chosen, conditional_answer
from server.worker import Request as Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.pool import Answer

RESULTS = RESULT_FORMATS
GRAPHS = (TURTLE, N_TRIPLES, RDF_XML, JSON_LD, TRIG, N_QUADS)

_FORM = "application/x-www-form-urlencoded"
_QUERY = "application/sparql-query"
_UPDATE = "application/sparql-update"
_RETRY_SECONDS = "5"

blueprint = Blueprint("sparql", __name__)


@blueprint.get("/sparql")
def get() -> Response:
    """Query by GET; without one, the form for people and the service description for machines."""
    if "query" in request.args or "update" in request.args:
        return _run(request.args)
    choice = chosen(DESCRIPTION_OFFERS)
    if choice.format is HTML:
        response = answer(choice, _form)
    else:
        response = answer(choice, lambda: to_bytes(describe(publication().manifest), choice.format))
    response.vary.add("Accept")
    return response


@blueprint.post("/sparql")
def post() -> Response:
    """Query by POST, as a form or directly."""
    if request.mimetype == _FORM:
        return _run(_form_values())
    if request.mimetype == _QUERY:
        arguments = request.args.copy()
        if "query" in arguments:
            raise Problem(HTTPStatus.BAD_REQUEST, "The query is in the body; there is another one in the address.")
        arguments["query"] = _text(_body())
        return _run(arguments)
    if request.mimetype == _UPDATE:
        _refuse_update()
    raise Problem(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        f"A query comes as {_FORM} or as {_QUERY}.",
        headers={"Accept": f"{_FORM}, {_QUERY}"},
    )


def _body() -> bytes:
    limit = publication().pool.query_length
    if (request.content_length or 0) > limit:
        _too_long(limit)
    data = request.stream.read(limit + 1)  # where no length is given, or a wrong one
    if len(data) > limit:
        _too_long(limit)
    return data


def _too_long(limit: int) -> NoReturn:
    raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A query may have {limit} bytes.")


def _text(data: bytes) -> str:
    charset = request.mimetype_params.get("charset", "utf-8")
    if charset.lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "A query is UTF-8.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"The query is not UTF-8, at byte {error.start}.") from error


def _form_values() -> MultiDict[str, str]:
    try:
        pairs = parse_qsl(_text(_body()), keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"The form cannot be read: {error}.") from error
    return MultiDict(pairs)


def _run(arguments: MultiDict[str, str]) -> Response:
    query, results, graph = _query(arguments)
    variant = (query.query, results.media_type if results else "", graph.media_type if graph else "")
    graphs = tuple("\n".join(g) if g is not None else "-" for g in (query.default_graphs, query.named_graphs))
    if request.method == "POST":
        response = _evaluate(query, results, graph)
    else:
        response = conditional_answer((*variant, *graphs), lambda: _evaluate(query, results, graph))
    response.vary.add("Accept")
    return response


def _evaluate(query: Query, results: Choice | None, graph: Choice | None) -> Response:
    answered = _ask(query)
    choice = next(c for c in (results, graph) if c is not None and c.format is answered.format)
    response = _response(answered)
    response.content_type = choice.content_type
    return response


def _query(arguments: MultiDict[str, str]) -> tuple[Query, Choice | None, Choice | None]:
    """What is asked, and the formats in which results and graphs are accepted."""
    if "update" in arguments:
        _refuse_update()
    queries = arguments.getlist("query")
    if len(queries) != 1 or not queries[0].strip():
        found = "none" if not any(queries) else f"{len(queries)}"
        raise Problem(HTTPStatus.BAD_REQUEST, f"A request has one 'query'; this one has {found}.")
    if guard.asks_elsewhere(queries[0]):
        raise Problem(HTTPStatus.FORBIDDEN, "This endpoint queries its own data alone: SERVICE is not allowed.")
    results, graph = _formats(arguments.get("format"))
    dataset = {name: tuple(arguments.getlist(f"{name}-graph-uri")) for name in ("default", "named")}
    given = any(dataset.values())  # then it replaces what the query says of its dataset (Protocol, 2.1.4)
    query = Query(
        queries[0],
        publication().manifest.base,
        results.format.extension if results else None,
        graph.format.extension if graph else None,
        dataset["default"] if given else None,
        dataset["named"] if given else None,
    )
    return query, results, graph


def _formats(name: str | None) -> tuple[Choice | None, Choice | None]:
    if name:
        found = by_name(name, RESULTS), by_name(name, GRAPHS)
        if not any(found):
            raise not_acceptable((*RESULTS, *GRAPHS))
        results, graph = (Choice(f, f.media_type) if f else None for f in found)
        return results, graph
    accept = request.headers.get("Accept")
    results, graph = negotiate(accept, RESULTS), negotiate(accept, GRAPHS)
    if results is None and graph is None:
        raise not_acceptable((*RESULTS, *GRAPHS))
    return results, graph


def _ask(query: Query) -> Answer:
    """Run the query; every fault becomes the problem that says what to do about it."""
    try:
        return publication().pool.run(query)
    except pool.SyntaxFault as error:
        place: dict[str, Any] = {"line": error.line, "column": error.column} if error.line else {}
        raise Problem(HTTPStatus.BAD_REQUEST, f"The query is not SPARQL: {error}", **place) from error
    except pool.FormatFault as error:
        raise not_acceptable(RESULTS if error.form == "results" else GRAPHS) from error
    except (pool.TimeFault, pool.BusyFault) as error:
        raise _unavailable(str(error), {"Retry-After": _RETRY_SECONDS}) from error
    except (pool.MemoryFault, pool.SizeFault) as error:
        raise _unavailable(str(error), {}) from error
    except pool.EvaluationFault as error:
        raise Problem(HTTPStatus.INTERNAL_SERVER_ERROR, f"{_sentence(str(error))}") from error


def _unavailable(detail: str, headers: dict[str, str]) -> Problem:
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, _sentence(detail), headers=headers)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _response(answered: Answer) -> Response:
    """The whole answer is there before its first byte is sent: its length is told, so that a cut one shows."""
    if isinstance(answered.body, bytes):
        return Response(answered.body)
    file = os.fdopen(answered.body, "rb")
    response = Response(FileWrapper(file, 1 << 16), direct_passthrough=True)
    response.content_length = answered.size
    return response


def _refuse_update() -> NoReturn:
    raise Problem(HTTPStatus.FORBIDDEN, "The data are read-only: there is no update.")


def _form() -> str:
    def names(formats: Sequence[Format]) -> list[tuple[str, str]]:
        return [(f.extension, f.name.removeprefix("SPARQL Results in ")) for f in formats]

    return page("sparql.html", title="SPARQL", results=names(RESULTS), graphs=names(GRAPHS))
